"""Page templates by trade: finished in both languages, of one's own workspace, light, and safe to start from."""

import gzip
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone
from django_scopes import scope

from accounts.models import Role
from audience.models import Consent, ConsentAct
from landing.answers.form import form_for
from landing.answers.tokens import make_form_token
from landing.models import FormAnswer, LandingPage, Theme
from landing.services import create_page, save_theme
from landing.trades import TRADES
from landing.trades.base import offers_box
from tests.factories import TUESDAY, make_member, make_page, make_workspace
from tests.landing.asking import PHONE

# What is typed into fields that take more than words.
WRITTEN = {"ChoiceField": "yes", "IntegerField": "2", "DateField": "2026-12-24", "BooleanField": "on"}


@pytest.fixture(autouse=True)
def own_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def published(workspace, trade):
    page = create_page(workspace=workspace, trade=trade, now=timezone.now())
    page.save_revision().publish()
    return LandingPage.objects.get(pk=page.pk)


@pytest.mark.parametrize("trade", TRADES)
def test_a_template_is_a_finished_light_page_in_one_click(owner_client, workspace, trade):
    answer = owner_client.post(f"/admin/landing/new/trade/{trade}/")

    page = LandingPage.objects.get()
    assert answer["Location"] == f"/admin/pages/{page.pk}/edit/"
    assert (page.live, page.workspace) == (False, workspace)
    page.full_clean()
    page.save_revision().publish()
    shown = Client().get(LandingPage.objects.get().url)
    assert shown.status_code == 200
    assert shown.content.count(b"<h1") == 1
    assert len(gzip.compress(shown.content, 6)) <= 14 * 1024


def test_every_block_of_every_template_is_valid_as_its_editor_would_save_it(workspace):
    with scope(workspace=workspace):
        for trade in TRADES:
            page = create_page(workspace=workspace, trade=trade, now=TUESDAY)
            for field in ("hero", "body"):
                stream = getattr(page, field)
                assert page._meta.get_field(field).stream_block.clean(stream) is not None


def test_a_workspace_without_a_look_takes_the_templates_and_keeps_it(workspace):
    create_page(workspace=workspace, trade="restaurant", now=TUESDAY)
    create_page(workspace=workspace, trade="hair", now=TUESDAY)

    with scope(workspace=workspace):
        assert list(Theme.objects.values_list("brand", "voice")) == [("#c22a1b", "condensed")]


def test_a_workspace_with_a_look_of_its_own_keeps_it(in_workspace):
    save_theme(workspace=in_workspace, brand="#123456")

    create_page(workspace=in_workspace, trade="restaurant", now=TUESDAY)

    assert Theme.of(in_workspace).brand == "#123456"


def test_the_same_template_twice_is_two_pages_with_addresses_of_their_own(workspace):
    slugs = [create_page(workspace=workspace, trade="town", now=TUESDAY).slug for _ in range(3)]

    assert slugs == ["public-meeting", "public-meeting-2", "public-meeting-3"]


def test_a_template_that_does_not_exist_makes_nothing(owner_client):
    assert owner_client.post("/admin/landing/new/trade/bank/").status_code == 404
    assert not LandingPage.objects.exists()


def test_a_page_of_another_workspace_is_no_template_here(owner_client, other_workspace):
    theirs = make_page(other_workspace, "Their sale")

    answer = owner_client.post(f"/admin/landing/new/page/{theirs.pk}/")

    assert answer.status_code == 404
    assert LandingPage.objects.count() == 1


def test_a_page_of_ones_own_is_copied_without_its_dates(owner_client, workspace):
    page = make_page(workspace, "Our sale")
    LandingPage.objects.filter(pk=page.pk).update(expire_at=TUESDAY, is_template=True)

    owner_client.post(f"/admin/landing/new/page/{page.pk}/")

    copy = LandingPage.objects.exclude(pk=page.pk).get()
    assert (copy.slug, copy.live, copy.expire_at, copy.is_template) == ("our-sale-2", False, None, False)


