"""Texts to begin with, by trade, in French and in English: data, in `library.json`."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from messaging.models import BatchPurpose

FILE = Path(__file__).with_name("library.json")
LANGUAGES = {"fr": "Français", "en": "English"}
TRADES: Mapping[str, str | Promise] = {
    "fashion": _("Fashion"),
    "restaurant": pgettext_lazy("trade", "Restaurant"),
    "estate_agent": _("Estate agent"),
    "hair_salon": _("Hair salon"),
    "town_hall": _("Town hall"),
    "birthday": _("Birthday"),
    "order": _("Order and delivery"),
}
# What a campaign may be: service messages answer an event, so they are for automations.
OF_CAMPAIGNS = frozenset({BatchPurpose.MARKETING, BatchPurpose.INFORMATION})
OF_EVENTS = frozenset({BatchPurpose.SERVICE})


@dataclass(frozen=True)
class Example:
    """A text to begin with; `purpose` is what it may be sent as."""

    trade: str
    purpose: BatchPurpose
    language: str
    title: str
    text: str
    # Which event it answers; empty for a campaign's.
    trigger: str = ""
    # Its place in the file, by which a link names it.
    number: int = 0

    @property
    def trade_label(self) -> str | Promise:
        return TRADES[self.trade]


@cache
def examples() -> tuple[Example, ...]:
    """All of them, in the order of the file."""
    rows = json.loads(FILE.read_text(encoding="utf-8"))
    each = ((row, language) for row in rows for language in LANGUAGES)
    return tuple(
        Example(
            row["trade"],
            BatchPurpose(row["purpose"]),
            language,
            **row[language],
            trigger=row.get("trigger", ""),
            number=number,
        )
        for number, (row, language) in enumerate(each)
    )


def examples_for(purposes: Collection[BatchPurpose]) -> list[Example]:
    return [example for example in examples() if example.purpose in purposes]


def texts_by_trigger(language: str) -> dict[str, list[Example]]:
    """What automations begin with, by trigger."""
    found: dict[str, list[Example]] = {}
    for example in examples():
        if example.trigger and example.language == language:
            found.setdefault(example.trigger, []).append(example)
    return found


def automation_text(number: str) -> Example | None:
    """The text that a link to a new automation names."""
    return next((each for each in examples() if each.trigger and str(each.number) == number), None)
