import socket

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.core.management import CommandError, call_command
from django_scopes import scope
from wagtail.models import Collection, GroupPagePermission, Page, Site

from accounts.mail import MailNotSent
from accounts.models import KeyFingerprint, Membership, Role, User, Workspace
from accounts.queries import members, membership_of, memberships_of
from accounts.services import (
    KeyChanged,
    KeyLost,
    LastOwner,
    SlugTaken,
    add_member,
    create_workspace,
    invite_member,
    refresh_role_permissions,
    remove_member,
    update_workspace,
    verify_fingerprints,
)
from tests.environment import fixed_key
from tests.factories import make_member, make_user, make_workspace


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_create_workspace_brings_root_page_collection_and_roles(db):
    owner = make_user("anna@lambert.example")

    workspace = create_workspace(name="Maison Lambert", slug="lambert", owner=owner)

    assert (workspace.root_page.title, workspace.root_page.get_parent().depth) == ("Maison Lambert", 2)
    assert workspace.collection.name == "Maison Lambert"
    assert workspace.site is None
    assert set(workspace.role_groups.values_list("role", flat=True)) == set(Role.values)
    assert membership_of(owner, workspace).role == Role.OWNER


def test_create_workspace_with_a_host_brings_a_site(db):
    workspace = create_workspace(name="Maison Lambert", slug="lambert", host="sms.lambert.example")

    assert workspace.site == Site.objects.get(hostname="sms.lambert.example")
    assert workspace.site.root_page_id == workspace.root_page_id


def test_create_workspace_refuses_a_short_name_that_is_taken_and_leaves_nothing_behind(workspace):
    before = (Page.objects.count(), Collection.objects.count(), Group.objects.count())

    with pytest.raises(SlugTaken):
        create_workspace(name="Another", slug="lambert")

    assert (Page.objects.count(), Collection.objects.count(), Group.objects.count()) == before


def test_roles_see_everything_and_change_what_models_say(workspace):
    rights = {
        role_group.role: set(role_group.group.permissions.values_list("codename", flat=True))
        for role_group in workspace.role_groups.all()
    }

    assert {"view_contact", "access_admin"} <= rights[Role.ANALYST]
    assert {"add_contact", "change_campaign", "view_sender"} <= rights[Role.MARKETER]
    assert not {"change_contact", "change_sender"} & rights[Role.ANALYST]
    assert "change_sender" in rights[Role.OWNER] - rights[Role.MARKETER]
    assert "change_consent" not in rights[Role.OWNER]
    assert not [name for name in rights[Role.OWNER] if name.endswith(("_user", "_group", "_site", "_workflow"))]


def test_rights_on_pages_end_at_the_root_page(workspace, other_workspace):
    groups = workspace.role_groups.values("group")

    assert {rule.page_id for rule in GroupPagePermission.objects.filter(group__in=groups)} == {workspace.root_page_id}


def test_refresh_role_permissions_puts_back_what_a_role_may_do(workspace):
    group = workspace.role_groups.get(role=Role.MARKETER).group
    wanted = set(group.permissions.all())
    group.permissions.clear()

    assert refresh_role_permissions() == 3
    assert set(group.permissions.all()) == wanted


def test_add_member_twice_changes_the_role_and_its_group(workspace):
    make_member(workspace)
    user = make_member(workspace, Role.ANALYST)

    add_member(workspace=workspace, user=user, role=Role.MARKETER)

    assert [membership.role for membership in memberships_of(user)] == [Role.MARKETER]
    assert [group.name for group in user.groups.all()] == ["lambert · marketer"]


def test_last_owner_keeps_the_role(workspace, other_workspace):
    owner = make_member(workspace)
    make_member(other_workspace)

    with pytest.raises(LastOwner):
        add_member(workspace=workspace, user=owner, role=Role.ANALYST)

    assert membership_of(owner, workspace).role == Role.OWNER
    assert [group.name for group in owner.groups.all()] == ["lambert · owner"]


def test_last_owner_is_not_removed(workspace, other_workspace):
    owner = make_member(workspace)
    make_member(other_workspace)

    with pytest.raises(LastOwner):
        remove_member(membership=membership_of(owner, workspace))

    assert membership_of(owner, workspace)


