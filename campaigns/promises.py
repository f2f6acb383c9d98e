"""What a message promises and its page does not say."""

import re
from collections.abc import Iterator

from django.utils.translation import gettext as _

from campaigns.models import Campaign
from landing.contents import words_of
from landing.models import LandingPage
from landing.registry import register_check

# "-30 %", "49 €", "12,50 €": what a reader will look for on the page.
FIGURE = re.compile(r"\d+(?:[.,]\d+)?\s?[%€]")


def register() -> None:
    register_check(unkept_by)


def unkept(text: str, page: LandingPage) -> list[str]:
    """Figures of the text that stand nowhere on the page."""
    kept = {_bare(figure) for figure in FIGURE.findall(words_of(page))}
    return [figure for figure in dict.fromkeys(FIGURE.findall(text)) if _bare(figure) not in kept]


def unkept_by(page: LandingPage) -> Iterator[str]:
    """For the checks of a page: of the messages that lead to it and may still be read."""
    for campaign in Campaign.objects.filter(page=page.pk).exclude(state=Campaign.State.CANCELLED).order_by("-pk"):
        if figures := unkept(campaign.text, page):
            words = _("The message “%(campaign)s” says %(figures)s, the page does not.")
            yield words % {"campaign": campaign, "figures": ", ".join(figures)}


def _bare(figure: str) -> str:
    """12,50 € and 12.5€ are one price."""
    number, unit = figure[:-1].strip().replace(",", "."), figure[-1]
    return f"{float(number):g}{unit}"
