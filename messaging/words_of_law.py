"""The texts of messaging.law as people read them."""

from collections.abc import Iterator
from itertools import groupby

from django.utils.dates import WEEKDAYS
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from messaging import law
from messaging.law import Text, Window

NAMES: dict[str, str | Promise] = {
    "prudent": gettext_lazy("Prudent hours"),
    "af2m-2024": gettext_lazy("The operators’ charter of 2024 (AF2M)"),
    "af2m-2026": gettext_lazy("The operators’ charter of 2026 (AF2M)"),
}


def name_of_text(slug: str) -> str:
    return str(NAMES.get(slug, slug))


def hours_of_text(text: Text) -> str:
    """`Monday to Saturday 08:00–20:00, Sunday closed; public holidays closed`."""
    holidays = _("public holidays allowed") if text.allows_holidays else _("public holidays closed")
    return _("%(hours)s; %(holidays)s") % {"hours": ", ".join(_runs(text)), "holidays": holidays}


def text_in_words(text: Text) -> str:
    """`Prudent hours: Monday to Saturday 08:00–20:00, …`."""
    return _("%(name)s: %(hours)s") % {"name": name_of_text(text.slug), "hours": hours_of_text(text)}


def _runs(text: Text) -> Iterator[str]:
    for window, group in groupby(enumerate(text.hours), lambda day: day[1]):
        days = [str(WEEKDAYS[day]) for day, _window in group]
        several = pgettext("days", "%(first)s to %(last)s") % {"first": days[0], "last": days[-1]}
        yield f"{several if len(days) > 1 else days[0]} {_hours(window)}"


def _hours(window: Window | None) -> str:
    return f"{window.opens:%H:%M}–{window.closes:%H:%M}" if window else pgettext("day", "closed")


def provider_of(gateway: str) -> Text | None:
    """What a gateway's provider holds back by itself."""
    return law.provider_texts().get(gateway)
