from typing import Any

from django.db import transaction
from django.db.models import Count, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.generic import View
from wagtail.admin.ui.tables import Column, DateColumn, StatusTagColumn
from wagtail.admin.views.generic.models import CreateView, EditView, IndexView, InspectView
from wagtail.admin.viewsets.base import ViewSetGroup

from accounts.admin import WorkspaceViewMixin, WorkspaceViewSet
from accounts.models import Role
from accounts.requests import MemberRequest
from audience.csvfile import write_rejects
from audience.forms import ContactListForm, ImportForm
from audience.models import ContactImport, ContactList
from audience.people.setup import TagViewSet
from audience.people.viewset import ContactViewSet
from audience.queries import reachable
from audience.segments.views import SegmentViewSet
from audience.tasks import import_contacts

IMPORT_COUNTS = [
    ("added", pgettext_lazy("contacts", "Added")),
    ("known", _("Already known")),
    ("rejected", _("Refused")),
]


class ListIndexView(IndexView):
    def get_base_queryset(self) -> QuerySet[ContactList]:
        return super().get_base_queryset().annotate(contact_count=Count("contacts"))


class ListEditView(EditView):
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(reach=reachable(self.object.contacts.all()), **kwargs)


class ListViewSet(WorkspaceViewSet):
    model = ContactList
    name = "lists"
    url_namespace = "audience_lists"
    url_prefix = "audience/lists"
    icon = "list-ul"
    menu_label = _("Lists")
    base_form_class = ContactListForm
    index_view_class = ListIndexView
    edit_view_class = ListEditView
    edit_template_name = "audience/contactlist/edit.html"
    search_fields = ["name"]
    list_display = [
        "name",
        Column("contact_count", label=_("Contacts"), sort_key="contact_count"),
        DateColumn("created_at", label=_("Created"), sort_key="created_at"),
    ]


class ImportIndexView(IndexView):
    def get_base_queryset(self) -> QuerySet[ContactImport]:
        return super().get_base_queryset().select_related("contact_list").defer("content", "rejects")


class ImportCreateView(CreateView):
    page_title = _("Bring in contacts")
    success_message = _("The file “%(object)s” is coming in.")
    submit_button_label = _("Bring in")
    submit_button_active_label = _("Reading…")

    def save_instance(self) -> ContactImport:
        contact_import = super().save_instance()
        transaction.on_commit(lambda: import_contacts.delay(contact_import.pk))
        return contact_import

    def get_success_url(self) -> str:
        return reverse("audience_imports:inspect", args=[self.object.pk])

    def get_success_buttons(self) -> list[Any]:
        return []


class ImportInspectView(InspectView):
    page_title = pgettext_lazy("noun", "Import")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rejects = self.object.rejects
        return super().get_context_data(rejects=rejects[:100], more=len(rejects) - 100, **kwargs)

    def get_template_names(self) -> list[str]:
        """The fragment alone, when the page asks for news of itself."""
        if self.request.headers.get("X-Requested-With"):
            return ["audience/contactimport/progress.html"]
        return super().get_template_names()


class RejectsView(WorkspaceViewMixin, View):
    """The refused lines as CSV, to be mended and brought again."""

    roles = frozenset({Role.OWNER, Role.MARKETER})

    def get(self, request: MemberRequest, pk: int) -> HttpResponse:
        contact_import = get_object_or_404(ContactImport, pk=pk)
        response = HttpResponse(content_type="text/csv; charset=utf-8", charset="utf-8")
        response.headers["Content-Disposition"] = f'attachment; filename="refused-{pk}.csv"'
        response.write("\ufeff")
        write_rejects(response, contact_import.rejects)
        return response


class ImportViewSet(WorkspaceViewSet):
    """Imports are made and looked at, never edited."""

    model = ContactImport
    name = "imports"
    url_namespace = "audience_imports"
    url_prefix = "audience/imports"
    icon = "upload"
    menu_label = _("Imports")
    base_form_class = ImportForm
    index_view_class = ImportIndexView
    add_view_class = ImportCreateView
    create_template_name = "audience/contactimport/create.html"
    inspect_template_name = "audience/contactimport/inspect.html"
    inspect_view_class = ImportInspectView
    inspect_view_enabled = True
    list_display = [
        "file_name",
        Column("contact_list", label=_("List"), classname="ch-hide-s"),
        StatusTagColumn(
            "state",
            label=_("State"),
            accessor="get_state_display",
            primary=lambda item: item.state == ContactImport.State.RUNNING,
        ),
        *(Column(name, label=label) for name, label in IMPORT_COUNTS),
        DateColumn("created_at", label=_("Started"), sort_key="created_at", classname="ch-hide-s"),
    ]

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        absent = {"edit_url_name": None, "delete_url_name": None, "history_url_name": None, "usage_url_name": None}
        return super().get_common_view_kwargs(**absent, **kwargs)

    def get_urlpatterns(self) -> list[URLPattern]:
        kept = {"index", "index_results", "add", "inspect"}
        patterns = [pattern for pattern in super().get_urlpatterns() if pattern.name in kept]
        return [*patterns, path("refused/<int:pk>/", RejectsView.as_view(), name="rejects")]


class AudienceViewSetGroup(ViewSetGroup):
    items = (ContactViewSet, ListViewSet, SegmentViewSet, TagViewSet, ImportViewSet)
    menu_label = _("Audience")
    menu_icon = "group"
    menu_order = 300
