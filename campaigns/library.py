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

    @property
    def trade_label(self) -> str | Promise:
        return TRADES[self.trade]


@cache
def examples() -> tuple[Example, ...]:
    """All of them, in the order of the file."""
    return tuple(
        Example(row["trade"], BatchPurpose(row["purpose"]), language, **row[language])
        for row in json.loads(FILE.read_text(encoding="utf-8"))
        for language in LANGUAGES
    )


def examples_for(purposes: Collection[BatchPurpose]) -> list[Example]:
    return [example for example in examples() if example.purpose in purposes]
