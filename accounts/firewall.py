"""Closes the doors of stock Wagtail that would show one workspace to another.

Wagtail asks what a user may *change*; several of its screens show what everybody has. Those that nobody here needs are
closed, those that are needed get only ids of the workspace one stands in. `tests/test_tenancy_walk.py` knocks at
every door. Operators (superusers) pass: they keep the house, not a shop.
"""

from collections.abc import Callable
from typing import Any

from django.db.models import Model
from django.http import Http404, HttpResponseBase
from django.shortcuts import render
from django.urls import ResolverMatch, reverse
from wagtail.admin.views.bulk_action.registry import bulk_action_registry
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Page

from accounts.models import Workspace
from accounts.queries import rows_of
from accounts.requests import MemberRequest, SiteRequest

Image, Document = get_image_model(), get_document_model()

# Screens about the whole installation.
CLOSED_SPACES = {
    "wagtailadmin_collections",
    "wagtailadmin_reports",
    "wagtailadmin_workflows",
    "wagtailsettings",
    "wagtailsites",
    "wagtailsnippets",
    "wagtailusers_groups",
    "wagtailusers_users",
}
# Screens that name rows of everybody.
CLOSED_VIEWS = {
    "wagtailadmin_error_test",
    "wagtailadmin_pages:set_privacy",
    "wagtailadmin_pages:type_use",
    "wagtailadmin_pages:type_use_results",
    "wagtailadmin_tag_autocomplete",
    "wagtailadmin_tag_model_autocomplete",
}
# What the ids in Wagtail's addresses mean: by argument, and by namespace where the argument is just `pk`.
MODEL_OF_ARGUMENT: dict[str, type[Model]] = {
    "page_id": Page,
    "parent_page_id": Page,
    "page_to_move_id": Page,
    "destination_id": Page,
    "image_id": Image,
    "document_id": Document,
    "doc_id": Document,
}
MODEL_OF_NAMESPACE: dict[str, type[Model]] = {
    "wagtailadmin_pages": Page,
    "wagtailadmin_api:pages": Page,
    "wagtailadmin_api:images": Image,
    "wagtailadmin_api:documents": Document,
    "wagtailimages_chooser": Image,
    "wagtaildocs_chooser": Document,
}
# Where a page shall go, in the body of a form.
PAGES_IN_BODY = {"new_parent_page", "parent_page"}
# Views that take any number of `?id=`.
MODEL_OF_LIST: dict[str, type[Model]] = {
    "wagtailadmin_choose_page_chosen_multiple": Page,
    "wagtailimages_chooser:chosen_multiple": Image,
    "wagtaildocs_chooser:chosen_multiple": Document,
}
MODEL_OF_BULK_ACTION: dict[str, type[Model]] = {model._meta.label_lower: model for model in (Page, Image, Document)}
# The root page carries the workspace: it is opened and filled, never moved, renamed or deleted.
ROOT_PAGE_VIEWS = {
    "wagtailadmin_explore",
    "wagtailadmin_explore_results",
    "wagtailadmin_choose_page_child",
    "wagtailadmin_pages:add",
    "wagtailadmin_pages:add_subpage",
    "wagtailadmin_pages:preview_on_add",
    "wagtailadmin_pages:move_confirm",
    "wagtailadmin_api:pages:detail",
}
# Open to somebody who is signed in and stands nowhere.
WITHOUT_WORKSPACE = {
    "wagtailadmin_account",
    "wagtailadmin_javascript_catalog",
    "wagtailadmin_login",
    "wagtailadmin_logout",
    "wagtailadmin_sprite",
}


