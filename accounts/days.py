"""Days and moments in words."""

from datetime import date

from django.core.exceptions import ValidationError
from django.utils.formats import date_format, get_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

# Beyond them, no clock of the world can be asked: an hour more or less is a day that calendars do not have.
FIRST_YEAR, LAST_YEAR = 2000, 2100


def in_words(day: date, pattern: str) -> str:
    """By a pattern of Django, or the name of one: "Tuesday 24 November"; French counts the first, "1er mars"."""
    written = str(get_format(pattern))
    if day.day == 1 and (get_language() or "").startswith("fr"):
        written = written.replace("j", r"j\e\r")
    return date_format(day, written)


def check_year(day: date | None) -> None:
    """Whether somebody may have meant it. Raises ValidationError."""
    if day is not None and not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValidationError(_("There is no such year here: check the date."))
