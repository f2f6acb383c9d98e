"""The rights of a person: seeing their number, taking their data along, being one contact, being forgotten."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView
from wagtail.admin import messages
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from accounts.admin import WorkspaceViewMixin
from accounts.models import OWNER_ONLY, Role
from accounts.requests import MemberRequest
from audience.models import AuditEntry, Contact
from audience.people.forms import MergeForm, ReasonForm
from audience.people.page import standing_of
from audience.phone import mask
from audience.services.audit import note
from audience.services.erasure import erase_contact
from audience.services.exports import as_json, export_person
from audience.services.merging import agreements_of, differences, merge_contacts, refusals_of

CHANGERS = frozenset({Role.OWNER, Role.MARKETER})


class PersonView(WorkspaceViewMixin, WagtailAdminTemplateMixin, FormView):
    """Something is asked about one contact; the POST does it."""

    request: MemberRequest
    form_class: Any = ReasonForm
    header_icon = "user"

    @property
    def contact(self) -> Contact:
        if not hasattr(self, "_contact"):
            self._contact = get_object_or_404(Contact, pk=self.kwargs["pk"])
        return self._contact

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        return [
            *super().get_breadcrumbs_items(),
            {"url": reverse("audience_contacts:index"), "label": _("Contacts")},
            {"url": self.home(), "label": str(self.contact)},
            {"url": "", "label": self.get_page_title()},
        ]

    def home(self) -> str:
        return reverse("audience_contacts:inspect", args=[self.contact.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(contact=self.contact, home=self.home(), **kwargs)

    def once(self, **context: Any) -> HttpResponse:
        """A page with personal data, that no cache keeps."""
        response = self.render_to_response(self.get_context_data(**context))
        add_never_cache_headers(response)
        return response


class NumberView(PersonView):
    """The full number, to whoever says why."""

    roles = CHANGERS
    template_name = "audience/contact/number.html"
    page_title = gettext_lazy("Show the number")

    def form_valid(self, form: ReasonForm) -> HttpResponse:
        contact, reason = self.contact, form.cleaned_data["reason"]
        note(
            action=AuditEntry.Action.NUMBER_SHOWN,
            by=self.request.user,
            now=timezone.now(),
            contact=contact,
            reason=reason,
        )
        return self.once(number=contact.phone)


class ExportView(PersonView):
    """All that is known of a person, as a page to read and print, or as JSON."""

    roles = OWNER_ONLY
    template_name = "audience/contact/export.html"
    page_title = gettext_lazy("Export personal data")

    def form_valid(self, form: ReasonForm) -> HttpResponse:
        contact = self.contact
        data = export_person(
            contact=contact, by=self.request.user, now=timezone.now(), reason=form.cleaned_data["reason"]
        )
        if self.request.POST.get("as") != "json":
            return self.once(data=data)
        response = HttpResponse(as_json(data), content_type="application/json; charset=utf-8")
        response.headers["Content-Disposition"] = f'attachment; filename="contact-{contact.pk}.json"'
        add_never_cache_headers(response)
        return response


class EraseView(PersonView):
    """Asked once more, with what stays; then the person is forgotten."""

    roles = OWNER_ONLY
    template_name = "audience/contact/erase.html"
    page_title = gettext_lazy("Erase")

    def form_valid(self, form: ReasonForm) -> HttpResponse:
        erase_contact(
            contact=self.contact, by=self.request.user, now=timezone.now(), reason=form.cleaned_data["reason"]
        )
        messages.success(self.request, _("The contact is erased. If they had opted out, their number stays opted out."))
        return redirect("audience_contacts:index")


class MergeView(PersonView):
    """Finds the other contact by its full number, shows what would come of it, and merges on the second POST."""

    roles = CHANGERS
    form_class = MergeForm
    template_name = "audience/contact/merge.html"
    page_title = gettext_lazy("Merge with another contact")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"contact": self.contact}

    def form_valid(self, form: MergeForm) -> HttpResponse:
        kept, gone = form.kept, form.gone
        if "confirm" not in self.request.POST:
            return self.once(form=form, kept=kept, gone=gone, **self._preview(kept, gone))
        merged = merge_contacts(
            kept=kept,
            gone=gone,
            by=self.request.user,
            now=timezone.now(),
            from_gone=self.request.POST.getlist("from_gone"),
        )
        messages.success(self.request, _("Two contacts have become one: %(name)s.") % {"name": merged})
        return redirect("audience_contacts:inspect", merged.pk)

    def _preview(self, kept: Contact, gone: Contact) -> dict[str, Any]:
        return {
            "differences": differences(kept, gone),
            "numbers": (mask(kept.phone), mask(gone.phone)),
            "standings": [(contact, standing_of(contact)) for contact in (kept, gone)],
            "says_no": "marketing" in refusals_of(kept) | refusals_of(gone),
            "agreed": {
                "kept": "marketing" in agreements_of(kept),
                "gone": "marketing" in agreements_of(gone),
            },
        }
