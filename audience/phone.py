"""Mobile numbers: read as people write them, stored as E.164, shown masked."""

import re
import unicodedata
from typing import Any, NamedTuple

import phonenumbers
from django.utils.functional import Promise
from phonenumbers import NumberParseException, PhoneMetadata, PhoneNumber, PhoneNumberType, ValidationResult, timezone

from audience.refusals import Refusal

# By territory, not by prefix: +262 is both Réunion and Mayotte, an hour apart.
TIME_ZONES = {
    "FR": "Europe/Paris",
    "GP": "America/Guadeloupe",
    "MQ": "America/Martinique",
    "GF": "America/Cayenne",
    "RE": "Indian/Reunion",
    "YT": "Indian/Mayotte",
    "PM": "America/Miquelon",
    "BL": "America/St_Barthelemy",
    "MF": "America/Marigot",
    "NC": "Pacific/Noumea",
    "PF": "Pacific/Tahiti",
    "WF": "Pacific/Wallis",
}
# Countries whose mobiles do not say in which of several zones they are: where most people live.
MAIN_ZONES = {
    "AU": "Australia/Sydney",
    "CD": "Africa/Kinshasa",
    "EC": "America/Guayaquil",
    "ES": "Europe/Madrid",
    "GL": "America/Nuuk",
    "KI": "Pacific/Tarawa",
    "KZ": "Asia/Almaty",
    "MN": "Asia/Ulaanbaatar",
    "NZ": "Pacific/Auckland",
    "PT": "Europe/Lisbon",
    "RU": "Europe/Moscow",
    "AG": "America/Antigua",
    "AI": "America/Anguilla",
    "AS": "Pacific/Pago_Pago",
    "BB": "America/Barbados",
    "BM": "Atlantic/Bermuda",
    "BS": "America/Nassau",
    "DM": "America/Dominica",
    "GD": "America/Grenada",
    "JM": "America/Jamaica",
    "KN": "America/St_Kitts",
    "KY": "America/Cayman",
    "LC": "America/St_Lucia",
    "MS": "America/Montserrat",
    "SX": "America/Lower_Princes",
    "TC": "America/Grand_Turk",
    "TT": "America/Port_of_Spain",
    "VC": "America/St_Vincent",
    "VG": "America/Tortola",
}
FRENCH_TERRITORIES = tuple(TIME_ZONES)
# `0692…` is a mobile of Réunion, not an invalid one of mainland France: these are tried in turn. The
# Pacific and Saint-Pierre have six-digit numbers without a leading zero: only a number with its prefix counts.
DIALLED_WITH_ZERO = ("FR", "GP", "MQ", "GF", "RE", "YT")
MOBILE_TYPES = {PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE}
# Reserved for fiction by the French regulator, hence unassigned in libphonenumber's tables: our demo and tests.
FICTION = re.compile(r"\+3363998\d{4}")
EXCEL_POWER = re.compile(r"\+?\d+([.,]\d+)?e\+?\d+", re.IGNORECASE)
EXCEL_FLOAT = re.compile(r"(\+?\d{9,})[.,]0+")
WRITTEN = re.compile(r"[+\d\s().\-‐‑–/]+")


# How people write a mobile of mainland France, but for what stands between the digits.
FRENCH: Any = PhoneMetadata.metadata_for_region("FR")
PLAIN_FRENCH = re.compile(rf"(?:0|\+33|0033)({FRENCH.mobile.national_number_pattern}|63998\d{{4}})", re.ASCII)
BETWEEN_DIGITS = str.maketrans("", "", " .-\xa0\u202f")
# A spreadsheet took `0612345678` for a figure, and figures have no zero in front.
WITHOUT_ZERO = re.compile(r"[1-9]\d{8}", re.ASCII)


class Mobile(NamedTuple):
    e164: str
    territory: str
    time_zone: str


class NotAMobile(Exception):
    """What was given is not a mobile number. `code` and `reason` say why; the number itself is not in here."""

    def __init__(self, code: Refusal) -> None:
        super().__init__(code.value)
        self.code = code

    @property
    def reason(self) -> str | Promise:
        """Readable and translated."""
        return self.code.label


def parse_mobile(raw: str, country: str) -> Mobile:
    """The mobile number that `raw` means to somebody in `country`. Raises NotAMobile."""
    if country == "FR" and (plain := PLAIN_FRENCH.fullmatch(raw.strip().translate(BETWEEN_DIGITS))):
        return Mobile(f"+33{plain[1]}", "FR", TIME_ZONES["FR"])
    return parse_mobile_thoroughly(raw, country)


