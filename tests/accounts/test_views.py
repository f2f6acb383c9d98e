import pytest
from django.core import mail
from django.test import Client
from django.utils.translation import override
from django_scopes import scope

from accounts.middleware import SESSION_KEY
from accounts.models import Membership, Role, Workspace
from accounts.queries import membership_of
from accounts.services import add_member
from tests.factories import make_member


def sign_in(user) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


@pytest.fixture
def client_of_both(workspace, other_workspace) -> Client:
    """Somebody who owns Maison Lambert and reads Atelier Breton's figures; Atelier Breton is first by name."""
    user = make_member(workspace)
    add_member(workspace=other_workspace, user=user, role=Role.ANALYST)
    return sign_in(user)


def test_switch_changes_the_workspace_and_leads_home(client_of_both, workspace, other_workspace):
    assert client_of_both.get("/admin/").wsgi_request.workspace == other_workspace

    response = client_of_both.post(f"/admin/workspace/switch/{workspace.pk}/", follow=True)

    assert response.redirect_chain == [("/admin/", 302)]
    assert response.wsgi_request.workspace == workspace


def test_switch_wants_a_post_and_a_membership(client_of_both, workspace):
    stranger = sign_in(make_member(workspace, Role.MARKETER))
    other = Workspace.objects.exclude(pk=workspace.pk).get()

    assert client_of_both.get(f"/admin/workspace/switch/{workspace.pk}/").status_code == 405
    assert stranger.post(f"/admin/workspace/switch/{other.pk}/").status_code == 404
    assert stranger.session.get(SESSION_KEY) is None


def test_switch_is_in_the_sidebar_of_members_of_several_only(client_of_both, workspace):
    single = sign_in(make_member(workspace, Role.MARKETER))
    address = f"/admin/workspace/switch/{workspace.pk}/"

    assert address in client_of_both.get("/admin/").content.decode()
    assert address not in single.get("/admin/").content.decode()


def test_team_adds_somebody_and_says_so(workspace):
    client = sign_in(make_member(workspace))

    response = client.post(
        "/admin/workspace/team/", {"email": "lea@lambert.example", "role": Role.MARKETER}, follow=True
    )

    assert "lea@lambert.example" in response.content.decode()
    assert [letter.to for letter in mail.outbox] == [["lea@lambert.example"]]


def test_team_shows_what_is_wrong_with_an_address(workspace):
    client = sign_in(make_member(workspace))

    response = client.post("/admin/workspace/team/", {"email": "lea@", "role": Role.MARKETER})

    assert response.context["form"].errors.keys() == {"email"}
    assert mail.outbox == []


def test_team_changes_a_role(workspace):
    client, colleague = sign_in(make_member(workspace)), make_member(workspace, Role.ANALYST)
    membership = membership_of(colleague, workspace)

    client.post(f"/admin/workspace/team/{membership.pk}/role/", {"role": Role.MARKETER})

    assert membership_of(colleague, workspace).role == Role.MARKETER


def test_team_removes_a_member(workspace):
    client, colleague = sign_in(make_member(workspace)), make_member(workspace, Role.ANALYST)

    client.post(f"/admin/workspace/team/{membership_of(colleague, workspace).pk}/remove/")

    assert membership_of(colleague, workspace) is None


@pytest.mark.parametrize(("act", "data"), [("role", {"role": Role.ANALYST}), ("remove", {})])
def test_team_refuses_to_lose_the_last_owner_with_words(workspace, act, data):
    owner = make_member(workspace)
    client = sign_in(owner)

    with override("en"):
        response = client.post(f"/admin/workspace/team/{membership_of(owner, workspace).pk}/{act}/", data, follow=True)

    assert "at least one owner" in "".join(str(message) for message in response.context["messages"])
    assert membership_of(owner, workspace).role == Role.OWNER


def test_member_of_another_workspace_is_not_found_on_the_team(workspace, other_workspace):
    client = sign_in(make_member(workspace))
    theirs = membership_of(make_member(other_workspace), other_workspace)

    assert client.post(f"/admin/workspace/team/{theirs.pk}/remove/").status_code == 404
    with scope(workspace=other_workspace):
        assert Membership.objects.filter(pk=theirs.pk).exists()


@pytest.mark.parametrize("path", ["", "team/"])
@pytest.mark.parametrize("role", [Role.MARKETER, Role.ANALYST])
def test_team_and_settings_are_for_owners(workspace, role, path):
    client = sign_in(make_member(workspace, role))

    assert client.get(f"/admin/workspace/{path}").status_code == 302


def test_team_needs_as_many_queries_for_five_as_for_one(workspace, django_assert_max_num_queries):
    client = sign_in(make_member(workspace))
    client.get("/admin/workspace/team/")
    for number in range(5):
        make_member(workspace, Role.ANALYST, f"analyst{number}@lambert.example")

    with django_assert_max_num_queries(25):
        client.get("/admin/workspace/team/")


def test_settings_are_saved(workspace):
    client = sign_in(make_member(workspace))

    client.post(
        "/admin/workspace/",
        {
            "name": "Lambert & Filles",
            "legal_name": "Lambert SARL",
            "company_number": "732 829 320",
            "contact_details": "02 99 00 00 00",
            "time_zone": "Indian/Reunion",
            "tracking_mode": "aggregate",
        },
    )

    fresh = Workspace.objects.get(pk=workspace.pk)
    assert (fresh.name, fresh.time_zone, fresh.tracking_mode) == ("Lambert & Filles", "Indian/Reunion", "aggregate")
    assert fresh.company == "Lambert SARL, SIREN\xa0732\xa0829\xa0320"


def test_settings_refuse_an_unknown_time_zone_and_keep_the_name(workspace):
    client = sign_in(make_member(workspace))

    response = client.post(
        "/admin/workspace/", {"name": "X", "time_zone": "Mars/Olympus", "tracking_mode": "aggregate"}
    )

    assert response.context["form"].errors.keys() == {"time_zone"}
    assert Workspace.objects.get(pk=workspace.pk).name == "Maison Lambert"


def test_sign_in_page_shows_the_demo_login_in_a_demo_only(db, settings):
    demo = Client().get("/admin/login/").content.decode()
    settings.IS_DEMO = False

    assert settings.DEMO_PASSWORD in demo
    assert settings.DEMO_PASSWORD not in Client().get("/admin/login/").content.decode()


def test_address_may_be_capitalised_at_sign_in(workspace):
    user = make_member(workspace)
    client = Client()

    response = client.post("/admin/login/", {"username": user.email.title(), "password": "correct horse battery"})

    assert (response.status_code, response.url) == (302, "/admin/")


def test_sign_in_asks_for_the_password_in_the_language_of_the_browser(db):
    page = Client().get("/admin/login/", headers={"Accept-Language": "fr"}).text

    assert "Mot de passe<span" in page
