"""Where Wagtail lets us narrow what it shows: choosers, its own API, documents, home and reports."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.urls import URLResolver, include, path, reverse_lazy
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.api.v2.router import WagtailAPIRouter
from wagtail.documents import get_document_model
from wagtail.documents.api.admin.views import DocumentsAdminAPIViewSet
from wagtail.images.api.admin.views import ImagesAdminAPIViewSet
from wagtail.models import Page, PageQuerySet, ReferenceIndex

from accounts.menu import OwnersMenuItem, WorkspaceSwitch
from accounts.queries import rows_of
from accounts.requests import SiteRequest

# They list what a user edited or locked, in whichever workspace.
STOCK_PANELS = {"locked_pages", "recent_edits", "user_objects_in_workflow_moderation", "workflow_objects_to_moderate"}


@hooks.register("construct_page_chooser_queryset")
def choose_own_pages(pages: PageQuerySet, request: SiteRequest) -> PageQuerySet:
    if request.user.is_superuser or request.workspace is None:
        return pages
    return pages & rows_of(request.workspace, Page)


class OwnFiles:
    """Mixin for Wagtail's admin API of files: those of the workspace one stands in."""

    request: Any
    model: Any

    def get_queryset(self) -> QuerySet[Any]:
        queryset = super().get_queryset()  # type: ignore[misc]
        if self.request.user.is_superuser:
            return queryset
        return queryset.filter(pk__in=rows_of(self.request.workspace, self.model).values("pk"))


class OwnImages(OwnFiles, ImagesAdminAPIViewSet):
    """Images of the workspace."""


class OwnDocuments(OwnFiles, DocumentsAdminAPIViewSet):
    """Documents of the workspace."""


@hooks.register("construct_admin_api", order=100)
def serve_own_files(router: WagtailAPIRouter) -> None:
    """After Wagtail has registered its own under the same names."""
    router.register_endpoint("images", OwnImages)
    router.register_endpoint("documents", OwnDocuments)


@hooks.register("before_serve_document")
def refuse_foreign_documents(document: Any, request: SiteRequest) -> None:
    """A document is for its workspace, and for everybody once a published page points to it."""
    is_own = request.workspace and rows_of(request.workspace, get_document_model()).filter(pk=document.pk).exists()
    if not (is_own or request.user.is_superuser or is_published(document)):
        raise Http404


def is_published(document: Any) -> bool:
    references = ReferenceIndex.get_references_to(document).values_list("object_id", flat=True)
    return Page.objects.live().filter(pk__in=[int(pk) for pk in references if pk.isdigit()]).exists()


@hooks.register("construct_homepage_panels")
def drop_stock_panels(request: SiteRequest, panels: list[Any]) -> None:
    panels[:] = [panel for panel in panels if getattr(panel, "name", "") not in STOCK_PANELS]


@hooks.register("construct_reports_menu")
def drop_stock_reports(request: SiteRequest, items: list[MenuItem]) -> None:
    """The firewall closes them to members."""
    if not request.user.is_superuser:
        items.clear()


@hooks.register("register_admin_urls")
def workspace_urls() -> list[URLResolver]:
    return [path("workspace/", include("accounts.urls"))]


@hooks.register("register_admin_menu_item")
def workspace_switch() -> WorkspaceSwitch:
    return WorkspaceSwitch(_("Workspace"), "#", name="workspace-switch", icon_name="site", order=1)


@hooks.register("register_settings_menu_item")
def workspace_settings() -> OwnersMenuItem:
    return OwnersMenuItem(_("Workspace"), reverse_lazy("accounts:settings"), name="workspace", icon_name="cog", order=1)


@hooks.register("register_settings_menu_item")
def team() -> OwnersMenuItem:
    return OwnersMenuItem(_("Team"), reverse_lazy("accounts:team"), name="team", icon_name="group", order=2)
