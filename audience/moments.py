"""Days and hours as files write them: in French order, in ISO, or as the serial number of a spreadsheet."""

import re
from datetime import date, datetime, time, timedelta, tzinfo

from django.utils.dateparse import parse_date, parse_datetime

# Day 0 of spreadsheets; serials of this range are 1900 to 2149 (the first 60 days are off by one, and nobody's).
SERIAL_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001  (a spreadsheet has no zone)
SERIAL = re.compile(r"(\d{3,5})(?:[.,](\d+))?", re.ASCII)
FRENCH = re.compile(
    r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})(?:\s*(?:à\s*)?(\d{1,2})[:hH](\d{2})(?::\d{2})?)?", re.ASCII
)


class NotAMoment(Exception):
    """Neither a day nor an hour."""


def read_day(text: str, today: date) -> date:
    """The past day that `text` names; `31/12/90` is of the last hundred years. Raises NotAMoment."""
    return _read(text, today)[0]


def has_hour(text: str) -> bool:
    """Whether a spreadsheet's serial names an hour; other ways of writing show it."""
    serial = SERIAL.fullmatch(text)
    return bool(serial and serial[2])


def read_moment(text: str, today: date, zone: tzinfo) -> datetime:
    """The moment, midnight where no hour is given. Raises NotAMoment."""
    if (iso := _iso_moment(text)) is not None:
        return iso if iso.tzinfo else iso.replace(tzinfo=zone)
    day, hour = _read(text, today)
    return datetime.combine(day, hour, zone)


def _read(text: str, today: date) -> tuple[date, time]:
    try:
        if serial := SERIAL.fullmatch(text):
            hours = timedelta(seconds=round(float(f"0.{serial[2] or 0}") * 86_400))
            moment = SERIAL_ZERO + timedelta(days=int(serial[1])) + hours
            return moment.date(), moment.time()
        if french := FRENCH.fullmatch(text):
            day = date(_year(french[3], today), int(french[2]), int(french[1]))
            return day, time(int(french[4] or 0), int(french[5] or 0))
        if (iso := parse_date(text.partition("T")[0].partition(" ")[0])) is not None:
            return iso, time.min
    except ValueError:
        pass
    raise NotAMoment


def _year(digits: str, today: date) -> int:
    year = int(digits)
    if len(digits) == 4:
        return year
    century = today.year - today.year % 100
    return century + year if century + year <= today.year else century - 100 + year


def _iso_moment(text: str) -> datetime | None:
    try:
        return parse_datetime(text)
    except ValueError:
        return None
