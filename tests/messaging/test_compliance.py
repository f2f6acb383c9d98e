from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from audience.models import Contact
from audience.phone import TIME_ZONES
from messaging import law
from messaging.compliance import Limits, NeverLegal, Place, holidays_of, next_legal, place_of, refusal

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


def test_every_text_names_its_source_and_the_day_it_was_read():
    known = [*law.texts(), *law.provider_texts().values()]

    assert all(text.source and text.name and text.checked_on for text in known)


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
    charters = [text for text in law.texts() if text.kind == law.Kind.LAW]

    in_force = {
        day: [(text.slug, text.allows_sundays) for text in charters if text.is_in_force(day)]
        for day in (date(2025, 6, 1), date(2026, 6, 1))
    }

    assert in_force == {date(2025, 6, 1): [("af2m-2024", False)], date(2026, 6, 1): [("af2m-2026", True)]}


MARTINIQUE, TAHITI = TIME_ZONES["MQ"], TIME_ZONES["PF"]
CHARTER = Limits("af2m-2026")
SMSFACTOR = Limits(gateway="smsfactor")
EVERY_DAY = Limits("af2m-2026", allows_sundays=True, allows_holidays=True)


@pytest.mark.parametrize(
    ("limits", "place", "asked", "answer"),
    [
        # The charter's evening, and its end.
        (CHARTER, PARIS, at("2026-11-24 21:24:59"), at("2026-11-24 21:24:59")),
        (CHARTER, PARIS, at("2026-11-24 21:25"), at("2026-11-25 08:00")),
        # The charter tolerates Sundays and holidays; the workspace has its own switches, both off.
        (CHARTER, PARIS, at("2026-11-29 12:00"), at("2026-11-30 08:00")),
        (EVERY_DAY, PARIS, at("2026-11-29 12:00"), at("2026-11-29 12:00")),
        (EVERY_DAY, PARIS, at("2026-12-25 12:00"), at("2026-12-25 12:00")),
        (Limits("af2m-2026", allows_sundays=True), PARIS, at("2026-11-01 12:00"), at("2026-11-02 08:00")),
        # No switch widens the prudent hours, and a text that nobody offers is taken for them.
        (Limits(allows_sundays=True, allows_holidays=True), PARIS, at("2026-11-29 12:00"), at("2026-11-30 08:00")),
        (Limits("service", True, True), PARIS, at("2026-11-29 12:00"), at("2026-11-30 08:00")),
        # In 2025 the charter of 2024 was law: whoever chose 21:30 kept its working days.
        (EVERY_DAY, PARIS, at("2025-11-30 12:00"), at("2025-12-01 08:00")),
        (EVERY_DAY, PARIS, at("2025-11-25 21:40"), at("2025-11-26 08:00")),
        # Abroad there is the prudent default alone.
        (EVERY_DAY, Place("BE", "Europe/Brussels"), at("2026-11-24 20:30"), at("2026-11-25 08:00")),
        (EVERY_DAY, Place("BE", "Europe/Brussels"), at("2026-07-21 12:00"), at("2026-07-22 08:00")),
        (EVERY_DAY, Place("MC", "Europe/Monaco"), at("2026-01-27 12:00"), at("2026-01-28 08:00")),
        # OVHcloud holds what arrives on a Saturday until Monday.
        (Limits(gateway="ovh"), PARIS, at("2026-11-28 12:00"), at("2026-11-30 08:00")),
        # Seven in the evening in Martinique is midnight for a provider in France, who would send in the morning.
        (Limits(gateway="ovh"), overseas("MQ"), at("2026-01-13 18:00", MARTINIQUE), at("2026-01-14 08:00", MARTINIQUE)),
        # SMSFactor's evening ends at eight in Paris, when the day in Tahiti has hardly begun.
        (SMSFACTOR, overseas("PF"), at("2026-01-13 09:00", TAHITI), at("2026-01-14 08:00", TAHITI)),
    ],
)  # fmt: skip
def test_workspace_and_provider_narrow_the_law_and_never_widen_it(limits, place, asked, answer):
    assert next_legal(purpose="marketing", place=place, at=asked, limits=limits) == answer


