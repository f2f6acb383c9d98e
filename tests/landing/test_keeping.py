"""The neutral page is kept whole, sent without a query, and never somebody's own."""

import gzip

import brotli
import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_scopes import scope

from landing import keeping
from landing.packing import packing_of
from landing.services import save_theme
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
