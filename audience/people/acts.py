"""Acts on many contacts: the ticked ones, or all that a search finds; asked once more before they happen."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet
from django.http import Http404, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from accounts.admin import WorkspaceViewMixin
from accounts.models import OWNER_ONLY, Role
from accounts.requests import MemberRequest
from audience.models import AuditEntry, Contact, ContactList, Tag
from audience.people.export import csv_lines
from audience.people.filters import ContactFilterSet
from audience.people.forms import ReasonForm
from audience.queries import contacts_like
from audience.services import lists
from audience.services.audit import note

TICKED_AT_MOST = 1_000


@dataclass(frozen=True)
class Act:
    """What is done with the contacts and a list or a tag, in words that end with its name."""

    model: type[Model]
    label: str | Promise
    run: Callable[[QuerySet[Contact], Any], int]


ACTS = {
    "list": Act(
        ContactList, gettext_lazy("Add to the list"), lambda who, to: lists.add_to_list(contacts=who, contact_list=to)
    ),
    "unlist": Act(
        ContactList,
        gettext_lazy("Take from the list"),
        lambda who, to: lists.remove_from_list(contacts=who, contact_list=to),
    ),
    "tag": Act(Tag, gettext_lazy("Add the tag"), lambda who, to: lists.add_tag(contacts=who, tag=to)),
    "untag": Act(Tag, gettext_lazy("Take the tag off"), lambda who, to: lists.remove_tag(contacts=who, tag=to)),
}


def chosen_contacts(request: MemberRequest) -> QuerySet[Contact]:
    """The ticked contacts, or all that the search finds that the form repeats."""
    if not request.POST.get("all"):
        ticked = [int(pk) for pk in request.POST.getlist("contact") if pk.isdecimal()][:TICKED_AT_MOST]
        return Contact.objects.filter(pk__in=ticked)
    return found_by(QueryDict(request.POST.get("query", "")), request)


def found_by(query: QueryDict, request: MemberRequest) -> QuerySet[Contact]:
    """What the list shows for this query."""
    filters = ContactFilterSet(query, queryset=Contact.objects.all(), request=request)
    words = query.get("q", "")
    found = filters.qs if filters.is_valid() else Contact.objects.none()
    return contacts_like(found, words).distinct() if words else found.distinct()


class ManyView(WorkspaceViewMixin, WagtailAdminTemplateMixin, TemplateView):
    """A page about many contacts, below their list."""

    request: MemberRequest

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        return [
            *super().get_breadcrumbs_items(),
            {"url": reverse("audience_contacts:index"), "label": _("Contacts")},
            {"url": "", "label": self.get_page_title()},
        ]


class BulkView(ManyView):
    """The first POST asks, the second one does it."""

    roles = frozenset({Role.OWNER, Role.MARKETER})
    http_method_names = ["post"]
    template_name = "audience/contact/bulk.html"
    page_title = gettext_lazy("Many contacts")
    header_icon = "group"

    def post(self, request: MemberRequest) -> HttpResponse:
        name, _colon, pk = request.POST.get("act", "").partition(":")
        if name not in ACTS or not pk.isdecimal():
            messages.error(request, _("Choose what to do with these contacts."))
            return redirect("audience_contacts:index")
        act = ACTS[name]
        target = get_object_or_404(act.model._default_manager, pk=pk)
        contacts = chosen_contacts(request)
        if not contacts.exists():
            messages.error(request, _("Tick the contacts first."))
            return redirect("audience_contacts:index")
        if "confirm" not in request.POST:
            return self.ask(act, target, contacts.count())
        return self.done(act.run(contacts, target))

    def ask(self, act: Act, target: Model, count: int) -> HttpResponse:
        kept = [
            (name, value) for name in ("act", "all", "query", "contact") for value in self.request.POST.getlist(name)
        ]
        question = ngettext(
            "%(act)s “%(target)s”: %(count)s contact?", "%(act)s “%(target)s”: %(count)s contacts?", count
        )
        context = self.get_context_data(
            kept=kept, question=question % {"act": act.label, "target": target, "count": count}
        )
        return self.render_to_response(context)

    def done(self, changed: int) -> HttpResponse:
        words = ngettext("%(count)s contact changed.", "%(count)s contacts changed.", changed)
        messages.success(self.request, words % {"count": changed})
        return redirect("audience_contacts:index")


class CsvView(ManyView):
    """Whoever the list shows, as a file with full numbers: for owners, with a reason, noted in the audit log."""

    roles = OWNER_ONLY
    template_name = "audience/contact/csv.html"
    page_title = gettext_lazy("Export contacts")
    header_icon = "download"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        query = self.request.POST.get("query") or self.request.GET.urlencode()
        count = found_by(QueryDict(query), self.request).count()
        kwargs.setdefault("form", ReasonForm())
        return super().get_context_data(query=query, count=count, index=reverse("audience_contacts:index"), **kwargs)

    def post(self, request: MemberRequest) -> HttpResponse | StreamingHttpResponse:
        form = ReasonForm(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form))
        contacts = found_by(QueryDict(request.POST.get("query", "")), request)
        count = contacts.count()
        if not count:
            raise Http404
        note(
            action=AuditEntry.Action.LIST_EXPORTED,
            by=request.user,
            now=timezone.now(),
            count=count,
            reason=form.cleaned_data["reason"],
        )
        lines = csv_lines(Contact.objects.filter(pk__in=contacts.order_by().values("pk")), request.workspace)
        response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
        response.headers["Content-Disposition"] = 'attachment; filename="contacts.csv"'
        response.headers["Cache-Control"] = "no-store"
        return response
