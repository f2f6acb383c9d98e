import pytest

from landing.checks import LIGHT_PAGE, findings_of, pictures_of, weight_of
from landing.models import LandingPage
from landing.services import create_page, save_theme
from tests.factories import TUESDAY, make_page


@pytest.fixture(autouse=True)
def own_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def body_of(page, *blocks):
    page.body = page._meta.get_field("body").stream_block.to_python([{"type": n, "value": v} for n, v in blocks])
    return page


def test_a_finished_page_lacks_nothing_but_addresses_of_ones_own(in_workspace):
    page = create_page(workspace=in_workspace, trade="fashion", now=TUESDAY)

    assert findings_of(page) == ["A link still leads to the template's example address: put your own."]


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
