"""What a messenger shows of a link: a large picture, and nothing of anybody's own."""

from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from landing import theme
from landing.services import create_page
from landing.sharing import SIZE, Card, drawn
from tests.factories import TUESDAY, make_page
from tests.landing.test_pages import Outline, make_sale_page
from tests.landing.test_visitors import Mailing


@pytest.fixture(autouse=True)
def own_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    settings.BASE_URL = "https://sms.example.fr"


def told(html: str) -> dict[str, str]:
    named = [(each.get("property") or each.get("name"), each["content"]) for each in Outline(html).all("meta")[1:]]
    return {name: words for name, words in named if name.startswith(("og:", "twitter:"))}


def test_a_link_is_shown_with_the_photo_of_its_poster(client, workspace):
    page = make_sale_page(workspace)

    shown = told(client.get(page.url).content.decode())

    address = shown.pop("og:image")
    assert shown == {
        "og:type": "website",
        "og:site_name": "Maison Lambert",
        "og:title": "Winter sale",
        "og:description": page.search_description,
        "og:url": "https://sms.example.fr/lambert/winter/",
        "og:image:type": "image/jpeg",
        "og:image:width": "1200",
        "og:image:height": "630",
        "twitter:card": "summary_large_image",
    }
    assert address.startswith("https://sms.example.fr/media/")
    with Image.open(page.poster.renditions.get(filter_spec__startswith="fill-1200x630").file.path) as photo:
        assert photo.format == "JPEG"


def test_a_page_without_a_photo_is_shown_by_a_card_in_its_own_colours(client, workspace):
    page = create_page(workspace=workspace, trade="town", now=TUESDAY)
    page.save_revision().publish()

    address = told(client.get(page.url).content.decode())["og:image"]
    answer = client.get(address.removeprefix("https://sms.example.fr"))

    assert (answer["Content-Type"], answer["Cache-Control"]) == ("image/png", "public, max-age=86400")
    with Image.open(BytesIO(answer.content)) as card:
        assert (card.size, card.convert("RGB").getpixel((2, 2))) == (SIZE, (0x0D, 0x4F, 0x5C))
    assert len(answer.content) < 60_000


def test_a_recipients_page_is_shown_as_anyones(client, workspace):
    mailing = Mailing(workspace)

    mine, anyones = (told(client.get(url).content.decode()) for url in (mailing.address(0), mailing.page.url))

    assert mine == anyones
    assert [word for word in ("Claire", mailing.code(0), "v=") if word in repr(mine)] == []


def test_a_card_changes_its_address_with_its_words_and_is_gone_with_its_page(client, workspace):
    page = make_page(workspace)
    before = told(client.get(page.url).content.decode())["og:image"]

    page.title = "Other words"
    page.save_revision().publish()
    after = told(client.get(page.url).content.decode())["og:image"]
    page.unpublish()

    assert before != after
    assert client.get(after.removeprefix("https://sms.example.fr")).status_code == 404


def test_a_page_for_some_only_has_no_card(client, workspace):
    page = make_page(workspace)
    address = told(client.get(page.url).content.decode())["og:image"].removeprefix("https://sms.example.fr")

    page.view_restrictions.create(restriction_type="login")

    assert client.get(address).status_code == 404


@pytest.mark.parametrize("voice", theme.VOICES)
def test_every_voice_has_a_card(voice):
    assert drawn(Card("Vente privée d’hiver", "Maison Lambert", theme.Choices(voice=voice)))


@given(st.text(max_size=200))
@settings(max_examples=15, deadline=None)
def test_any_title_can_be_drawn(title):
    with Image.open(BytesIO(drawn(Card(title, title, theme.Choices())))) as card:
        assert card.size == SIZE


def test_a_title_of_five_thousand_signs_is_cut_to_what_fits():
    with Image.open(BytesIO(drawn(Card("Mot " * 1250, "Brand", theme.Choices())))) as card:
        assert card.size == SIZE
