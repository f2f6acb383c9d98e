"""Typed values of attributes: read as people write them, stored as JSON, shown in words."""

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.dateparse import parse_date, parse_datetime
from django.utils.formats import date_format, number_format
from django.utils.functional import Promise
from django.utils.text import slugify
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from audience.models import Attribute

Kind = Attribute.Kind
FRENCH_DATE = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
HOUR = re.compile(r"\d[Tt ]?\s*(?:à\s*)?\d{1,2}\s?[:hH]")
FRENCH_HOUR = re.compile(r"(\S+)\s+(?:à\s*)?(\d{1,2})\s?[:hH]\s?(\d{2})", re.ASCII)
YES = {"1", "yes", "y", "true", "oui", "o", "vrai", "x"}
NO = {"0", "no", "n", "false", "non", "faux"}
TEXT_LENGTH = 200


class BadValue(Exception):
    """Not a value of this attribute's kind. `reason` says why, readable and translated; never the value."""

    def __init__(self, reason: str | Promise) -> None:
        super().__init__(reason)
        self.reason = reason


def slug_of(label: str) -> str:
    """`Date d’adhésion` → `date_dadhesion`: the key of an attribute's values."""
    slug = re.sub(r"[^a-z0-9]+", "_", slugify(label).lower()).strip("_")[:40]
    return slug if slug[:1].isalpha() else f"a_{slug}"[:40]


def read_value(attribute: Attribute, written: str) -> Any:
    """What `written` means, as Contact.attributes keeps it; None for nothing. Raises BadValue."""
    text = written.strip()
    return READERS[attribute.kind](attribute, text) if text else None


def read_date(text: str) -> date:
    """31/12/1990, 31.12.1990 and 1990-12-31. Raises BadValue."""
    french = FRENCH_DATE.fullmatch(text)
    try:
        found = date(int(french[3]), int(french[2]), int(french[1])) if french else parse_date(text)
    except ValueError:
        found = None
    if found is None:
        raise BadValue(_("This is not a date: write 31/12/1990 or 1990-12-31."))
    return found


def _text(attribute: Attribute, text: str) -> str:
    if len(text) > TEXT_LENGTH:
        raise BadValue(_("Longer than 200 characters."))
    return text


def _number(attribute: Attribute, text: str) -> int | float:
    try:
        number = Decimal(re.sub(r"\s", "", text).replace(",", "."))
    except InvalidOperation as error:
        raise BadValue(_("This is not a number.")) from error
    if not number.is_finite() or abs(number) >= 10**15:
        raise BadValue(_("This is not a number."))
    return int(number) if number == number.to_integral_value() else float(number)


def _date(attribute: Attribute, text: str) -> str:
    return read_date(text).isoformat()


def _date_time(attribute: Attribute, text: str) -> str:
    """On the workspace's clock, to the minute."""
    try:
        moment = _moment(text)
        if moment is not None and moment.tzinfo:
            moment = moment.astimezone(ZoneInfo(attribute.workspace.time_zone))
    except (ValueError, OverflowError):
        moment = None
    if moment is None or not HOUR.search(text):
        raise BadValue(_("This is not a date with its time: write 31/12/1990 14:30."))
    return moment.replace(tzinfo=None).isoformat(timespec="minutes")


def _moment(text: str) -> datetime | None:
    """Raises ValueError, BadValue."""
    if hour := FRENCH_HOUR.fullmatch(text):
        day = read_date(hour[1])
        return datetime(day.year, day.month, day.day, int(hour[2]), int(hour[3]))  # noqa: DTZ001  (the workspace's)
    return parse_datetime(text)


def _yes_no(attribute: Attribute, text: str) -> bool:
    if text.lower() in YES | NO:
        return text.lower() in YES
    raise BadValue(_("Write yes or no."))


def _choice(attribute: Attribute, text: str) -> str:
    for choice in attribute.choices:
        if choice.casefold() == text.casefold():
            return choice
    raise BadValue(_("This is not one of the choices."))


READERS: dict[str, Callable[[Attribute, str], Any]] = {
    Kind.TEXT: _text,
    Kind.NUMBER: _number,
    Kind.DATE: _date,
    Kind.DATE_TIME: _date_time,
    Kind.YES_NO: _yes_no,
    Kind.CHOICE: _choice,
}


def show_value(attribute: Attribute, value: Any) -> str:
    """A kept value in the reader's language."""
    if value is None or value == "":
        return ""
    if attribute.kind == Kind.YES_NO:
        return gettext("Yes") if value else gettext("No")
    if attribute.kind == Kind.DATE:
        return date_format(date.fromisoformat(value), "SHORT_DATE_FORMAT")
    if attribute.kind == Kind.DATE_TIME:
        return date_format(datetime.fromisoformat(value), "SHORT_DATETIME_FORMAT")
    if attribute.kind == Kind.NUMBER:
        return number_format(value)
    return str(value)