class TenantFirewallMiddleware:
    """Looks at the address and its ids before the view runs; stands after `WorkspaceMiddleware`."""

    def __init__(self, get_response: Callable[[SiteRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: SiteRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: SiteRequest, view: Callable[..., HttpResponseBase], args: Any, kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        match = request.resolver_match
        if match is None or not request.user.is_authenticated or not is_admin(request):
            return None
        if request.workspace is None:
            return stands_nowhere(request, match)
        if request.user.is_superuser:
            return None
        check_address(request.workspace, match)
        check_body(request, match)  # type: ignore[arg-type]
        narrow_ids(request, match)  # type: ignore[arg-type]
        if match.view_name == "wagtailadmin_choose_page":
            return view(request, parent_page_id=request.workspace.root_page_id)
        return None


def is_admin(request: SiteRequest) -> bool:
    return request.path.startswith(reverse("wagtailadmin_home"))


def is_wagtails(match: ResolverMatch) -> bool:
    """Whether the screen is Wagtail's: all its addresses have names that begin so, none of ours has."""
    return match.view_name.startswith("wagtail")


def stands_nowhere(request: SiteRequest, match: ResolverMatch) -> HttpResponseBase | None:
    """A friendly page for whoever is a member of no workspace; operators still reach Wagtail's own screens."""
    if match.view_name in WITHOUT_WORKSPACE or "password_reset" in match.view_name:
        return None
    if request.user.is_superuser and is_wagtails(match) and match.view_name != "wagtailadmin_home":
        return None
    return render(request, "accounts/no_workspace.html", status=200 if request.user.is_superuser else 403)


def check_address(workspace: Workspace, match: ResolverMatch) -> None:
    """404 for a closed screen, and for an id of another workspace."""
    if match.namespace in CLOSED_SPACES or match.view_name in CLOSED_VIEWS:
        raise Http404
    models = MODEL_OF_ARGUMENT | {"pk": MODEL_OF_NAMESPACE.get(match.namespace)}
    for name, value in match.kwargs.items():
        model = models.get(name) if is_wagtails(match) else None
        if model and not rows_of(workspace, model).filter(pk=value).exists():
            raise Http404
        if model is Page and int(value) == workspace.root_page_id and match.view_name not in ROOT_PAGE_VIEWS:
            raise Http404


def check_body(request: MemberRequest, match: ResolverMatch) -> None:
    """404 for a page of another workspace as the place to create, copy or move to."""
    if match.namespace != "wagtailadmin_pages":
        return
    for name in PAGES_IN_BODY & request.POST.keys():
        chosen = request.POST[name]
        if chosen and not rows_of(request.workspace, Page).filter(pk=chosen if chosen.isdigit() else 0).exists():
            raise Http404


def narrow_ids(request: MemberRequest, match: ResolverMatch) -> None:
    """404 for a foreign id in the query; "all" becomes all of this workspace."""
    is_bulk_action = match.view_name == "wagtail_bulk_action"
    model = bulk_model(**match.kwargs) if is_bulk_action else MODEL_OF_LIST.get(match.view_name)
    ids = set(request.GET.getlist("id"))
    if model is None or not ids:
        return
    own = {str(pk) for pk in rows_of(request.workspace, model).values_list("pk", flat=True)}
    own.discard(str(request.workspace.root_page_id) if model is Page else "")
    if "all" in ids:
        ids = own & everything_listed(request, model, match)
    if not ids <= own:
        raise Http404
    query = request.GET.copy()
    query.setlist("id", sorted(ids))
    request.GET = query  # type: ignore[assignment]


def bulk_model(app_label: str, model_name: str, action: str) -> type[Model]:
    """The model of a bulk action. Tags are shared by all workspaces: nobody adds any."""
    model = MODEL_OF_BULK_ACTION.get(f"{app_label}.{model_name}")
    if model is None or action == "add_tags":
        raise Http404
    return model


def everything_listed(request: MemberRequest, model: type[Model], match: ResolverMatch) -> set[str]:
    """What "select all" meant on the list the user came from."""
    action = bulk_action_registry.get_bulk_action_class(*match.kwargs.values())
    if action is None:
        raise Http404
    parent = request.GET.get("childOf")
    return {str(pk) for pk in action(request, model).get_all_objects_in_listing_query(parent)}