def test_a_provider_in_france_never_reaches_tahiti_by_day_in_summer():
    summer = at("2026-07-01 10:00", "Pacific/Tahiti")

    with pytest.raises(NeverLegal):
        next_legal(purpose="marketing", place=overseas("PF"), at=summer, limits=Limits(gateway="smsfactor"))


def test_providers_do_not_hold_service_messages():
    sunday = at("2026-11-29 12:00")

    assert next_legal(purpose="service", place=PARIS, at=sunday, limits=Limits(gateway="ovh")) == sunday


@pytest.mark.parametrize(
    ("place", "asked", "limits", "why", "detail"),
    [
        (PARIS, at("2026-11-29 12:00"), CHARTER, "sunday", ""),
        (PARIS, at("2026-12-25 12:00"), CHARTER, "holiday", "Noël"),
        (STRASBOURG, at("2026-12-26 12:00"), CHARTER, "holiday", "Saint-Étienne"),
        (overseas("MQ"), at("2026-01-13 09:00"), CHARTER, "too_early", "08:00"),
        (PARIS, at("2026-11-24 20:00"), Limits(), "too_late", "20:00"),
        (PARIS, at("2026-11-28 12:00"), Limits(gateway="ovh"), "provider", "OVHcloud"),
        (PARIS, at("2026-11-24 19:57"), Limits(), "closing", "20:00"),
        (overseas("MQ"), at("2026-01-13 21:57"), Limits(gateway="ovh"), "closing", "17:00"),
        (overseas("PF"), at("2026-07-01 10:00", TAHITI), SMSFACTOR, "provider", "SMSFactor"),
    ],
)  # fmt: skip
def test_a_refused_moment_says_why(place, asked, limits, why, detail):
    with translation.override("fr"):
        refused = refusal(purpose="marketing", place=place, at=asked, limits=limits)

    assert (refused.why, refused.detail) == (why, detail)
    assert refused.words


def test_an_allowed_moment_is_not_refused():
    assert refusal(purpose="marketing", place=PARIS, at=at("2026-11-24 10:00")) is None


@pytest.mark.parametrize(
    ("territory", "postcode", "there"),
    [
        # A postcode tells more than the number, either way.
        ("RE", "75011", ("FR", "Europe/Paris")),
        ("GP", "97133", ("BL", "America/St_Barthelemy")),
        ("FR", "98000", ("MC", "Europe/Monaco")),
        ("FR", "20000", ("FR", "Europe/Paris")),
        ("FR", "F-97 233", ("MQ", "America/Martinique")),
        # Other countries have postcodes of five digits too.
        ("DE", "97200", ("DE", "Europe/Berlin")),
        ("FR", "1000", ("FR", "Europe/Paris")),
    ],
)
def test_of_a_french_number_the_postcode_has_the_last_word(territory, postcode, there):
    zone = TIME_ZONES.get(territory, "Europe/Berlin")

    place = place_of(Contact(territory=territory, time_zone=zone, postcode=postcode))

    assert (place.territory, place.time_zone) == there


@pytest.mark.parametrize(
    ("postcode", "may_be"),
    [
        *(("", True), ("57000", True), ("67 000", True), ("68100", True), ("75", True), ("2A004", True)),
        *(("88100", False), ("20090", False)),
    ],
)
def test_alsace_moselle_is_wherever_it_can_not_be_ruled_out(postcode, may_be):
    assert Place(postcode=postcode).may_be_alsace_moselle is may_be


def test_a_number_of_guadeloupe_without_postcode_may_be_in_saint_barthelemy():
    days = {date(2026, 10, 9), date(2026, 5, 27), date(2026, 5, 28)}

    assert days <= set(holidays_of(overseas("GP"), 2026))
    assert days & set(holidays_of(Place("GP", TIME_ZONES["GP"], "97110"), 2026)) == {date(2026, 5, 27)}
