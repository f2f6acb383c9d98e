"""The end of the offer, in words and in figures."""

from datetime import timedelta

import pytest

from landing.models import LandingPage
from tests.landing.blocks.showing import ALL, NOW, shown


def test_it_says_the_date_in_words_and_the_figures_without_a_script():
    html = shown("countdown", {"ends_at": (NOW + timedelta(days=2, hours=6, minutes=14)).isoformat()})

    assert "Thursday 26 November at 16:44</time>" in html
    assert [figure in html for figure in ("<b>2</b>", "<b>06</b>", "<b>14</b>")] == [True] * 3


def test_a_date_that_has_passed_is_said_to_have():
    html = shown("countdown", {"ends_at": (NOW - timedelta(minutes=1)).isoformat()})

    assert "This offer ended on Tuesday 24 November at 10:29." in html
    assert "data-end" not in html


@pytest.mark.django_db  # a page looks its content type up
def test_without_a_date_it_counts_down_to_the_end_of_the_page():
    page = LandingPage(expire_at=NOW + timedelta(minutes=90))

    html = shown("countdown", {}, page=page)

    assert ("<b>01</b>" in html, "<b>30</b>" in html) == (True, True)


def test_without_any_end_nothing_is_counted():
    assert "data-end" not in shown("countdown", {})


def test_a_page_is_kept_no_longer_than_until_the_end():
    block, ends_at = ALL["countdown"], NOW + timedelta(seconds=20)

    assert block.changes_at(block.to_python({"ends_at": ends_at.isoformat()}), NOW) == ends_at
