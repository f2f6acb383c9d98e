from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django_scopes import scope
from wagtail.images import get_image_model
from wagtail.models import Page
from wagtail.permissions import policy_registry

from accounts.middleware import SESSION_KEY, stand_in, within
from accounts.models import Role, User
from accounts.queries import membership_of, rows_of
from accounts.services import add_member
from audience.models import Contact
from tests.factories import make_contact, make_member, make_user


def member_of_both(workspace, other_workspace) -> User:
    user = make_member(workspace, Role.ANALYST, "both@lambert.example")
    add_member(workspace=other_workspace, user=user, role=Role.OWNER)
    return user


def test_stand_in_gives_the_rights_of_the_current_workspace_only(workspace, other_workspace):
    user = member_of_both(workspace, other_workspace)

    stand_in(user, membership_of(user, workspace))

    pages = policy_registry.get_by_type(Page)
    images = policy_registry.get_by_type(get_image_model())
    assert user.has_perm("wagtailadmin.access_admin")
    assert user.has_perm("audience.view_contact")
    assert not user.has_perm("audience.change_contact")
    assert list(pages.explorable_instances(user)) == []
    assert pages.explorable_root_instance(user) is None
    assert list(images.collections_user_has_permission_for(user, "choose")) == [workspace.collection]
    assert [group.name for group in user.groups.all()] == ["lambert · analyst"]


def test_stand_in_shows_the_tree_of_the_workspace(workspace, other_workspace):
    user = member_of_both(workspace, other_workspace)

    stand_in(user, membership_of(user, other_workspace))

    pages = policy_registry.get_by_type(Page)
    # The home page of the installation, where all trees hang, belongs to nobody.
    assert list(pages.explorable_instances(user).filter(depth__gt=2)) == [other_workspace.root_page]
    assert pages.explorable_root_instance(user) == other_workspace.root_page


def test_session_chooses_the_workspace_of_the_request(workspace, other_workspace):
    user = member_of_both(workspace, other_workspace)
    client = Client()
    client.force_login(user)
    session = client.session
    session[SESSION_KEY] = workspace.pk
    session.save()

    request = client.get("/admin/account/").wsgi_request

    assert (request.workspace, request.role) == (workspace, Role.ANALYST)


def test_workspace_of_somebody_else_in_the_session_is_ignored(workspace, other_workspace):
    client = Client()
    client.force_login(make_member(workspace))
    session = client.session
    session[SESSION_KEY] = other_workspace.pk
    session.save()

    request = client.get("/admin/account/").wsgi_request

    assert (request.workspace, request.role) == (workspace, Role.OWNER)


def test_visitor_has_no_workspace(workspace):
    request = Client().get("/admin/login/").wsgi_request

    assert isinstance(request.user, AnonymousUser)
    assert (request.workspace, request.role) == (None, None)


def test_member_of_no_workspace_reads_what_to_do(db):
    client = Client()
    client.force_login(make_user("alone@lambert.example"))

    response = client.get("/admin/")

    assert response.status_code == 403
    assert "alone@lambert.example" in response.content.decode()


def test_operator_without_workspace_reads_what_to_do_and_reaches_users(db):
    client = Client()
    client.force_login(User.objects.create_superuser("operator@chappe.example", "correct horse battery"))

    assert "create_workspace" in client.get("/admin/").content.decode()
    assert client.get("/admin/users/").status_code == 200


def test_export_is_written_inside_the_workspace(workspace, other_workspace):
    ours = make_contact(workspace)
    make_contact(other_workspace)

    def chunks():
        for contact in Contact.objects.all():
            yield contact.pk

    assert list(within(workspace, chunks())) == [ours.pk]


def test_rows_of_wagtail_models_are_those_of_the_workspace(workspace, other_workspace):
    with scope(workspace=workspace):
        assert list(rows_of(workspace, Page)) == [workspace.root_page]
