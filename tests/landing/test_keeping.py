"""The neutral page is kept whole, sent without a query, and never somebody's own."""

import gzip
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import brotli
import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_scopes import scope
from wagtail.images.models import Image
from wagtail.images.tests.utils import get_test_image_file

from landing import keeping
from landing.models import Piece
from landing.packing import packing_of
from landing.services import save_theme
from messaging.models import PromoPool
from tests.factories import make_page
from tests.landing.test_visitors import Mailing, mailing, own_media  # noqa: F401  (fixtures)


@pytest.fixture(autouse=True)
def empty_cache():
    cache.clear()


def test_the_second_visitor_is_answered_without_a_query(client, mailing):  # noqa: F811
    first = client.get(mailing.page.url)

    with CaptureQueriesContext(connection) as captured:
        second = client.get(mailing.page.url + "?utm_source=sms")

    assert (len(captured), second.content == first.content) == (0, True)
    assert (second["Cache-Control"], second["Vary"], second["Age"]) == ("public, max-age=60", "Accept-Encoding", "0")
    assert second["Content-Security-Policy"] == first["Content-Security-Policy"]
    assert not second.cookies


def test_a_personal_page_is_never_kept_nor_answered_from_what_is(client, mailing):  # noqa: F811
    client.get(mailing.page.url)

    pages = [client.get(mailing.address(0)), client.get(mailing.address(1)), client.get(mailing.page.url)]

    assert ["Claire, 32" in page.content.decode() for page in pages] == [True, False, False]
    assert [page["Cache-Control"] for page in pages] == ["private, no-store", "private, no-store", "public, max-age=60"]
    assert [mailing.code(number) in pages[2].content.decode() for number in (0, 1)] == [False, False]


def test_what_anyone_may_see_is_kept_for_as_long_as_its_header_says(client, mailing, monkeypatch):  # noqa: F811
    lifetimes, really_set = [], cache.set

    def noting(key, value, *lifetime, **more):
        lifetimes.extend(lifetime if key.startswith("page:") else ())
        really_set(key, value, *lifetime, **more)

    monkeypatch.setattr(keeping.cache, "set", noting)

    client.get(mailing.page.url)

    assert lifetimes == [60]


def test_a_new_look_and_a_new_text_are_there_at_once(client, mailing):  # noqa: F811
    client.get(mailing.page.url)

    with scope(workspace=mailing.workspace):
        save_theme(workspace=mailing.workspace, brand="#c22a1b")
    after_look = client.get(mailing.page.url).content.decode()
    mailing.page.title = "Another title"
    mailing.page.save_revision().publish()
    after_text = client.get(mailing.page.url).content.decode()

    assert ["--brand:#c22a1b" in after_look, "Another title" in after_text] == [True, True]


@pytest.fixture
def composed(in_workspace):
    """A page of a picture, an offer and a reusable block."""
    picture = Image.objects.create(
        collection=in_workspace.collection, title="Poster", file=get_test_image_file(filename="poster.png")
    )
    pool = PromoPool.objects.create(workspace=in_workspace, name="Winter", shared_code="WINTER")
    hours = [("text", {"heading": "Old hours", "body": ""})]
    piece = Piece.objects.create(workspace=in_workspace, name="Hours", body=hours)
    page = make_page(in_workspace, "Sale")
    page.hero = [("hero", {"title": "Sale", "photo": picture})]
    page.body = [
        ("offer", {"figure": "−40 %", "text": "on all", "pool": str(pool.pk)}),
        ("reusable", {"piece": str(piece.pk)}),
    ]
    page.save_revision().publish()
    return page


def share_another_code(page):
    pool = PromoPool.objects.get()
    pool.shared_code = "WINTER-NEW"
    pool.save()


def drop_the_codes(page):
    PromoPool.objects.get().delete()


def replace_the_picture(page):
    image = Image.objects.get()
    image.file = get_test_image_file(filename="another.png")
    image.save()
    # As the admin does; a page that was drawn between the two shows files that are gone.
    cache.set(keeping.GENERATION, "between", None)
    image.renditions.all().delete()
    assert cache.get(keeping.GENERATION) != "between"


def move_the_focus(page):
    image = Image.objects.get()
    image.focal_point_x, image.focal_point_y, image.focal_point_width, image.focal_point_height = 1, 1, 2, 2
    image.save()


