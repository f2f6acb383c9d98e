"""Days and moments in words."""

from datetime import date

from django.utils.formats import date_format, get_format
from django.utils.translation import get_language


def in_words(day: date, pattern: str) -> str:
    """By a pattern of Django, or the name of one: "Tuesday 24 November"; French counts the first, "1er mars"."""
    written = str(get_format(pattern))
    if day.day == 1 and (get_language() or "").startswith("fr"):
        written = written.replace("j", r"j\e\r")
    return date_format(day, written)
