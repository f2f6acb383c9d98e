"""The texts that say when one may write, as data: a file each, dated, with its source.

Laws bind whoever is in France on the days they are in force. A workspace chooses one preset on top of them. What
providers do by themselves is in `providers.json`, in the providers' own time.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Kind(StrEnum):
    LAW = "law"
    PRESET = "preset"
    COURTESY = "courtesy"
    PROVIDER = "provider"


@dataclass(frozen=True)
class Window:
    """From when until when one may write on a day; the last instant is no longer in it."""

    opens: time
    closes: time


@dataclass(frozen=True)
class Text:
    """One dated text: the hours it allows on each day of the week."""

    slug: str
    name: str
    kind: Kind
    source: str
    note: str
    checked_on: date
    applies_from: date
    applies_until: date | None
    purposes: frozenset[str]
    hours: tuple[Window | None, ...]
    allows_holidays: bool
    # Whose clock it reads; the recipient's where it names none.
    time_zone: str
    # Whether a workspace may choose it.
    is_offered: bool

    def is_in_force(self, on: date) -> bool:
        return self.applies_from <= on and (self.applies_until is None or on < self.applies_until)

    @property
    def allows_sundays(self) -> bool:
        return self.hours[6] is not None


@cache
def texts() -> tuple[Text, ...]:
    """Every text that we ship but those of providers, the oldest first."""
    stems = sorted(path.stem for path in FOLDER.glob("*.json"))
    found = [_text(stem, facts) for stem in stems if "hours" in (facts := read(stem))]
    return tuple(sorted(found, key=lambda text: (text.applies_from, text.slug)))


def in_force(on: date) -> list[Text]:
    """Every text of that date, providers' last."""
    return [text for text in (*texts(), *provider_texts().values()) if text.is_in_force(on)]


def offered() -> tuple[Text, ...]:
    """What a workspace may choose from."""
    return tuple(text for text in texts() if text.is_offered)


def text_called(slug: str) -> Text:
    return next(text for text in texts() if text.slug == slug)


@cache
def provider_texts() -> Mapping[str, Text]:
    """What providers hold back by themselves, by the slug of their gateway."""
    written = read("providers")
    return {slug: _text(slug, written["all"] | facts) for slug, facts in written["providers"].items()}


@cache
def read(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def _text(slug: str, facts: Mapping[str, Any]) -> Text:
    until = facts["applies_until"]
    return Text(
        slug=slug,
        name=facts["name"],
        kind=Kind(facts["kind"]),
        source=facts["source"],
        note=facts.get("note", ""),
        checked_on=date.fromisoformat(facts["checked_on"]),
        applies_from=date.fromisoformat(facts["applies_from"]),
        applies_until=date.fromisoformat(until) if until else None,
        purposes=frozenset(facts["purposes"]),
        hours=tuple(_window(facts["hours"].get(day)) for day in DAYS),
        allows_holidays=facts["allows_holidays"],
        time_zone=facts.get("time_zone", ""),
        is_offered=facts.get("is_offered", False),
    )


def _window(written: str | None) -> Window | None:
    if written is None:
        return None
    opens, _, closes = written.partition("-")
    return Window(time.fromisoformat(opens), time.fromisoformat(closes))
