"""Writes of accounts: workspaces, members, and the groups that carry their rights."""

import secrets
from collections.abc import Mapping

from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import QuerySet
from django_scopes import scope
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission, Page, Site

from accounts.keys import key_fingerprints
from accounts.mail import send_welcome
from accounts.models import KeyFingerprint, Membership, Role, RoleGroup, User, Workspace, WorkspaceModel

PAGE_ACTIONS = {
    Role.OWNER: ("add_page", "change_page", "publish_page", "unlock_page", "lock_page", "bulk_delete_page"),
    Role.MARKETER: ("add_page", "change_page", "publish_page"),
    Role.ANALYST: (),
}
FILE_ACTIONS = {
    Role.OWNER: ("add", "change", "choose", "delete"),
    Role.MARKETER: ("add", "change", "choose", "delete"),
    Role.ANALYST: ("choose",),
}


class SlugTaken(Exception):
    """Another workspace, or another page beside its root, has this short name."""


class LastOwner(Exception):
    """A workspace keeps at least one owner."""


class KeyLost(Exception):
    """A key this database was written with is not configured any more."""


class KeyChanged(Exception):
    """A key of this name is configured, but it is not the one this database was written with."""


@transaction.atomic
def create_workspace(*, name: str, slug: str, owner: User | None = None, host: str = "", **fields: object) -> Workspace:
    """A workspace with its root page, collection and role groups; with a host of its own, a Site too.

    Raises SlugTaken.
    """
    home = Page.objects.filter(depth=2).order_by("path").first() or Page.get_first_root_node()
    if Workspace.objects.filter(slug=slug).exists() or home.get_children().filter(slug=slug).exists():
        raise SlugTaken(slug)
    root_page = home.add_child(instance=Page(title=name, slug=slug))
    collection = Collection.get_first_root_node().add_child(instance=Collection(name=name))
    workspace = Workspace.objects.create(name=name, slug=slug, root_page=root_page, collection=collection, **fields)
    if host:
        workspace.site = Site.objects.create(hostname=host, site_name=name, root_page=root_page)
        workspace.save(update_fields=["site"])
    _create_role_groups(workspace)
    if owner:
        add_member(workspace=workspace, user=owner, role=Role.OWNER)
    return workspace


def _create_role_groups(workspace: Workspace) -> None:
    """A group a role, in a handful of queries: every permission is read once."""
    keys = _permission_keys()
    groups = Group.objects.bulk_create(Group(name=f"{workspace.slug} · {role.value}") for role in Role)
    by_role = dict(zip(Role, groups, strict=True))
    RoleGroup.objects.bulk_create(
        RoleGroup(workspace=workspace, role=role, group=group) for role, group in by_role.items()
    )
    GroupPagePermission.objects.bulk_create(
        GroupPagePermission(group=group, page=workspace.root_page, permission_id=keys["wagtailcore", action])
        for role, group in by_role.items()
        for action in PAGE_ACTIONS[role]
    )
    GroupCollectionPermission.objects.bulk_create(
        GroupCollectionPermission(group=group, collection=workspace.collection, permission_id=keys[app, codename])
        for role, group in by_role.items()
        for app, codename in _file_permissions(role)
    )
    given = Group.permissions.through
    given.objects.bulk_create(
        given(group=group, permission_id=permission)
        for role, group in by_role.items()
        for permission in _role_permissions(role, keys)
    )


def _file_permissions(role: str) -> list[tuple[str, str]]:
    files = (("wagtailimages", "image"), ("wagtaildocs", "document"))
    return [(app, f"{action}_{model}") for app, model in files for action in FILE_ACTIONS[Role(role)]]


def _permission_keys() -> dict[tuple[str, str], int]:
    """The key of each permission, by app and codename."""
    rows = Permission.objects.order_by().values_list("content_type__app_label", "codename", "pk")
    return {(app, codename): pk for app, codename, pk in rows}


