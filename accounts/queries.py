"""Reads of accounts that other rooms share."""

from django.db.models import QuerySet
from django_scopes import get_scope, scopes_disabled

from accounts.models import Membership, User, Workspace


class NoWorkspace(Exception):
    """Code that needs a workspace ran outside a scope."""


def current_workspace() -> Workspace:
    """The workspace of the active scope. Raises NoWorkspace."""
    workspace = get_scope().get("workspace")
    if workspace is None:
        raise NoWorkspace("Enter django_scopes.scope(workspace=…) first.")
    return workspace


def workspaces_of(user: User) -> QuerySet[Workspace]:
    """The workspaces a user is a member of, by name."""
    with scopes_disabled():
        memberships = Membership.objects.filter(user=user).values("workspace")
    return Workspace.objects.filter(pk__in=memberships).order_by("name")


def membership_of(user: User, workspace: Workspace) -> Membership | None:
    with scopes_disabled():
        return Membership.objects.filter(user=user, workspace=workspace).first()
