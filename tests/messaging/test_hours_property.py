"""No marketing outside the effective window, ever: asked of the calendar and of the gate, against rules written anew.

What is forbidden here is written down by hand, without the texts, the holidays library or the windows of the product.
"""

from datetime import UTC, datetime, timedelta
from unittest import mock
from zoneinfo import ZoneInfo

from dateutil.easter import easter
from django_scopes import scope
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audience.models import Contact
from audience.phone import TIME_ZONES
from messaging import law
from messaging.compliance import Limits, NeverLegal, Place, next_legal
from messaging.gate import Admit, examine
from messaging.models import Batch, Message, SendingRules
from tests.factories import TUESDAY, make_batch, make_contact
from tests.messaging.helpers import send_to_all

FIXED = {(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)}
HELD = dict(law.provider_texts())
ABOLITION = {"YT": (4, 27), "MQ": (5, 22), "GP": (5, 27), "GF": (6, 10), "BL": (10, 9), "RE": (12, 20), "MF": (5, 28)}
# Days of the week, opening and closing minute on Paris's clock, whether French holidays are held.
PROVIDERS = {
    "": ({*range(7)}, 0, 24 * 60, False),
    "ovh": ({0, 1, 2, 3, 4}, 8 * 60, 22 * 60, False),
    "brevo": ({0, 1, 2, 3, 4, 5}, 8 * 60, 22 * 60, True),
    "smsfactor": ({0, 1, 2, 3, 4, 5}, 8 * 60, 20 * 60, True),
    "smspartner": ({0, 1, 2, 3, 4, 5}, 8 * 60, 20 * 60, True),
    "digitaleo": ({0, 1, 2, 3, 4, 5}, 10 * 60, 20 * 60, True),
}
PLACES = st.sampled_from(
    [
        *(Place(postcode=code) for code in ("", "75011", "67000", "57100", "20090")),
        *(Place(territory, zone) for territory, zone in TIME_ZONES.items()),
        Place("GP", TIME_ZONES["GP"], "97110"),
        Place("BE", "Europe/Brussels"),
        Place("US", "America/New_York"),
    ]
)
LIMITS = st.builds(
    Limits, st.sampled_from(["prudent", "af2m-2026"]), st.booleans(), st.booleans(), st.sampled_from([*PROVIDERS])
)
# Every second, and again and again the edges of windows and the nights when clocks change.
EDGES = st.builds(
    lambda day, minute, second: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=day, minutes=minute, seconds=second),
    st.integers(0, 2000),
    st.sampled_from([hour * 60 + minute for hour in range(24) for minute in (0, 24, 25, 29, 30, 54, 55, 59)]),
    st.sampled_from([0, 1, 59]),
)
INSTANTS = st.datetimes(datetime(2024, 6, 1), datetime(2032, 1, 1), timezones=st.just(UTC)) | EDGES  # noqa: DTZ001


def is_forbidden(at: datetime, place: Place, limits: Limits) -> bool:
    """By what everybody can read in the texts."""
    local = at.astimezone(ZoneInfo(place.time_zone))
    is_french = place.territory in TIME_ZONES
    has_charter = is_french and limits.policy == "af2m-2026"
    may_rest = has_charter and local.date().isoformat() >= "2026-03-01"
    minute = local.hour * 60 + local.minute
    closes = 21 * 60 + 30 if has_charter else 20 * 60
    return (
        not 8 * 60 <= minute < closes - 5
        or (local.weekday() == 6 and not (may_rest and limits.allows_sundays))
        or (is_holiday(local, place) and not (may_rest and limits.allows_holidays))
        or is_held(at.astimezone(ZoneInfo("Europe/Paris")), *PROVIDERS[limits.gateway])
    )


def is_holiday(local: datetime, place: Place) -> bool:
    day = (local.month, local.day)
    since_easter = (local.date() - easter(local.year)).days
    if place.territory not in TIME_ZONES:
        return day in {(1, 1), (12, 25)}
    may_be_alsace = place.territory == "FR" and (not place.postcode or place.postcode[:2] in {"57", "67", "68"})
    return (
        day in FIXED
        or since_easter in {1, 39, 50}
        or day == ABOLITION.get(place.territory)
        or (may_be_alsace and (since_easter == -2 or day == (12, 26)))
    )


def is_held(paris: datetime, days: set[int], opens: int, closes: int, holds_holidays: bool) -> bool:
    minute = paris.hour * 60 + paris.minute
    is_closed = holds_holidays and is_holiday(paris, Place(postcode="75011"))
    ends = closes if closes == 24 * 60 else closes - 5
    return paris.weekday() not in days or not opens <= minute < ends or is_closed


@given(PLACES, LIMITS, INSTANTS)
@settings(max_examples=600, deadline=None)
def test_the_next_legal_instant_is_never_forbidden(place, limits, instant):
    try:
        legal = next_legal(purpose="marketing", place=place, at=instant, limits=limits)
    except NeverLegal:
        assert limits.gateway
        return

    assert legal >= instant
    assert not is_forbidden(legal, place, limits)


@given(place=PLACES, limits=LIMITS, instant=INSTANTS, purpose=st.sampled_from(["marketing", "information"]))
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_gate_admits_nothing_at_a_forbidden_hour(account, sender, workspace, place, limits, instant, purpose):
    message = queued_message(workspace, sender)
    with scope(workspace=workspace):
        Contact.objects.update(territory=place.territory, time_zone=place.time_zone, postcode=place.postcode)
        Batch.objects.update(purpose=purpose)
        SendingRules.objects.update_or_create(
            workspace=workspace,
            defaults={
                "policy": limits.policy,
                "allows_sundays": limits.allows_sundays,
                "allows_holidays": limits.allows_holidays,
            },
        )

        with mock.patch("messaging.law.provider_texts", return_value=held_as(limits.gateway)):
            verdict = examine([message], account=account, now=instant)[message.pk]

    assert isinstance(verdict, Admit) <= (not is_forbidden(instant, place, limits))


def queued_message(workspace, sender) -> Message:
    """The same one for every example."""
    with scope(workspace=workspace):
        if not Message.objects.exists():
            make_contact(workspace)
            send_to_all(make_batch(sender), now=TUESDAY)
        return Message.objects.select_related("batch", "team_number").get()


def held_as(gateway: str) -> dict[str, law.Text]:
    """The account's gateway holds messages as that provider does."""
    return {"scripted": HELD[gateway]} if gateway else {}
