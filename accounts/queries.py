"""Reads of accounts that other rooms share."""

from typing import Any

from django.db.models import Case, Model, QuerySet, When
from django_scopes import get_scope, scopes_disabled
from wagtail.models import CollectionMember, Page

from accounts.models import Membership, Role, User, Workspace


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


def memberships_of(user: User) -> list[Membership]:
    """Of all workspaces, by name; with what a request needs of the workspace."""
    with scopes_disabled():
        memberships = Membership.objects.filter(user=user).order_by("workspace__name", "pk")
        return list(memberships.select_related("workspace__root_page", "workspace__collection"))


def members() -> QuerySet[Membership]:
    """Of the current workspace, owners first, then by address."""
    is_owner = Case(When(role=Role.OWNER, then=0), default=1)
    return Membership.objects.select_related("user").order_by(is_owner, "user__email")


def rows_of(workspace: Workspace, model: type[Model]) -> QuerySet[Any]:
    """The rows of `model` that belong to the workspace; run it inside the workspace's scope.

    Wagtail's pages lie under the root page, its images and documents in the collection; our own managers are scoped.
    """
    if issubclass(model, Page):
        return model._default_manager.filter(path__startswith=workspace.root_page.path)
    if issubclass(model, CollectionMember):
        return model._default_manager.filter(collection__path__startswith=workspace.collection.path)
    return model._default_manager.all()
