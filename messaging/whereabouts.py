"""Where somebody is, as far as we know, and which days are holidays there."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache

import holidays

from audience.models import Contact
from audience.phone import FRENCH_TERRITORIES, TIME_ZONES
from messaging import law

HOME = "FR"
# France has 6,300 postcodes; what people write in their place knows no end.
KNOWN = 20_000
FIVE_DIGITS = re.compile(r"(?:f-?|fr-?)?(\d{2})\s?(\d{3})\b", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True)
class Place:
    """Where somebody is, as far as we know."""

    territory: str = HOME
    time_zone: str = "Europe/Paris"
    postcode: str = ""

    @property
    def is_french(self) -> bool:
        return self.territory in FRENCH_TERRITORIES

    @property
    def may_be_alsace_moselle(self) -> bool:
        """Where we can't tell that it is not there."""
        code = read_postcode(self.postcode)
        is_told = _is_mainland(code)
        departments = law.read("places")["alsace_moselle"]["departments"]
        return self.territory == HOME and (not is_told or code[:2] in departments)

    @property
    def as_law_sees_it(self) -> "Place":
        """With no more of the postcode than its department: people of one town and the next are alike."""
        return alike(self.territory, self.time_zone, self.postcode)


def place_of(contact: Contact | None) -> Place:
    """Where a contact is: of a French number, a postcode tells more than the number."""
    return Place() if contact is None else place_at(contact.territory, contact.time_zone, contact.postcode)


def place_at(territory: str, time_zone: str, postcode: str) -> Place:
    there = territory_of_postcode(postcode) if territory in FRENCH_TERRITORIES else None
    return Place(there, _zone_of(there), postcode) if there else Place(territory, time_zone, postcode)


@lru_cache(maxsize=KNOWN)
def alike(territory: str, time_zone: str, postcode: str) -> Place:
    """Where somebody is, as the law sees it: one object for all that it does not tell apart."""
    place, code = place_at(territory, time_zone, postcode), read_postcode(postcode)
    return _known_place(place.territory, place.time_zone, f"{code[:2]}000" if code else "")


@lru_cache(maxsize=KNOWN)
def _known_place(territory: str, time_zone: str, postcode: str) -> Place:
    return Place(territory, time_zone, postcode)


def read_postcode(written: str) -> str:
    """`F-67 000 Strasbourg cedex` → `67000`; empty where there are no five digits."""
    found = FIVE_DIGITS.match(written.strip())
    return found[1] + found[2] if found else ""


@lru_cache(maxsize=KNOWN)
def territory_of_postcode(written: str) -> str | None:
    """Of a French postcode; None for what is none."""
    code, known = read_postcode(written), law.read("places")["postcodes"]
    return known.get(code) or known.get(code[:3]) or (HOME if _is_mainland(code) else None)


def _is_mainland(code: str) -> bool:
    return "01" <= code[:2] <= "95"


def _zone_of(territory: str) -> str:
    return TIME_ZONES.get(territory) or law.read("places")["time_zones"][territory]


def holidays_of(place: Place, year: int, language: str = "") -> Mapping[date, str]:
    """The place's holidays by name; those of all places that it may be, where we can't tell."""
    others = () if read_postcode(place.postcode) else tuple(law.read("places")["may_be"].get(place.territory, ()))
    return _holidays((place.territory, *others), place.may_be_alsace_moselle, year, language)


@cache
def _holidays(territories: tuple[str, ...], is_alsace_moselle: bool, year: int, language: str) -> Mapping[date, str]:
    places, found = law.read("places"), dict[date, str]()
    if is_alsace_moselle:
        found |= _known_holidays(HOME, places["alsace_moselle"]["library_subdivision"], year, language)
    for territory in territories:
        found |= _known_holidays(territory, None, year, language)
        more = {date.fromisoformat(f"{year}-{day}"): "" for day in places["more_holidays"].get(territory, ())}
        found = more | found
    return found


def _known_holidays(territory: str, subdivision: str | None, year: int, language: str) -> Mapping[date, str]:
    spoken = {"fr": "fr", "en": "en_US"}.get(language[:2])
    try:
        return dict(holidays.country_holidays(territory, subdiv=subdivision, years=year, language=spoken))
    except NotImplementedError:  # a country that the library does not know: France's, for want of better
        return dict(holidays.country_holidays(HOME, years=year, language=spoken))
