"""Every request of a signed-in user happens inside the scope of one workspace: the one they stand in."""

from collections.abc import Callable

from django.contrib.auth.models import Group, Permission
from django.http import HttpRequest, HttpResponse
from django_scopes import scope
from wagtail.models import GroupCollectionPermission, GroupPagePermission

from accounts.models import RoleGroup, User, Workspace
from accounts.queries import membership_of, workspaces_of

SESSION_KEY = "workspace"


class WorkspaceMiddleware:
    """Sets `request.workspace` and `request.role`, and opens the scope for the rest of the request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.workspace = request.role = None
        if not request.user.is_authenticated:
            return self.get_response(request)
        workspace = self._workspace_of(request)
        if workspace is None:
            return self.get_response(request)
        stand_in(request.user, workspace)
        request.workspace = workspace
        membership = membership_of(request.user, workspace)
        request.role = membership.role if membership else None
        with scope(workspace=workspace):
            response = self.get_response(request)
            # Deferred rendering would otherwise happen after the scope has closed.
            return response.render() if hasattr(response, "render") and not response.is_rendered else response

    def _workspace_of(self, request: HttpRequest) -> Workspace | None:
        mine = list(workspaces_of(request.user))
        chosen = request.session.get(SESSION_KEY)
        return next((workspace for workspace in mine if workspace.pk == chosen), mine[0] if mine else None)


def stand_in(user: User, workspace: Workspace) -> None:
    """Fill the user's permission caches from this workspace's groups only.

    Wagtail and Django read permissions of all groups of a user; a member of two workspaces would see both trees.
    """
    membership = membership_of(user, workspace)
    group_ids = (
        list(RoleGroup.objects.filter(workspace=workspace, role=membership.role).values_list("group_id", flat=True))
        if membership
        else []
    )
    if user.is_superuser:
        return
    permissions = Permission.objects.filter(group__in=group_ids).values_list("content_type__app_label", "codename")
    names = {f"{app_label}.{codename}" for app_label, codename in permissions.order_by()}
    user._perm_cache = user._group_perm_cache = names  # type: ignore[attr-defined]
    user._user_perm_cache = set()  # type: ignore[attr-defined]
    user._page_permission_cache = list(  # type: ignore[attr-defined]
        GroupPagePermission.objects.filter(group__in=group_ids).select_related("page", "permission")
    )
    user._collection_permission_cache = list(  # type: ignore[attr-defined]
        GroupCollectionPermission.objects.filter(group__in=group_ids).select_related("collection", "permission")
    )
    user._site_permission_cache = []  # type: ignore[attr-defined]
    user._prefetched_objects_cache = {"groups": Group.objects.filter(pk__in=group_ids)}  # type: ignore[attr-defined]
