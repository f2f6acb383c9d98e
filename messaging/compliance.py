"""When a message may leave. The law is data (law/*.json), dated, each text with its source."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import holidays

from audience.models import Contact
from audience.phone import TIME_ZONES
from messaging.models import BatchPurpose

LAW = Path(__file__).parent / "law"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# A marketing lane closes before its window ends: what the provider takes now reaches the phone a little later.
MARGIN = timedelta(minutes=5)
HOME = "FR"
# Fifteen holidays and Sundays never follow each other for as long as this.
HORIZON_DAYS = 15


@dataclass(frozen=True)
class Place:
    """Where somebody is, as far as we know."""

    territory: str = HOME
    time_zone: str = "Europe/Paris"
    postcode: str = ""


@dataclass(frozen=True)
class Policy:
    """One dated text: the hours it allows on each day of the week."""

    name: str
    source: str
    applies_from: date
    applies_until: date | None
    purposes: frozenset[str]
    hours: tuple[tuple[time, time] | None, ...]
    allows_holidays: bool

    def is_in_force(self, on: date) -> bool:
        return self.applies_from <= on and (self.applies_until is None or on < self.applies_until)


@dataclass(frozen=True)
class Window:
    """From when until when one may write on a day, in local time."""

    opens: time
    closes: time


def next_legal(*, purpose: str, place: Place, at: datetime, never_waits: bool = False) -> datetime:
    """`at`, or the first instant after it at which a message of this purpose may reach this place."""
    if never_waits:
        return at
    zone = ZoneInfo(place.time_zone)
    day = at.astimezone(zone).date()
    for offset in range(HORIZON_DAYS):
        today = day + timedelta(days=offset)
        if window := window_on(today, purpose=purpose, place=place):
            opens = datetime.combine(today, window.opens, zone).astimezone(UTC)
            closes = datetime.combine(today, window.closes, zone).astimezone(UTC) - _margin(purpose)
            if at < closes:
                return max(at, opens)
    raise AssertionError(f"No legal day within {HORIZON_DAYS} days of {at} in {place.territory}.")


def window_on(day: date, *, purpose: str, place: Place) -> Window | None:
    """The intersection of all policies in force on this day; None where one of them forbids the day."""
    in_force = [policy for policy in policies() if purpose in policy.purposes and policy.is_in_force(day)]
    hours = [policy.hours[day.weekday()] for policy in in_force]
    if not in_force or not all(hours):
        return None
    if not all(policy.allows_holidays for policy in in_force) and day in holidays_of(place, day.year):
        return None
    window = Window(max(each[0] for each in hours if each), min(each[1] for each in hours if each))
    return window if window.opens < window.closes else None


def _margin(purpose: str) -> timedelta:
    return timedelta() if purpose == BatchPurpose.SERVICE else MARGIN


def place_of(contact: Contact | None) -> Place:
    """Where a contact is: a postcode overseas tells more than a number from the mainland."""
    if contact is None:
        return Place()
    if contact.territory == HOME and (territory := _territory_of(contact.postcode)):
        return Place(territory, TIME_ZONES[territory], contact.postcode)
    return Place(contact.territory, contact.time_zone, contact.postcode)


@cache
def _territory_of(postcode: str) -> str | None:
    known = _law("places")["postcodes"]
    return known.get(postcode[:5]) or known.get(postcode[:3])


def holidays_of(place: Place, year: int) -> frozenset[date]:
    """The place's holidays; Alsace-Moselle's too where we can't tell that it is not there."""
    return _holidays(place.territory, _may_be_alsace_moselle(place), year)


def _may_be_alsace_moselle(place: Place) -> bool:
    if place.territory != HOME:
        return False
    is_known = len(place.postcode) == 5 and place.postcode.isdecimal()
    return not is_known or place.postcode[:2] in _law("places")["alsace_moselle"]["departments"]


@cache
def _holidays(territory: str, is_alsace_moselle: bool, year: int) -> frozenset[date]:
    places = _law("places")
    found = set(_known_holidays(territory, None, year))
    if is_alsace_moselle:
        found |= _known_holidays(HOME, places["alsace_moselle"]["library_subdivision"], year)
    found |= {date.fromisoformat(f"{year}-{day}") for day in places["more_holidays"].get(territory, ())}
    return frozenset(found)


def _known_holidays(territory: str, subdivision: str | None, year: int) -> set[date]:
    try:
        return set(holidays.country_holidays(territory, subdiv=subdivision, years=year))
    except NotImplementedError:  # a country that the library does not know: France's, for want of better
        return set(holidays.country_holidays(HOME, years=year))


@cache
def policies() -> tuple[Policy, ...]:
    """Every policy that we ship."""
    return tuple(_policy(_law(path.stem)) for path in sorted(LAW.glob("*.json")) if "hours" in _law(path.stem))


def _policy(data: dict) -> Policy:
    return Policy(
        name=data["name"],
        source=data["source"],
        applies_from=date.fromisoformat(data["applies_from"]),
        applies_until=date.fromisoformat(data["applies_until"]) if data["applies_until"] else None,
        purposes=frozenset(data["purposes"]),
        hours=tuple(_hours(data["hours"].get(day)) for day in DAYS),
        allows_holidays=data["allows_holidays"],
    )


def _hours(written: str | None) -> tuple[time, time] | None:
    if written is None:
        return None
    opens, _, closes = written.partition("-")
    return time.fromisoformat(opens), time.fromisoformat(closes)


@cache
def _law(name: str) -> dict:
    return json.loads((LAW / f"{name}.json").read_text(encoding="utf-8"))
