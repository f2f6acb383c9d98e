"""What a message promises and its page does not say."""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.advertising import fold
from campaigns.models import Campaign
from campaigns.words import words_of_moment
from landing.contents import ends_of, words_of
from landing.models import LandingPage
from landing.registry import register_check

# "-30 %", "49 €", "12,50 €", "€49": what a reader will look for on the page.
FIGURE = re.compile(r"\d+(?:[.,]\d+)?\s?[%€]|€\s?\d+(?:[.,]\d+)?")
# "jusqu'au 29/11", "jusqu'à dimanche 29 novembre", "until Sunday 29 Nov", once folded. Nothing vaguer is a promise.
UNTIL = re.compile(
    r"(?:jusqu'?\s?au?|until|till)\s+(?:(?!\d)\w+\.?\s+)?(\d{1,2})(?:er)?(?:/(\d{1,2})\b|\s+([a-z]{3,}))"
)
MONTHS = ("jan", "fev feb", "mar", "avr apr", "mai may", "juin jun", "juil jul", "aou aug", "sep", "oct", "nov", "dec")
# A moment at midnight is the end of the day before.
JUST_BEFORE = timedelta(seconds=1)


class LastDay(NamedTuple):
    """The last day of an offer, as a text says it."""

    day: int
    month: int
    words: str

    def is_day(self, day: date) -> bool:
        return (day.day, day.month) == (self.day, self.month)


def register() -> None:
    register_check(unkept_by)


def unkept(text: str, page: LandingPage) -> list[str]:
    """Figures of the text that stand nowhere on the page."""
    kept = {_bare(figure) for figure in FIGURE.findall(words_of(page))}
    return [figure for figure in dict.fromkeys(FIGURE.findall(text)) if _bare(figure) not in kept]


def other_end(text: str, page: LandingPage) -> tuple[str, datetime] | None:
    """The last day that a text says, and when the countdown of its page ends, where they are not one day."""
    ends, promised = ends_of(page), last_day(text)
    days = [timezone.localtime(end - JUST_BEFORE).date() for end in ends]
    if promised is None or not ends or any(promised.is_day(day) for day in days):
        return None
    return promised.words, ends[0]


def last_day(text: str) -> LastDay | None:
    """None where a text says no last day, or two of them: it may be about two things."""
    found = list(UNTIL.finditer(fold(text)))
    if len(found) != 1:
        return None
    [match] = found
    day, month = int(match[1]), int(match[2]) if match[2] else _month(match[3])
    return LastDay(day, month, text[match.start() : match.end()]) if month else None


def _month(word: str) -> int:
    """By its beginning, in French or English; 0 for another word."""
    numbered = enumerate((names.split() for names in MONTHS), start=1)
    return next((number for number, names in numbered if word.startswith(tuple(names))), 0)


def unkept_by(page: LandingPage) -> Iterator[str]:
    """For the checks of a page: of the messages that lead to it and may still be read."""
    for campaign in Campaign.objects.filter(page=page.pk).exclude(state=Campaign.State.CANCELLED).order_by("-pk"):
        if figures := unkept(campaign.text, page):
            words = _("The message “%(campaign)s” says %(figures)s, the page does not.")
            yield words % {"campaign": campaign, "figures": ", ".join(figures)}
        if other := other_end(campaign.text, page):
            words = _("The message “%(campaign)s” says “%(promised)s”, the countdown of the page ends %(moment)s.")
            yield words % {"campaign": campaign, "promised": other[0], "moment": words_of_moment(other[1])}


def _bare(figure: str) -> str:
    """12,50 €, 12.5€ and €12.50 are one price."""
    number, unit = figure.strip("%€").strip().replace(",", "."), "€" if "€" in figure else "%"
    return f"{float(number):g}{unit}"