def test_removed_member_keeps_the_other_workspace_and_the_account(workspace, other_workspace):
    make_member(workspace)
    user = make_member(workspace, Role.MARKETER)
    add_member(workspace=other_workspace, user=user, role=Role.OWNER)

    remove_member(membership=membership_of(user, workspace))

    assert [membership.workspace for membership in memberships_of(user)] == [other_workspace]
    assert [group.name for group in user.groups.all()] == ["breton · owner"]
    assert User.objects.filter(pk=user.pk).exists()


def test_invited_stranger_gets_an_account_and_a_way_to_a_password(workspace, client):
    invite_member(workspace=workspace, email="Lea@Lambert.example", role=Role.MARKETER)

    user = User.objects.get()
    letter = mail.outbox[0]
    path = next(word for word in letter.body.split() if "password_reset" in word).removeprefix("http://testserver")
    assert (user.email, letter.to) == ("lea@lambert.example", ["lea@lambert.example"])
    assert membership_of(user, workspace).role == Role.MARKETER
    assert client.get(path, follow=True).context["validlink"]


def test_invited_colleague_with_an_account_gets_no_password_link(workspace, other_workspace):
    user = make_member(other_workspace)
    password = user.password

    invite_member(workspace=workspace, email=user.email.upper(), role=Role.ANALYST)

    user.refresh_from_db()
    assert user.password == password
    assert "password_reset" not in mail.outbox[0].body
    assert "http://testserver/admin/login/" in mail.outbox[0].body


def test_member_is_added_although_the_mail_server_is_away(workspace, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", unused_port()

    with pytest.raises(MailNotSent):
        invite_member(workspace=workspace, email="lea@lambert.example", role=Role.MARKETER)

    assert User.objects.get().email == "lea@lambert.example"


def test_members_are_those_of_the_workspace_owners_first(workspace, other_workspace):
    analyst, owner = make_member(workspace, Role.ANALYST), make_member(workspace)
    make_member(other_workspace)

    with scope(workspace=workspace):
        assert [membership.user for membership in members()] == [owner, analyst]


def test_update_workspace_changes_what_is_given(workspace):
    update_workspace(workspace=workspace, name="Lambert & Filles", time_zone="Indian/Reunion")

    fresh = Workspace.objects.get(pk=workspace.pk)
    assert (fresh.name, fresh.time_zone, fresh.country) == ("Lambert & Filles", "Indian/Reunion", "FR")


def test_fingerprints_are_noted_once(db):
    assert verify_fingerprints() == 2
    assert verify_fingerprints() == 0
    assert set(KeyFingerprint.objects.values_list("name", flat=True)) == {"index", "opt-out:a"}


def test_new_opt_out_key_in_front_is_noted(db, settings):
    verify_fingerprints()
    settings.OPT_OUT_KEYS = [f"b:{fixed_key('p')}", *settings.OPT_OUT_KEYS]

    assert verify_fingerprints() == 1


def test_lost_opt_out_key_is_refused_with_words(db, settings):
    verify_fingerprints()
    settings.OPT_OUT_KEYS = [f"b:{fixed_key('p')}"]

    with pytest.raises(KeyLost):
        verify_fingerprints()
    with pytest.raises(CommandError, match="CHAPPE_OPT_OUT_KEYS"):
        call_command("check_keys")


def test_changed_index_key_is_refused_with_words(db, settings):
    verify_fingerprints()
    settings.INDEX_KEY = b"x" * 32

    with pytest.raises(KeyChanged):
        verify_fingerprints()
    with pytest.raises(CommandError, match="index"):
        call_command("check_keys")


def test_command_makes_a_workspace_for_somebody_who_has_an_account(db, capsys):
    make_user("anna@lambert.example")

    call_command("create_workspace", "Maison Lambert", owner="anna@lambert.example")

    with scope(workspace=Workspace.objects.get(slug="maison-lambert")):
        assert str(Membership.objects.get().user) == "anna@lambert.example"
    with pytest.raises(CommandError, match="--slug"):
        call_command("create_workspace", "Maison Lambert", owner="anna@lambert.example")
    with pytest.raises(CommandError, match="createsuperuser"):
        call_command("create_workspace", "Breton", owner="nobody@breton.example")


def test_workspaces_of_one_name_keep_apart(db):
    first, second = make_workspace("one", name="Mode"), make_workspace("two", name="Mode")

    assert first.root_page_id != second.root_page_id
    assert first.collection_id != second.collection_id
