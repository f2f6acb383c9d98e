"""How long before a date: calendars, clocks that change, and what is too late."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.notice import Notice

PARIS = ZoneInfo("Europe/Paris")
FIRST, LAST = date(2026, 1, 1), date(2027, 12, 31)
WALLS = st.builds("{}T{:02}:{:02}".format, st.dates(FIRST, LAST), st.integers(0, 23), st.integers(0, 59))


def notice(hours, *, has_time=True, at=time(10), zone=PARIS):
    return Notice(hours, at, zone, has_time)


def utc(*when):
    return datetime(*when, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "visit", "leaves_at"),
    [
        (24, "2026-12-02T14:30", utc(2026, 12, 1, 13, 30)),
        # The clocks go back on 25 October, and forward on 28 March: a day before is the same hour of the day …
        (24, "2026-10-25T14:30", utc(2026, 10, 24, 12, 30)),
        (72, "2027-03-28T14:30", utc(2027, 3, 25, 13, 30)),
        # … and four hours are four hours.
        (4, "2026-10-25T05:00", utc(2026, 10, 25, 0, 0)),
        (4, "2027-03-28T05:00", utc(2027, 3, 27, 23, 0)),
    ],
)
def test_a_moment_is_reminded_of_by_the_workspaces_clock(hours, visit, leaves_at):
    assert notice(hours).leaves_at(visit) == leaves_at


@pytest.mark.parametrize(
    ("zone", "leaves_at"), [("Indian/Reunion", utc(2026, 12, 1, 6)), ("America/Cayenne", utc(2026, 12, 1, 13))]
)
def test_a_day_is_reminded_of_at_the_time_that_was_chosen(zone, leaves_at):
    assert notice(24, has_time=False, zone=ZoneInfo(zone)).leaves_at("2026-12-02") == leaves_at


def test_it_is_too_late_when_less_than_a_quarter_of_the_notice_is_left():
    starts_at = notice(24).starts_at("2026-12-02T14:30")

    assert starts_at - notice(24).expires_at("2026-12-02T14:30") == timedelta(hours=6)
    assert notice(48, has_time=False).expires_at("2026-12-02") == utc(2026, 12, 1, 23)
    assert notice(0, has_time=False).expires_at("2026-12-02") == utc(2026, 12, 2, 23)


@settings(max_examples=200)
@given(WALLS, st.sampled_from([1, 2, 4, 12, 24, 48, 72, 720]), st.timedeltas(timedelta(0), timedelta(days=40)))
def test_whatever_was_reached_is_due_and_whatever_is_past_is_over(visit, hours, before):
    """But for the hour that a change of the clocks leaves out, or has twice."""
    one = notice(hours)
    clock = (one.starts_at(visit) - before).astimezone(UTC)

    if one.leaves_at(visit) <= clock - timedelta(hours=1):
        assert visit <= one.reached(clock)
    if one.leaves_at(visit) > clock + timedelta(hours=1):
        assert visit > one.reached(clock)
    if before > timedelta(hours=1, minutes=1):
        assert visit > one.past(clock)


@settings(max_examples=200)
@given(
    st.dates(FIRST, LAST),
    st.sampled_from([0, 24, 48, 168]),
    st.timedeltas(timedelta(0), timedelta(days=9)),
)
def test_days_are_reached_at_the_chosen_time(day, hours, before):
    one, value = notice(hours, has_time=False), day.isoformat()
    clock = one.starts_at(value).astimezone(UTC) - before

    assert (value <= one.reached(clock)) == (one.leaves_at(value) <= clock)
