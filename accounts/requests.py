"""What our middleware adds to a request, for type checkers."""

from django.http import HttpRequest

from accounts.models import Membership, User, Workspace


class SiteRequest(HttpRequest):
    """Any request: the workspace is None for visitors and for people without a membership."""

    user: User  # type: ignore[assignment]
    workspace: Workspace | None
    role: str | None
    memberships: list[Membership]


class MemberRequest(SiteRequest):
    """A request behind `WorkspaceViewMixin`: somebody stands in a workspace."""

    workspace: Workspace
    role: str