def _role_permissions(role: str, keys: Mapping[tuple[str, str], int]) -> set[int]:
    """Model permissions of a role: every member sees, `changed_by` says who changes; all may enter the admin."""
    wanted = {("wagtailadmin", "access_admin")}
    for model in apps.get_models():
        if issubclass(model, WorkspaceModel):
            actions = ["view"] + (["add", "change", "delete"] if role in model.changed_by else [])
            wanted |= {(model._meta.app_label, f"{action}_{model._meta.model_name}") for action in actions}
    return {keys[each] for each in wanted if each in keys}


def refresh_role_permissions() -> int:
    """Give every role group what its role may do today (new models come with new versions); the number of groups."""
    groups, keys = list(RoleGroup.objects.select_related("group")), _permission_keys()
    for role_group in groups:
        role_group.group.permissions.set(_role_permissions(role_group.role, keys))
    return len(groups)


@transaction.atomic
def add_member(*, workspace: Workspace, user: User, role: str) -> Membership:
    """Make the user a member, or give the member this role. Raises LastOwner."""
    with scope(workspace=workspace):
        if role != Role.OWNER:
            _keep_an_owner(workspace, user)
        membership, _ = Membership.objects.update_or_create(workspace=workspace, user=user, defaults={"role": role})
    user.groups.remove(*_groups_of(workspace))
    user.groups.add(workspace.role_groups.get(role=role).group)
    return membership


@transaction.atomic
def remove_member(*, membership: Membership) -> None:
    """End a membership; the account stays. Raises LastOwner."""
    workspace, user = membership.workspace, membership.user
    with scope(workspace=workspace):
        _keep_an_owner(workspace, user)
        membership.delete()
    user.groups.remove(*_groups_of(workspace))


def _keep_an_owner(workspace: Workspace, leaving: User) -> None:
    Workspace.objects.select_for_update().get(pk=workspace.pk)  # two owners could remove each other
    owners = set(Membership.objects.filter(role=Role.OWNER).values_list("user_id", flat=True))
    if owners == {leaving.pk}:
        raise LastOwner(str(workspace))


def _groups_of(workspace: Workspace) -> QuerySet[Group]:
    return Group.objects.filter(pk__in=workspace.role_groups.values("group"))


def invite_member(*, workspace: Workspace, email: str, role: str) -> Membership:
    """Add whoever has this address, with an account of their own if they have none yet, and write to them.

    The way to a password leads through their mailbox: who invites never learns it. Raises LastOwner, MailNotSent.
    """
    with transaction.atomic():
        user = User.objects.filter(email__iexact=email).first()
        is_new = user is None
        user = user or User.objects.create_user(email, secrets.token_urlsafe(32))
        membership = add_member(workspace=workspace, user=user, role=role)
    send_welcome(user=user, workspace=workspace, is_new=is_new)
    return membership


@transaction.atomic
def update_workspace(*, workspace: Workspace, **fields: object) -> Workspace:
    """Change what the screen "Workspace" shows."""
    for name, value in fields.items():
        setattr(workspace, name, value)
    workspace.save(update_fields=list(fields))
    return workspace


@transaction.atomic
def verify_fingerprints() -> int:
    """Compare the keys with those this database was written with, and note new ones; the number of keys noted.

    A lost or changed opt-out key would silently forget oppositions; a changed index key would find nobody.
    Raises KeyLost, KeyChanged.
    """
    known = dict(KeyFingerprint.objects.values_list("name", "fingerprint"))
    held = key_fingerprints()
    for name, fingerprint in known.items():
        if name not in held:
            raise KeyLost(name)
        if held[name] != fingerprint:
            raise KeyChanged(name)
    new = [KeyFingerprint(name=name, fingerprint=held[name]) for name in held.keys() - known.keys()]
    return len(KeyFingerprint.objects.bulk_create(new, ignore_conflicts=True))
