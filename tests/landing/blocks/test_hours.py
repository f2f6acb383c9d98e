"""Open or not, on the shop's own clock."""

from datetime import UTC, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landing.opening import Opening, Span, opening_at
from tests.landing.blocks.showing import ALL, NOW, refused, shown

TUESDAY = {"ranges": [{"days": ["1"], "opens": "09:30", "closes": "12:00"}]}


def test_the_shop_is_open_until_it_closes():
    assert "<b>Open now</b>, until 12:00" in shown("hours", TUESDAY)


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (NOW.replace(hour=8), "<b>Closed</b>, opens at 09:30"),
        (NOW.replace(hour=13), "<b>Closed</b>, opens Tuesday at 09:30"),
    ],
)
def test_a_closed_shop_says_when_it_opens(moment, words):
    assert words in shown("hours", TUESDAY, now=moment)


def test_hours_are_those_of_the_shop_whatever_the_clock_of_the_server():
    assert "<b>Open now</b>" in shown("hours", TUESDAY, now=NOW.astimezone(UTC))


def test_a_page_is_kept_no_longer_than_until_the_shop_closes():
    block = ALL["hours"]

    assert block.changes_at(block.to_python(TUESDAY), NOW) == NOW.replace(hour=12, minute=0)


def test_a_bar_that_closes_after_midnight_is_open_then():
    spans = [Span(0, time(18), time(2))]

    assert opening_at(spans, NOW.replace(hour=1)) == Opening(True, NOW.replace(hour=2, minute=0))


def test_without_a_break_two_ranges_are_one():
    spans = [Span(1, time(9), time(12)), Span(1, time(12), time(18))]

    assert opening_at(spans, NOW).changes_at == NOW.replace(hour=18, minute=0)


spans_of_a_week = st.lists(st.builds(Span, st.integers(0, 6), st.times(), st.times()), min_size=1, max_size=8)


@given(spans_of_a_week, st.integers(0, 7 * 24 * 60))
def test_open_or_closed_holds_until_the_moment_that_is_named(spans, minute):
    now = NOW + timedelta(minutes=minute)

    opening = opening_at(spans, now)

    assert opening.changes_at is not None
    assert opening.changes_at > now
    just_before = opening.changes_at - timedelta(microseconds=1)
    assert opening_at(spans, just_before).is_open == opening.is_open


@pytest.mark.parametrize(
    "ranges", [[], [{"days": [], "opens": "09:00", "closes": "12:00"}], [{"days": ["7"], "opens": "9", "closes": ""}]]
)
def test_hours_have_days_a_beginning_and_an_end(ranges):
    assert refused("hours", {"ranges": ranges})