def change_the_piece(page):
    piece = Piece.objects.get()
    piece.body = [("text", {"heading": "New hours", "body": ""})]
    piece.save()


def change_the_brand(page):
    page.workspace.contact_details = "44 quai de la Fosse"
    page.workspace.save()


def change_the_look(page):
    save_theme(workspace=page.workspace, brand="#c22a1b")


def lock_the_page(page):
    page.view_restrictions.create(restriction_type="login")


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        (share_another_code, "WINTER-NEW"),
        (drop_the_codes, ""),
        (replace_the_picture, "another"),
        (move_the_focus, "left upper"),
        (change_the_piece, "New hours"),
        (change_the_brand, "44 quai de la Fosse"),
        (change_the_look, "--brand:#c22a1b"),
        (lock_the_page, ""),
    ],
)
def test_whatever_a_page_is_made_of_ends_what_is_kept_of_it(client, composed, change, shown):
    before, kept = (client.get(composed.url) for _ in range(2))

    change(composed)

    after = client.get(composed.url)
    assert (kept["Age"], kept.content) == ("0", before.content)
    assert ("Age" in after, after.content == before.content, shown in after.content.decode()) == (False, False, True)


def test_a_page_is_kept_until_the_shop_closes_and_no_longer(client, workspace, monkeypatch):
    noon = datetime(2026, 11, 24, 11, 59, 40, tzinfo=ZoneInfo(workspace.time_zone))
    page = make_page(workspace, "Shop")
    page.body = [("hours", {"ranges": [{"days": ["1"], "opens": time(9), "closes": time(12)}]})]
    page.save_revision().publish()
    monkeypatch.setattr(timezone, "now", lambda: noon)

    open_page = client.get(page.url)
    cache.clear()
    monkeypatch.setattr(timezone, "now", lambda: noon + timedelta(seconds=20))
    closed_page = client.get(page.url)

    assert [each["Cache-Control"] for each in (open_page, closed_page)] == ["public, max-age=20", "public, max-age=60"]
    assert ["Open now" in each.content.decode() for each in (open_page, closed_page)] == [True, False]


def test_a_page_that_goes_offline_is_gone(client, mailing):  # noqa: F811
    client.get(mailing.page.url)

    mailing.page.unpublish()

    assert client.get(mailing.page.url).status_code == 404


def test_a_page_drawn_before_a_change_is_not_kept_after_it(rf, mailing):  # noqa: F811
    request = rf.get(mailing.page.url)
    _none, generation = keeping.kept_page(request)
    drawn = mailing.page.serve(request)

    keeping.forget_pages()
    keeping.keep_page(request, drawn, generation)

    assert keeping.kept_page(request)[0] is None


def test_two_hosts_do_not_share_what_is_kept(rf, mailing, settings):  # noqa: F811
    settings.ALLOWED_HOSTS = ["one.example", "two.example"]
    one, two = (rf.get(mailing.page.url, headers={"host": host}) for host in ("one.example", "two.example"))

    keeping.keep_page(one, mailing.page.serve(one), keeping.kept_page(one)[1])

    assert [keeping.kept_page(request)[0] is not None for request in (one, two)] == [True, False]


def test_a_page_for_some_only_is_not_kept(client, mailing):  # noqa: F811
    mailing.page.view_restrictions.create(restriction_type="login")

    answer = mailing.page.serve(client.request().wsgi_request)

    assert answer["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    ("accepted", "packing", "unpack"),
    [("br, gzip", "br", brotli.decompress), ("gzip;q=0.8", "gzip", gzip.decompress), ("br;q=0", "", bytes)],
)
def test_each_browser_gets_the_packing_it_takes(client, mailing, accepted, packing, unpack):  # noqa: F811
    drawn, kept = (client.get(mailing.page.url, headers={"accept-encoding": accepted}) for _ in range(2))

    assert [drawn.get("Content-Encoding", ""), kept.get("Content-Encoding", "")] == [packing, packing]
    assert unpack(kept.content) == unpack(drawn.content)
    assert unpack(drawn.content).endswith(b"</html>\n")


def test_no_packing_is_taken_for_granted(rf):
    taken = [packing_of(rf.get("/", headers={"accept-encoding": text})) for text in ("", "identity", "deflate", "*")]

    assert taken == ["", "", "", ""]
