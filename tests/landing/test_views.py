import pytest
from django.test import Client
from django_scopes import scope

from accounts.models import Role
from landing.models import Theme
from tests.factories import make_member, make_page

LOOK = {
    "brand": "#c22a1b",
    "accent": "#f6c445",
    "paper": "#fdf5e0",
    "ink": "#24150f",
    "voice": "condensed",
    "corners": "sharp",
    "air": "airy",
    "text_size": "large",
}
SCREENS = ["/admin/landing/look/", "/admin/landing/look/preview/", "/admin/landing/look/moves/"]


def looks_of(workspace):
    with scope(workspace=workspace):
        return list(Theme.objects.values_list("brand", "voice"))


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("role", [Role.OWNER, Role.MARKETER])
def test_owners_and_marketers_choose_the_look_of_their_workspace(workspace, other_workspace, role):
    client = client_of(make_member(workspace, role))

    response = client.post("/admin/landing/look/", LOOK, follow=True)

    assert "All pages have the new look" in response.content.decode()
    assert looks_of(workspace) == [("#c22a1b", "condensed")]
    assert looks_of(other_workspace) == []


@pytest.mark.parametrize("screen", SCREENS)
def test_analysts_and_strangers_are_refused(workspace, screen):
    analyst = client_of(make_member(workspace, Role.ANALYST))

    assert analyst.get(screen).status_code == 302
    assert Client().get(screen).status_code == 302
    analyst.post(screen, LOOK)
    assert looks_of(workspace) == []


def test_a_colour_that_is_none_is_refused_on_the_form(owner_client, workspace):
    response = owner_client.post("/admin/landing/look/", LOOK | {"brand": "#12345;"})

    assert "Enter a colour like #0f4435." in response.content.decode()
    assert looks_of(workspace) == []


def test_choices_are_tried_without_being_saved(owner_client, workspace):
    preview = owner_client.get("/admin/landing/look/preview/", LOOK)

    assert "--brand:#c22a1b" in preview.content.decode()
    assert preview["Content-Security-Policy"].startswith("default-src 'none'")
    assert looks_of(workspace) == []


def test_nonsense_in_a_trial_shows_the_saved_look(owner_client):
    preview = owner_client.get("/admin/landing/look/preview/", LOOK | {"brand": "</style><script>"})

    assert "--brand:#0f4435" in preview.content.decode()
    assert "<script>" not in preview.content.decode()


def test_the_marketer_reads_what_was_moved(owner_client):
    pale = owner_client.get("/admin/landing/look/moves/", LOOK | {"brand": "#f6c445"}).content.decode()
    strong = owner_client.get("/admin/landing/look/moves/", LOOK).content.decode()

    assert "darkened by" in pale
    assert "All texts are readable" in strong


def test_pages_take_the_look_of_their_workspace(owner_client, workspace, other_workspace, client):
    owner_client.post("/admin/landing/look/", LOOK)

    ours, theirs = (client.get(place.root_page.url).content.decode() for place in (workspace, other_workspace))

    assert ("--brand:#c22a1b" in ours, "--brand:#c22a1b" in theirs) == (True, False)


def test_a_page_is_framed_for_those_who_may_edit_it_and_for_nobody_of_another_workspace(
    workspace, other_workspace, owner_client
):
    own, theirs = make_page(workspace, "Our sale", is_live=False), make_page(other_workspace, "Their sale")

    shown = owner_client.get(f"/admin/landing/page/{own.pk}/preview/")
    refused = owner_client.get(f"/admin/landing/page/{theirs.pk}/preview/")

    assert (shown.status_code, "Our sale" in shown.text, refused.status_code) == (200, True, 404)
    assert shown.headers.get("X-Frame-Options", "SAMEORIGIN") == "SAMEORIGIN"


def test_a_workspace_without_reusable_blocks_reads_what_they_are_for(owner_client):
    assert "Write the shop's hours or the terms once" in owner_client.get("/admin/landing/pieces/").content.decode()
