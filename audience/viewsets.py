from typing import Any

from django.db.models import Count, QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.views.generic.models import EditView, IndexView
from wagtail.admin.viewsets.base import ViewSetGroup

from accounts.admin import WorkspaceViewSet
from audience.forms import ContactListForm
from audience.import_views import ImportViewSet
from audience.models import ContactList
from audience.people.blocks import BlockViewSet
from audience.people.setup import TagViewSet
from audience.people.viewset import ContactViewSet
from audience.queries import reachable
from audience.segments.views import SegmentViewSet


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


class AudienceViewSetGroup(ViewSetGroup):
    items = (ContactViewSet, ListViewSet, SegmentViewSet, TagViewSet, ImportViewSet, BlockViewSet)
    menu_label = _("Audience")
    menu_icon = "group"
    menu_order = 300
