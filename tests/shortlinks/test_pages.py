"""The redirect's own pages: in the visitor's language, in the brand's name, with the moment where there is one."""

from datetime import UTC, datetime

import pytest

from shortlinks.pages import DATED_TEMPLATES, GONE, MARK, NOT_FOUND, TEMPLATES, Pages

MOMENT = datetime(2026, 12, 24, 17, 30, tzinfo=UTC).timestamp()
PAGES = Pages("Maison <b>Lambert</b>", "fr", "Europe/Paris")


@pytest.mark.parametrize(
    ("status", "words"), [(NOT_FOUND, "This link opens on"), (GONE, "This link is no longer valid")]
)
def test_the_moment_is_told_in_the_shop_s_time(status, words):
    body = PAGES.dated_body(status, MOMENT, "en-GB,en;q=0.9").decode()

    assert words in body
    assert "at 6:30 p.m." in body
    assert MARK not in body


def test_french_visitors_read_the_day_in_french():
    assert "24 décembre 2026" in PAGES.dated_body(GONE, MOMENT, "fr-FR").decode()


@pytest.mark.parametrize("status", TEMPLATES)
def test_every_page_names_the_brand_and_keeps_out_of_search(status):
    body = PAGES.body(status, "en").decode()

    assert "Maison &lt;b&gt;Lambert&lt;/b&gt;" in body
    assert '<meta name="robots" content="noindex">' in body
    assert "<script" not in body


def test_dates_stand_only_where_there_is_a_plain_page_as_well():
    assert set(DATED_TEMPLATES) <= set(TEMPLATES)


def test_an_ended_link_says_how_to_reach_the_shop():
    pages = Pages("Maison Lambert", "fr", "Europe/Paris", contact="12 rue <b>Crébillon</b>\n02 61 91 00 00")

    said = '<p class="contact">12 rue &lt;b&gt;Crébillon&lt;/b&gt;<br>02 61 91 00 00</p>'
    assert said in pages.body(GONE, "fr").decode()
    assert said in pages.dated_body(GONE, MOMENT, "fr").decode()
    assert said not in pages.body(NOT_FOUND, "fr").decode()
