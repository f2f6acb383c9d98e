"""Every request of a signed-in user happens inside the scope of one workspace: the one they stand in."""

from collections.abc import Callable, Iterable, Iterator

from django.contrib.auth.models import Group, Permission
from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django_scopes import scope
from wagtail.models import GroupCollectionPermission, GroupPagePermission

from accounts.models import Membership, User, Workspace
from accounts.queries import memberships_of
from accounts.requests import SiteRequest

SESSION_KEY = "workspace"


class WorkspaceMiddleware:
    """Sets `request.workspace` and `request.role`, and opens the scope for the rest of the request."""

    def __init__(self, get_response: Callable[[SiteRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: SiteRequest) -> HttpResponseBase:
        request.workspace = request.role = None
        request.memberships = memberships_of(request.user) if request.user.is_authenticated else []
        if not request.memberships:
            return self.get_response(request)
        membership = chosen(request.memberships, request.session.get(SESSION_KEY))
        request.workspace, request.role = membership.workspace, membership.role
        stand_in(request.user, membership)
        with scope(workspace=membership.workspace):
            response = self.get_response(request)
        if isinstance(response, StreamingHttpResponse) and not isinstance(response, FileResponse):
            response.streaming_content = within(membership.workspace, response.streaming_content)  # type: ignore[arg-type]
        return response


def chosen(memberships: list[Membership], workspace_id: int | None) -> Membership:
    """The membership of the workspace in the session, or else the first one."""
    return next((one for one in memberships if one.workspace_id == workspace_id), memberships[0])


def within(workspace: Workspace, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """An export is written while it is sent, when the scope of the request has closed: open it for each chunk."""
    iterator, end = iter(chunks), object()
    while True:
        with scope(workspace=workspace):
            chunk = next(iterator, end)
        if chunk is end:
            return
        yield chunk  # type: ignore[misc]


def stand_in(user: User, membership: Membership) -> None:
    """Fill the user's permission caches from the groups of one workspace only.

    Wagtail and Django read the permissions of all groups of a user; a member of two workspaces would see both trees.
    """
    if user.is_superuser:
        return
    groups = Group.objects.filter(
        pk__in=membership.workspace.role_groups.filter(role=membership.role).values("group_id")
    )
    permissions = Permission.objects.filter(group__in=groups).order_by()
    names = {
        f"{app_label}.{name}" for app_label, name in permissions.values_list("content_type__app_label", "codename")
    }
    caches = {
        "_perm_cache": names,
        "_group_perm_cache": names,
        "_user_perm_cache": set(),
        "_page_permission_cache": GroupPagePermission.objects.filter(group__in=groups).select_related(
            "page", "permission"
        ),
        "_collection_permission_cache": GroupCollectionPermission.objects.filter(group__in=groups).select_related(
            "collection", "permission"
        ),
        "_site_permission_cache": [],
        "_prefetched_objects_cache": {"groups": groups},
    }
    for name, value in caches.items():
        setattr(user, name, value)
