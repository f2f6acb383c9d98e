import gzip
import re
from datetime import UTC, datetime
from html import unescape
from html.parser import HTMLParser

import pytest
from django.test import Client
from wagtail.images.models import Rendition
from wagtail.models import Page

from accounts.models import Workspace
from landing import services
from landing.models import LandingPage
from landing.services import create_sale_page
from landing.style import hashed
from landing.tasks import draw_pictures
from tests.factories import make_member, make_page, make_workspace

ENDS_AT = datetime(2026, 11, 29, 22, 59, tzinfo=UTC)


@pytest.fixture(autouse=True)
def own_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def make_sale_page(workspace: Workspace, **fields: object) -> LandingPage:
    fields = {"title": "Winter sale", "slug": "winter", "shop_url": "https://shop.example/sale"} | fields
    return create_sale_page(workspace=workspace, ends_at=ENDS_AT, **fields)


class Outline(HTMLParser):
    """Tags with their attributes, in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, *names: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag in names]


@pytest.fixture
def sale(workspace):
    return make_sale_page(workspace)


def test_the_sale_page_weighs_less_than_14_kilobytes(client, sale):
    html = client.get(sale.url).content

    assert len(gzip.compress(html, 6)) <= 14 * 1024


def test_a_page_has_no_inline_style_and_nothing_embedded(client, sale):
    page = Outline(client.get(sale.url).content.decode())

    assert page.all("iframe", "object", "embed") == []
    assert [
        tag for tag, attributes in page.tags if "style" in attributes or any(k.startswith("on") for k in attributes)
    ] == []


def test_the_policy_allows_the_one_style_sheet_and_the_small_scripts_of_the_page_and_nothing_else(client, sale):
    response = client.get(sale.url)

    html = response.content.decode()
    (style,) = re.findall(r"<style>(.*?)</style>", html, re.S)
    tick, copy = re.findall(r"<script>(.*?)</script>", html, re.S)
    assert response["Content-Security-Policy"] == (
        f"default-src 'none'; img-src 'self'; font-src 'self'; style-src '{hashed(style)}';"
        f" form-action 'self'; base-uri 'none'; frame-ancestors 'self'; script-src '{hashed(tick)}' '{hashed(copy)}'"
    )
    assert len(tick) + len(copy) < 1000


def test_a_page_whose_blocks_need_no_script_has_none(client, workspace):
    page = make_page(workspace)

    response = client.get(page.url)

    assert "<script" not in response.content.decode()
    assert "script-src" not in response["Content-Security-Policy"]


def test_anyone_may_cache_the_neutral_page_and_nobody_gets_a_cookie(client, sale):
    response = client.get(sale.url)

    assert response["Cache-Control"] == "public, max-age=60"
    assert response["Vary"] == "Accept-Encoding"
    assert response.cookies == {}
    assert (response["Referrer-Policy"], response["X-Robots-Tag"]) == ("no-referrer", "noindex")
    assert "Welcome, 32 pieces" in response.content.decode()


@pytest.mark.parametrize(
    ("language", "words"),
    [("fr", "dimanche 29 novembre at 23\xa0h\xa059</time>"), ("en", "Sunday 29 November at 23:59</time>")],
)
def test_the_sale_page_speaks_the_language_of_its_workspace(db, client, language, words):
    page = make_sale_page(make_workspace("shop", language=language))

    response = client.get(page.url, headers={"accept-language": "fr" if language == "en" else "en"})

    assert f'<html lang="{language}">' in response.content.decode()
    assert words in response.content.decode()
    assert response["Content-Language"] == language


def test_the_page_can_be_heard(client, sale):
    page = Outline(client.get(sale.url).content.decode())

    assert len(page.all("h1")) == len(page.all("main")) == len(page.all("title")) == 1
    assert all("alt" in image and image["width"] and image["height"] for image in page.all("img"))
    ids = [attributes["id"] for _tag, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {section["aria-labelledby"] for section in page.all("section", "ul") if "aria-labelledby" in section} <= set(
        ids
    )


def test_the_photo_of_the_poster_comes_in_light_formats_and_first(client, sale):
    page = Outline(client.get(sale.url).content.decode())

    assert [source["type"] for source in page.all("source")] == ["image/avif"] * 4
    assert [image.get("fetchpriority") for image in page.all("img")] == ["high", None, None, None]


def test_the_photo_of_the_poster_is_asked_for_before_anything_else_and_once(client, sale):
    page = Outline(client.get(sale.url).content.decode())

    [preload] = [link for link in page.all("link") if link["rel"] == "preload"]
    shown = page.all("source")[0]
    assert (preload["as"], preload["fetchpriority"]) == ("image", "high")
    assert [preload["imagesrcset"], preload["imagesizes"], preload["type"]] == [
        shown["srcset"],
        shown["sizes"],
        shown["type"],
    ]


def test_a_poster_without_a_photo_has_its_font_asked_for_early(client, workspace):
    page = Outline(client.get(make_page(workspace).url).content.decode())

    assert [link["as"] for link in page.all("link") if link["rel"] == "preload"] == ["font"]


def test_a_landing_page_is_the_only_page_that_can_be_made_under_a_root(workspace):
    assert [model for model in Page.allowed_subpage_models() if model.is_creatable] == [LandingPage]
    assert LandingPage.allowed_subpage_models() == []


def test_the_root_of_a_workspace_names_the_brand_and_lists_nothing(client, sale, workspace):
    response = client.get(workspace.root_page.url)

    html = response.content.decode()
    assert "<h1>Maison Lambert</h1>" in html
    assert "winter" not in html
    assert response["Content-Security-Policy"].startswith("default-src 'none'")


def test_an_editor_previews_the_page_as_a_recipient_and_as_anyone(owner_client, sale):
    owner_client.post(f"/admin/pages/{sale.pk}/edit/preview/", {})
    seen = {mode: sale.make_preview_request(preview_mode=mode) for mode in ("recipient", "anyone")}

    assert "Camille, 32 pieces" in seen["recipient"].content.decode()
    assert "Welcome, 32 pieces" in seen["anyone"].content.decode()
    assert all(response["Cache-Control"] == "private, no-store" for response in seen.values())
    assert sale.default_preview_size == "mobile"


def test_the_editor_of_a_new_page_opens_with_an_empty_poster(owner_client, workspace):
    response = owner_client.get(f"/admin/pages/add/landing/landingpage/{workspace.root_page_id}/?empty=1")

    html = unescape(response.content.decode())
    assert '"type": "hero", "value": {"kicker": null, "title": null, "text": null, "photo": null, ' in html


def test_the_pictures_of_the_demo_are_brought_in_once(workspace):
    one, other = make_sale_page(workspace), make_sale_page(workspace, slug="other")

    assert one.hero[0].value["photo"] == other.hero[0].value["photo"]
    assert one.hero[0].value["photo"].collection == workspace.collection


def test_a_signed_in_colleague_sees_what_visitors_see(client, sale, workspace, other_workspace):
    visitor_sees = client.get(sale.url)
    colleague = Client()
    colleague.force_login(make_member(other_workspace))

    colleague_sees = colleague.get(sale.url)

    assert colleague_sees.content == visitor_sees.content
    assert colleague_sees["Vary"] == "Accept-Encoding"


def test_pictures_are_drawn_before_anybody_comes(workspace):
    page = make_sale_page(workspace)
    assert not Rendition.objects.exists()

    draw_pictures.apply((page.pk,)).get()
    drawn = set(Rendition.objects.values_list("file", flat=True))
    Client().get("/lambert/winter/")

    assert len(drawn) > 10
    assert set(Rendition.objects.values_list("file", flat=True)) == drawn


def test_publishing_a_page_has_its_pictures_drawn_once_it_is_committed(
    workspace, django_capture_on_commit_callbacks, monkeypatch
):
    drawn = []
    monkeypatch.setattr(draw_pictures, "apply_async", lambda arguments, **options: drawn.append(arguments))

    with django_capture_on_commit_callbacks(execute=True):
        page = make_sale_page(workspace)

    assert drawn == [(page.pk,)]


def test_one_page_is_drawn_at_a_time_and_the_next_is_asked_for_again(workspace, monkeypatch):
    asked, page = [], make_sale_page(workspace)
    monkeypatch.setattr(draw_pictures, "apply_async", lambda arguments, **options: asked.append((arguments, options)))
    draw = services.draw_pictures

    def draw_while_another_is_published(*, page):
        draw_pictures.apply((page.pk,)).get()
        draw(page=page)

    monkeypatch.setattr(services, "draw_pictures", draw_while_another_is_published)
    draw_pictures.apply((page.pk,)).get()
    monkeypatch.setattr(services, "draw_pictures", draw)
    draw_pictures.apply((page.pk,)).get()

    assert asked == [((page.pk,), {"countdown": 3, "retry": False})]


def test_pictures_of_a_page_that_went_offline_are_left_alone(workspace):
    page = make_sale_page(workspace)
    page.unpublish()

    draw_pictures.apply((page.pk,)).get()

    assert not Rendition.objects.exists()
