"""The list of contacts and the page of one."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy
from django.views.generic import View
from wagtail.admin import messages
from wagtail.admin.views.generic.models import EditView, IndexView, InspectView

from accounts.admin import WorkspaceViewMixin
from accounts.models import OWNER_ONLY
from accounts.requests import MemberRequest
from audience.models import Contact, ContactList, Tag
from audience.people.page import facts_of, service_standing_of, standing_of, timeline_of
from audience.phone import NotAMobile
from audience.queries import YES, contact_of, contacts_like, with_standing


def standing_word(contact: Any) -> str:
    """May this contact be written to, in words."""
    if contact.said_no:
        return gettext("opted out")
    if contact.is_blocked:
        return gettext("blocked")
    return gettext("agreed") if contact.latest_act in YES else gettext("no consent")


class ContactIndexView(IndexView):
    request: MemberRequest

    def get_base_queryset(self) -> QuerySet[Contact]:
        return with_standing(super().get_base_queryset()).defer("phone").prefetch_related("lists", "tags")

    def search_queryset(self, queryset: QuerySet[Contact]) -> QuerySet[Contact]:
        return contacts_like(queryset, self.search_query) if self.is_searching else queryset

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        query = self.request.GET.copy()
        query.pop("p", None)
        return super().get_context_data(
            bulk_lists=ContactList.objects.order_by("name"),
            bulk_tags=Tag.objects.order_by("name"),
            query=query.urlencode(),
            may_change=self.request.role in Contact.changed_by,
            is_owner=self.request.role in OWNER_ONLY,
            **kwargs,
        )


class ContactInspectView(InspectView):
    request: MemberRequest
    page_title = gettext_lazy("Contact")
    header_more_buttons: list[Any] = []  # they stand on the page

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        items = super().get_breadcrumbs_items()
        return [*items[:-2], {"url": "", "label": str(self.object)}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        contact, now = self.object, timezone.now()
        return super().get_context_data(
            standing=standing_of(contact),
            service_standing=service_standing_of(contact),
            facts=facts_of(contact, now),
            timeline=timeline_of(contact),
            may_change=self.request.role in Contact.changed_by,
            is_owner=self.request.role in OWNER_ONLY,
            **kwargs,
        )


class ContactEditView(EditView):
    def get_success_url(self) -> str:
        return reverse("audience_contacts:inspect", args=[self.object.pk])

    def get_success_buttons(self) -> list[Any]:
        return []


class FindView(WorkspaceViewMixin, View):
    """From a number to its contact, by POST: a number in an address would stay in histories and logs."""

    http_method_names = ["post"]

    def post(self, request: MemberRequest) -> HttpResponse:
        try:
            contact = contact_of(workspace=request.workspace, phone=request.POST.get("number", ""))
        except NotAMobile:
            contact = None
        if contact is None:
            messages.warning(request, gettext("No contact has this number."))
            return redirect("audience_contacts:index")
        return redirect("audience_contacts:inspect", contact.pk)