def test_the_gallery_shows_six_trades_and_templates_of_the_workspace(owner_client, workspace, other_workspace):
    for place, title in ((workspace, "Ours"), (other_workspace, "Theirs")):
        page = make_page(place, title)
        LandingPage.objects.filter(pk=page.pk).update(is_template=True)

    html = owner_client.get("/admin/landing/new/").content.decode()

    assert html.count("/admin/landing/new/trade/") == 6
    assert ("Ours" in html, "Theirs" in html) == (True, False)


def test_a_new_page_begins_in_the_gallery_unless_an_empty_one_is_wanted(owner_client, workspace):
    address = f"/admin/pages/add/landing/landingpage/{workspace.root_page_id}/"

    assert owner_client.get(address)["Location"] == "/admin/landing/new/"
    assert owner_client.get(f"{address}?empty=1").status_code == 200


def test_analysts_make_no_pages(workspace):
    client = Client()
    client.force_login(make_member(workspace, Role.ANALYST))

    client.post("/admin/landing/new/trade/town/")

    assert not LandingPage.objects.exists()


@pytest.mark.parametrize("trade", ["fashion", "restaurant", "estate", "hair", "town"])
def test_the_form_of_a_template_can_be_sent_as_it_stands(workspace, trade):
    page = published(workspace, trade)
    (form,) = (child for child in page.body if child.block_type == "form")
    token = make_form_token(page=page.pk, block=form.id, now=timezone.now())

    fields = form_for(form.value, workspace=workspace, block=form.id).fields
    sent = {name: WRITTEN.get(type(field).__name__, "Claire") for name, field in fields.items()} | {"phone": PHONE}
    answer = Client().post(
        f"/form/{page.pk}/{form.id}/",
        urlencode(sent | {"t": token}),
        content_type="application/x-www-form-urlencoded",
    )

    assert answer.status_code == 303
    with scope(workspace=workspace):
        consents = Consent.objects.filter(act=ConsentAct.GRANTED).values_list("wording", flat=True)
        expected = [] if trade == "town" else [offers_box("Maison Lambert")["wording"]]
        assert (FormAnswer.objects.get().page, list(consents)) == (page, expected)


# Afterwards --------------------------------------------------------------------------------------------


def test_an_expired_page_says_that_the_offer_has_ended(client, workspace):
    page = published(workspace, "fashion")
    LandingPage.objects.filter(pk=page.pk).update(expire_at=timezone.now() - timedelta(minutes=1))

    html = client.get(page.url).content.decode()

    assert "<h1>This offer has ended</h1>" in html
    assert "Enter the sale" not in html


def test_a_page_that_the_clock_took_down_still_says_so_and_keeps_its_links(client, workspace):
    page = published(workspace, "fashion")

    page.unpublish(set_expired=True)

    assert "<h1>This offer has ended</h1>" in client.get(page.url).content.decode()


def test_a_page_that_a_person_took_down_is_not_there(client, workspace):
    page = published(workspace, "fashion")

    page.unpublish()

    assert client.get(page.url).status_code == 404


def test_a_page_is_kept_no_longer_than_its_offer(client, workspace):
    page = published(workspace, "fashion")
    LandingPage.objects.filter(pk=page.pk).update(expire_at=timezone.now() + timedelta(seconds=20))

    age = int(client.get(page.url)["Cache-Control"].rpartition("=")[2])

    assert 0 <= age <= 20


# Diary -------------------------------------------------------------------------------------------------


def test_an_event_goes_into_the_diary(client, workspace):
    page = published(workspace, "town")
    (event,) = (child for child in page.body if child.block_type == "event")
    address = f"/seen/diary/{page.pk}/{event.id}.ics"

    answer = client.get(address)

    assert address in client.get(page.url).content.decode()
    assert answer["Content-Type"].startswith("text/calendar")
    assert "SUMMARY:Public meeting: the market square" in answer.content.decode()


def test_neither_an_unpublished_page_nor_another_block_has_a_diary_file(client, workspace):
    draft = create_page(workspace=workspace, trade="town", now=TUESDAY)
    (event,) = (child for child in draft.body if child.block_type == "event")
    page = published(make_workspace("shop"), "fashion")

    assert client.get(f"/seen/diary/{draft.pk}/{event.id}.ics").status_code == 404
    assert client.get(f"/seen/diary/{page.pk}/{event.id}.ics").status_code == 404
