from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audience.models import Contact
from audience.phone import TIME_ZONES
from messaging.compliance import Place, holidays_of, next_legal, place_of, policies

PARIS = Place(postcode="75011")
STRASBOURG = Place(postcode="67000")
UNKNOWN = Place()


def at(text: str, zone: str = "Europe/Paris") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def overseas(territory: str) -> Place:
    return Place(territory, TIME_ZONES[territory])


@pytest.mark.parametrize(
    ("place", "asked", "answer"),
    [
        # A Tuesday at 10:30 is fine at once.
        (PARIS, at("2026-11-24 10:30"), at("2026-11-24 10:30")),
        (PARIS, at("2026-11-24 07:59"), at("2026-11-24 08:00")),
        # Closed five minutes before eight in the evening.
        (PARIS, at("2026-11-24 19:54:59"), at("2026-11-24 19:54:59")),
        (PARIS, at("2026-11-24 19:55"), at("2026-11-25 08:00")),
        # Saturday is open, Sunday is not.
        (PARIS, at("2026-11-28 12:00"), at("2026-11-28 12:00")),
        (PARIS, at("2026-11-29 12:00"), at("2026-11-30 08:00")),
        # Easter Monday follows a Sunday.
        (PARIS, at("2026-04-04 20:00"), at("2026-04-07 08:00")),
        # Good Friday and 26 December: Alsace-Moselle, and whoever may live there.
        (PARIS, at("2026-04-03 10:00"), at("2026-04-03 10:00")),
        (STRASBOURG, at("2026-04-03 10:00"), at("2026-04-04 08:00")),
        (UNKNOWN, at("2026-04-03 10:00"), at("2026-04-04 08:00")),
        (UNKNOWN, at("2026-12-24 20:00"), at("2026-12-28 08:00")),
        # Clocks go forward on 29 March 2026, a Sunday: eight o'clock is eight o'clock.
        (PARIS, at("2026-03-28 21:00"), datetime(2026, 3, 30, 6, 0, tzinfo=UTC)),
        (PARIS, at("2026-10-24 21:00"), datetime(2026, 10, 26, 7, 0, tzinfo=UTC)),
        # Nine in Paris is night in the Caribbean and in Guyane.
        (overseas("MQ"), at("2026-01-13 09:00"), at("2026-01-13 08:00", "America/Martinique")),
        (overseas("GF"), at("2026-01-13 09:00"), at("2026-01-13 08:00", "America/Cayenne")),
        # Seven in the evening in Paris is ten in Réunion, and nine is ten in the evening in Tahiti.
        (overseas("RE"), at("2026-01-13 19:00"), at("2026-01-14 08:00", "Indian/Reunion")),
        (overseas("PF"), at("2026-01-13 09:00"), at("2026-01-13 08:00", "Pacific/Tahiti")),
        # Abolition days.
        (overseas("MQ"), at("2026-05-22 10:00", "America/Martinique"), at("2026-05-23 08:00", "America/Martinique")),
        (overseas("GF"), at("2026-06-10 10:00", "America/Cayenne"), at("2026-06-11 08:00", "America/Cayenne")),
        (overseas("MF"), at("2026-05-27 10:00", "America/Marigot"), at("2026-05-29 08:00", "America/Marigot")),
        (overseas("YT"), at("2026-04-27 10:00", "Indian/Mayotte"), at("2026-04-28 08:00", "Indian/Mayotte")),
    ],
)
def test_marketing_leaves_at_the_next_legal_instant_where_the_recipient_is(place, asked, answer):
    assert next_legal(purpose="marketing", place=place, at=asked) == answer


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        (at("2026-11-24 03:00"), at("2026-11-24 08:00")),
        (at("2026-11-24 22:00"), at("2026-11-25 08:00")),
        (at("2026-11-29 12:00"), at("2026-11-29 12:00")),
        (at("2026-12-25 12:00"), at("2026-12-25 12:00")),
    ],
)
def test_service_messages_wait_for_the_morning_only(asked, answer):
    assert next_legal(purpose="service", place=PARIS, at=asked) == answer


def test_what_never_waits_leaves_in_the_middle_of_the_night():
    night = at("2026-11-29 03:00")

    assert next_legal(purpose="service", place=PARIS, at=night, never_waits=True) == night


def test_information_keeps_the_hours_of_marketing():
    assert next_legal(purpose="information", place=PARIS, at=at("2026-11-29 12:00")) == at("2026-11-30 08:00")


@pytest.mark.parametrize(
    ("facts", "place"),
    [
        ({"territory": "FR", "postcode": "97400"}, Place("RE", "Indian/Reunion", "97400")),
        ({"territory": "FR", "postcode": "97150"}, Place("MF", "America/Marigot", "97150")),
        ({"territory": "FR", "postcode": "75011"}, Place("FR", "Europe/Paris", "75011")),
        ({"territory": "MQ", "time_zone": "America/Martinique"}, Place("MQ", "America/Martinique", "")),
    ],
)
def test_an_overseas_postcode_says_more_than_a_mainland_number(facts, place):
    assert place_of(Contact(**facts)) == place


def test_france_has_eleven_holidays_and_alsace_moselle_two_more():
    assert (len(holidays_of(PARIS, 2026)), len(holidays_of(STRASBOURG, 2026))) == (11, 13)


def test_every_policy_names_its_source():
    assert all(policy.source and policy.name for policy in policies())


PLACES = st.sampled_from([PARIS, STRASBOURG, UNKNOWN, *map(overseas, TIME_ZONES), Place("BE", "Europe/Brussels")])
INSTANTS = st.datetimes(datetime(2024, 1, 2), datetime(2032, 12, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(PLACES, INSTANTS)
@settings(max_examples=300, deadline=None)
def test_no_marketing_outside_the_window(place, instant):
    legal = next_legal(purpose="marketing", place=place, at=instant)

    local = legal.astimezone(ZoneInfo(place.time_zone))
    assert instant <= legal < instant + timedelta(days=7)
    assert time(8) <= local.time() < time(19, 55)
    assert local.weekday() != 6
    assert local.date() not in holidays_of(place, local.year)
    assert (local.month, local.day) not in {(12, 25), (1, 1), (5, 1)}
    assert next_legal(purpose="marketing", place=place, at=legal) == legal


def test_the_charter_of_2024_was_stricter_about_sundays_than_that_of_2026():
    charters = [policy for policy in policies() if policy.name.startswith("AF2M")]

    in_force = {
        day: [p.name[-4:] for p in charters if p.is_in_force(day)] for day in (date(2025, 6, 1), date(2026, 6, 1))
    }

    assert in_force == {date(2025, 6, 1): ["2024"], date(2026, 6, 1): ["2026"]}
