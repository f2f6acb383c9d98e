"""What a rule can be about: a condition, compared in one of a few ways."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils.functional import Promise

from accounts.models import Workspace
from audience.segments.inputs import Input, Options

HOLE = re.compile(r"\{(\w+)\}")
Values = Mapping[str, Any]


@dataclass(frozen=True)
class Moment:
    """When and where a rule is asked. Days are the workspace's own."""

    workspace: Workspace
    now: datetime

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.workspace.time_zone)

    @cached_property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    def ago(self, days: int) -> datetime:
        return self.now - timedelta(days=days)

    def start_of(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.zone).astimezone(UTC)


@dataclass(frozen=True)
class Comparison:
    """One way to ask: `words` is what follows the condition's name, with a hole for each input.

    `sentence` replaces name and words where the two would limp. `matches` answers a Q over Contact that is never NULL:
    it is negated where a group says "none of these".
    """

    slug: str
    words: str | Promise
    matches: Callable[[Moment, Values], Q]
    inputs: tuple[Input, ...] = ()
    sentence: str | Promise = ""


@dataclass(frozen=True)
class Condition:
    """Something known about contacts. `section` groups conditions where one is chosen."""

    slug: str
    label: str | Promise
    section: str | Promise
    comparisons: tuple[Comparison, ...]

    def comparison(self, slug: Any) -> Comparison | None:
        return next((one for one in self.comparisons if one.slug == slug), None)


class Catalogue:
    """All conditions of a workspace, and the options they offer, each read once. Lives as long as a request."""

    def __init__(self, workspace: Workspace, conditions: Iterable[Condition]) -> None:
        self.workspace = workspace
        self.conditions = {condition.slug: condition for condition in conditions}
        self._options: dict[Options, dict[str, str]] = {}

    def options(self, source: Options) -> Mapping[str, str]:
        if source not in self._options:
            self._options[source] = {key: str(name) for key, name in source(self.workspace)}
        return self._options[source]

    def facts(self) -> list[dict[str, Any]]:
        """What the rule builder draws its fields from."""
        return [
            {
                "slug": condition.slug,
                "label": str(condition.label),
                "section": str(condition.section),
                "comparisons": [self._facts_of(one) for one in condition.comparisons],
            }
            for condition in self.conditions.values()
        ]

    def _facts_of(self, comparison: Comparison) -> dict[str, Any]:
        inputs = {one.name: one.facts(self) for one in comparison.inputs}
        return {"slug": comparison.slug, "parts": list(parts_of(str(comparison.words), inputs))}


def parts_of(words: str, inputs: Mapping[str, Any]) -> Iterator[Any]:
    """The words, and in their holes the inputs, in order."""
    for place, part in enumerate(HOLE.split(words)):
        if place % 2:
            yield inputs[part]
        elif part.strip():
            yield part.strip()