def parse_mobile_thoroughly(raw: str, country: str) -> Mobile:
    """The same for every spelling and country; forty times slower. Raises NotAMobile."""
    text = _tidy(raw)
    parsed = [number for region in _regions(country) if (number := _parse(text, region))]
    mobile = next((found for number in parsed if (found := _as_mobile(number))), None)
    if mobile is None and text.isdecimal() and not text.startswith("0") and len(text) > 9:
        # A spreadsheet swallowed the plus of an international number.
        number = _parse(f"+{text}", country)
        mobile = _as_mobile(number) if number else None
    if mobile is None:
        raise NotAMobile(_reason(text, country))
    return mobile


def canonical(raw: str, country: str) -> str:
    """E.164 where that can be, else what was given: an opposition from an odd number must not be lost."""
    try:
        return parse_mobile(raw, country).e164
    except NotAMobile:
        number = _parse(raw.strip(), country)
    if number is None or not phonenumbers.is_possible_number(number):
        return raw.strip()
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def lost_its_zero(raw: str, country: str) -> bool:
    """Whether `raw` is a number of a French territory but for the zero in front, as spreadsheets leave it."""
    if country not in FRENCH_TERRITORIES:
        return False
    text = raw.strip()
    whole = EXCEL_FLOAT.fullmatch(text)
    return bool(WITHOUT_ZERO.fullmatch((whole[1] if whole else text).translate(BETWEEN_DIGITS)))


def mask(e164: str) -> str:
    """`+33639980042` → `+33 6 •• •• •• 42`."""
    if len(e164) == 12 and e164.startswith("+33"):
        return f"+33 {e164[3]} •• •• •• {e164[-2:]}"
    number = _parse(e164, "ZZ")
    if number is None:
        return "••"
    national = phonenumbers.national_significant_number(number)
    return f"+{number.country_code} {national[0]} •• •• •• {national[-2:]}"


def home_zone(territory: str, number: str) -> str:
    """The time zone that the number alone tells."""
    return _known_zone(territory) or timezone.time_zones_for_number(phonenumbers.parse(number, None))[0]


def _known_zone(territory: str) -> str | None:
    return TIME_ZONES.get(territory) or MAIN_ZONES.get(territory)


def _tidy(raw: str) -> str:
    text = "".join(
        character for character in unicodedata.normalize("NFKC", raw) if unicodedata.category(character) != "Cf"
    )
    text = text.strip().strip("'\"").strip()
    if not text:
        raise NotAMobile(Refusal.NO_NUMBER)
    if EXCEL_POWER.fullmatch(text):
        raise NotAMobile(Refusal.DIGITS_LOST)
    if whole := EXCEL_FLOAT.fullmatch(text):
        text = whole[1]
    if not WRITTEN.fullmatch(text):
        raise NotAMobile(Refusal.NOT_DIGITS)
    return text


def _regions(country: str) -> tuple[str, ...]:
    if country not in FRENCH_TERRITORIES:
        return (country,)
    return (country, *(region for region in DIALLED_WITH_ZERO if region != country))


def _parse(text: str, region: str) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(text, region)
    except NumberParseException:
        return None


def _as_mobile(number: PhoneNumber) -> Mobile | None:
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if FICTION.fullmatch(e164):
        return Mobile(e164, "FR", TIME_ZONES["FR"])
    if phonenumbers.number_type(number) not in MOBILE_TYPES:
        return None
    territory = phonenumbers.region_code_for_number(number) or ""
    zone = _known_zone(territory) or timezone.time_zones_for_number(number)[0]
    # A satellite phone may be anywhere: nobody knows when one may write to it.
    return None if zone == timezone.UNKNOWN_TIMEZONE else Mobile(e164, territory, zone)


def _reason(text: str, country: str) -> Refusal:
    """Why this is not a mobile, told for the country it was read for."""
    try:
        number = phonenumbers.parse(text, country)
    except NumberParseException as error:
        too_long = error.error_type == NumberParseException.TOO_LONG
        return Refusal.TOO_LONG if too_long else Refusal.NOT_A_NUMBER
    possible = phonenumbers.is_possible_number_with_reason(number)
    if possible in {ValidationResult.TOO_SHORT, ValidationResult.IS_POSSIBLE_LOCAL_ONLY}:
        return Refusal.TOO_SHORT
    if possible == ValidationResult.TOO_LONG:
        return Refusal.TOO_LONG
    if phonenumbers.number_type(number) == PhoneNumberType.FIXED_LINE:
        return Refusal.LANDLINE
    return Refusal.NOT_A_MOBILE if phonenumbers.is_valid_number(number) else Refusal.UNASSIGNED
