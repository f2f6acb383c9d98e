import httpx
import pytest
from django_scopes import scopes_disabled

from integrations import http
from landing import tasks
from landing.checks import LIGHT_PAGE, findings_of, pictures_of, weight_of
from landing.models import LandingPage, LinkTrial
from landing.services import create_page, save_theme, try_links, trying
from tests.factories import TUESDAY, make_page


@pytest.fixture(autouse=True)
def own_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def body_of(page, *blocks):
    page.body = page._meta.get_field("body").stream_block.to_python([{"type": n, "value": v} for n, v in blocks])
    return page


def test_a_finished_page_lacks_nothing_but_addresses_of_ones_own(in_workspace):
    page = create_page(workspace=in_workspace, trade="fashion", now=TUESDAY)

    assert findings_of(page) == [
        "Products: https://www.example.com/ is only an example, put your own.",
        "Main action: https://www.example.com/ is only an example, put your own.",
        "Main action: 06 39 98 00 00 is only an example, put your own.",
    ]


def test_an_offer_without_terms_without_code_and_without_a_way_on_is_noticed(in_workspace):
    page = body_of(make_page(in_workspace), ("offer", {"figure": "−40%", "text": "x"}), ("promo_code", {}))

    assert [finding.split(":")[0] for finding in findings_of(page)] == [
        "The page makes an offer, but says no terms",
        "A promo code block has no promo codes",
        "There is no main action",
        "Shared links show no description",
    ]


def test_blocks_inside_of_others_count(in_workspace):
    terms = {"type": "terms", "value": {"entries": [{"title": "x", "text": "x"}]}}
    page = body_of(make_page(in_workspace), ("offer", {"figure": "1"}), ("only_for", {"blocks": [terms]}))

    assert not any("terms" in finding for finding in findings_of(page))


def test_a_pale_brand_is_named(in_workspace):
    save_theme(workspace=in_workspace, brand="#f6c445")

    assert any("hard to read" in finding for finding in findings_of(make_page(in_workspace)))


def test_the_weight_is_that_of_the_page_its_font_and_its_pictures(in_workspace):
    page = create_page(workspace=in_workspace, trade="fashion", now=TUESDAY)

    parts = weight_of(page).parts

    assert [image.title for image in pictures_of(page)] == ["satin", "coat", "jumper", "bag"]
    assert [part.name for part in parts] == [
        "Words, style and drawings",
        "Font of the headings (Chappe Display)",
        *(f"Picture “{name}”" for name in ("satin", "coat", "jumper", "bag")),
    ]
    assert all(part.size > 0 for part in parts)
    assert [part.why for part in parts] == [""] * 6
    assert parts[0].size < LIGHT_PAGE


def test_whoever_edits_a_page_finds_its_checks_and_nobody_of_another_workspace_does(
    owner_client, workspace, other_workspace
):
    own, theirs = make_page(workspace), make_page(other_workspace, "Theirs")

    shown = owner_client.get(f"/admin/landing/page/{own.pk}/checks/")

    assert "There is no main action" in shown.content.decode()
    assert owner_client.get(f"/admin/landing/page/{theirs.pk}/checks/").status_code == 404
    assert LandingPage.objects.count() == 2


@pytest.fixture
def answers(monkeypatch):
    """What the world answers, by address; the calls that were made."""
    known, made = {}, []

    def request_all(calls, *, deadline_seconds):
        made.extend(calls)
        return [known.get(call.url, httpx.Response(200)) for call in calls]

    monkeypatch.setattr(trying, "request_all", request_all)
    return known, made


def test_links_that_lead_nowhere_are_found_and_named(in_workspace, answers):
    known, made = answers
    page = make_page(in_workspace)
    page.action_label, page.action_target = "Go", "https://shop.localhost/sale?a=1&b=2"
    rich = '<p><a href="https://shop.localhost/gone?a=1&amp;b=2">x</a> <a href="tel:1">y</a></p>'
    body_of(page, ("text", {"body": rich}), ("only_for", {"blocks": [{"type": "text", "value": {"body": rich}}]}))
    page.save_revision().publish()
    known["https://shop.localhost/gone?a=1&b=2"] = httpx.Response(404)
    known["https://shop.localhost/sale?a=1&b=2"] = http.NoAnswer("ReadTimeout")

    trial = try_links(page=page, now=TUESDAY)
    found = findings_of(LandingPage.objects.get(pk=page.pk))

    assert [(call.method, call.only_public) for call in made] == [("HEAD", True)] * 2
    assert trial.troubles == {
        "https://shop.localhost/sale?a=1&b=2": "no answer",
        "https://shop.localhost/gone?a=1&b=2": "404",
    }
    assert "https://shop.localhost/gone?a=1&b=2 answers with an error (404)." in found
    assert "https://shop.localhost/sale?a=1&b=2 does not answer." in found


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        (httpx.Response(200), ""),
        (httpx.Response(301), ""),
        (httpx.Response(403), ""),
        (httpx.Response(405), ""),
        (httpx.Response(410), "410"),
        (httpx.Response(503), "503"),
        (http.NotSent("gaierror"), "no such host"),
        (http.PrivateHost("private address"), "private"),
        (http.NoAnswer("ReadTimeout"), "no answer"),
    ],
)
def test_who_refuses_a_machine_may_still_answer_people(answer, trouble):
    assert trying.trouble_of(answer) == trouble


def test_a_link_that_was_replaced_is_dead_no_more(in_workspace, answers):
    page = make_page(in_workspace)
    page.action_label, page.action_target = "Go", "https://shop.localhost/old"
    page.save_revision().publish()
    answers[0]["https://shop.localhost/old"] = httpx.Response(404)
    try_links(page=page, now=TUESDAY)

    page.action_target = "https://shop.localhost/new"

    assert not any("shop.localhost" in finding for finding in findings_of(page))


def test_a_worker_tries_the_links_when_somebody_asks_for_it(
    owner_client, workspace, other_workspace, answers, monkeypatch, django_capture_on_commit_callbacks
):
    own, theirs = make_page(workspace), make_page(other_workspace, "Theirs")
    monkeypatch.setattr(tasks.try_links, "apply_async", lambda arguments, **options: tasks.try_links(*arguments))

    with django_capture_on_commit_callbacks(execute=True):
        told = owner_client.post(f"/admin/landing/page/{own.pk}/links/")
        refused = owner_client.post(f"/admin/landing/page/{theirs.pk}/links/")

    assert (told.status_code, refused.status_code) == (302, 404)
    with scopes_disabled():
        assert [trial.page for trial in LinkTrial.objects.all()] == [own]
    assert "Last tried" in owner_client.get(f"/admin/landing/page/{own.pk}/checks/").content.decode()
