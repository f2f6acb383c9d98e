from typing import Any

from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column, DateColumn, StatusTagColumn, TitleColumn

from accounts.admin import WorkspaceViewSet
from audience.models import Contact
from audience.people.acts import BulkView, CsvView
from audience.people.filters import ContactFilterSet
from audience.people.forms import ContactForm
from audience.people.proof import ProofView
from audience.people.rights import EraseView, ExportView, MergeView, NumberView
from audience.people.views import (
    ContactEditView,
    ContactIndexView,
    ContactInspectView,
    FindView,
    standing_word,
)
from audience.queries import YES


class TickColumn(Column):
    """A box that belongs to the form under the table."""

    def get_value(self, instance: Contact) -> Any:
        return format_html(
            '<input type="checkbox" name="contact" value="{}" form="bulk" aria-label="{}">',
            instance.pk,
            _("Choose %(name)s") % {"name": instance},
        )


def may_be_written_to(contact: Any) -> bool:
    return contact.latest_act in YES and not (contact.said_no or contact.is_blocked)


def page_of(contact: Contact) -> str:
    return reverse("audience_contacts:inspect", args=[contact.pk])


def names_of(relation: str) -> Any:
    return lambda contact: ", ".join(map(str, getattr(contact, relation).all()))


class ContactViewSet(WorkspaceViewSet):
    """Contacts are looked at on a page of their own, changed in a form, and erased rather than deleted."""

    model = Contact
    name = "contacts"
    url_namespace = "audience_contacts"
    url_prefix = "audience/contacts"
    icon = "user"
    menu_label = _("Contacts")
    base_form_class = ContactForm
    index_view_class = ContactIndexView
    edit_view_class = ContactEditView
    inspect_view_class = ContactInspectView
    inspect_view_enabled = True
    index_template_name = "audience/contact/index.html"
    index_results_template_name = "audience/contact/index_results.html"
    inspect_template_name = "audience/contact/inspect.html"
    filterset_class = ContactFilterSet
    search_fields = ["first_name"]
    list_display = [
        TickColumn("tick", label=" "),
        TitleColumn("name", label=_("Contact"), accessor=str, get_url=page_of),
        Column("phone_hint", label=_("Mobile number")),
        Column("lists", label=_("Lists"), accessor=names_of("lists"), classname="ch-hide-s"),
        Column("tags", label=_("Tags"), accessor=names_of("tags"), classname="ch-hide-s"),
        StatusTagColumn("standing", label=_("Marketing"), accessor=standing_word, primary=may_be_written_to),
        DateColumn("last_active_at", label=_("Last active"), sort_key="last_active_at", classname="ch-hide-s"),
        DateColumn("created_at", label=_("Added"), sort_key="created_at", classname="ch-hide-s"),
    ]

    def get_urlpatterns(self) -> list[URLPattern]:
        patterns = [pattern for pattern in super().get_urlpatterns() if pattern.name != "delete"]
        return [
            *patterns,
            path("delete/<int:pk>/", EraseView.as_view(), name="delete"),
            path("number/<int:pk>/", NumberView.as_view(), name="number"),
            path("export/<int:pk>/", ExportView.as_view(), name="export"),
            path("proof/<int:pk>/", ProofView.as_view(), name="proof"),
            path("merge/<int:pk>/", MergeView.as_view(), name="merge"),
            path("many/", BulkView.as_view(), name="bulk"),
            path("find/", FindView.as_view(), name="find"),
            path("csv/", CsvView.as_view(), name="csv"),
        ]
