"""Rules as JSON: read strictly, refused with words that say what to mend.

{"match": "all", "rules": [
    {"about": "postcode", "is": "begins", "value": "69"},
    {"match": "none", "rules": [{"about": "city", "is": "equals", "value": "Lyon"}]}]}
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import and_, or_
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from audience.segments.conditions import Catalogue, Comparison, Condition, Moment, Values
from audience.segments.inputs import BadInput

ALL, ANY, NONE = "all", "any", "none"
MATCHES = (ALL, ANY, NONE)
MOST_LEVELS = 3
MOST_RULES = 50
MOST_CHARACTERS = 20_000


class BadRules(Exception):
    """These are not rules of a segment; the message says why, readable and translated."""


@dataclass(frozen=True)
class Rule:
    """One condition, compared with what was filled in."""

    condition: Condition
    comparison: Comparison
    values: Values

    def compile(self, moment: Moment) -> Q:
        return self.comparison.matches(moment, self.values)

    def as_json(self) -> dict[str, Any]:
        values = {name: _plain(value) for name, value in self.values.items()}
        return {"about": self.condition.slug, "is": self.comparison.slug, **values}


@dataclass(frozen=True)
class Group:
    """All, any or none of its rules."""

    match: str
    rules: "tuple[Rule | Group, ...]"

    def compile(self, moment: Moment) -> Q:
        found = [rule.compile(moment) for rule in self.rules]
        if self.match == ALL:
            return reduce(and_, found)
        return reduce(or_, found) if self.match == ANY else ~reduce(or_, found)

    def as_json(self) -> dict[str, Any]:
        return {"match": self.match, "rules": [rule.as_json() for rule in self.rules]}


def parse(data: Any, catalogue: Catalogue) -> Group:
    """The rules that `data` (JSON, as text or read already) means in this workspace. Raises BadRules."""
    reader = _Reader(catalogue)
    return reader.group(_loaded(data), level=1)


def _loaded(data: Any) -> Any:
    if isinstance(data, str):
        if len(data) > MOST_CHARACTERS:
            raise BadRules(_("These rules are too long."))
        try:
            data = json.loads(data)
        except (ValueError, RecursionError) as error:
            raise BadRules(_("These rules can't be read.")) from error
    return data


class _Reader:
    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue, self.rules = catalogue, 0

    def group(self, data: Any, level: int) -> Group:
        if not isinstance(data, dict) or not isinstance(data.get("rules"), list) or set(data) != {"match", "rules"}:
            raise BadRules(_("These rules can't be read."))
        if data["match"] not in MATCHES:
            raise BadRules(_("A group matches all, any or none of its conditions."))
        if level > MOST_LEVELS:
            raise BadRules(_("Groups can be %(count)s deep, not more.") % {"count": MOST_LEVELS})
        if not data["rules"]:
            raise BadRules(_("Add at least one condition.") if level == 1 else _("A group is empty."))
        return Group(data["match"], tuple(self.any_of(one, level) for one in data["rules"]))

    def any_of(self, data: Any, level: int) -> Rule | Group:
        if not isinstance(data, dict):
            raise BadRules(_("These rules can't be read."))
        return self.group(data, level + 1) if "match" in data else self.rule(data)

    def rule(self, data: Mapping[str, Any]) -> Rule:
        self.rules += 1
        if self.rules > MOST_RULES:
            raise BadRules(_("A segment has at most %(count)s conditions.") % {"count": MOST_RULES})
        about = data.get("about")
        if not about:
            raise BadRules(_("Choose what the condition is about."))
        condition = self.catalogue.conditions.get(about) if isinstance(about, str) else None
        if condition is None:
            raise BadRules(_("A condition speaks of something that is gone: choose another one."))
        comparison = condition.comparison(data.get("is"))
        names = {one.name for one in comparison.inputs} if comparison else set()
        if comparison is None or not set(data) <= {"about", "is"} | names:
            raise BadRules(_("“%(condition)s” can't be asked like this.") % {"condition": condition.label})
        return Rule(condition, comparison, self.values(condition, comparison, data))

    def values(self, condition: Condition, comparison: Comparison, data: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return {one.name: one.read(data.get(one.name), self.catalogue) for one in comparison.inputs}
        except BadInput as error:
            words = {"condition": condition.label, "reason": error}
            raise BadRules(_("%(condition)s: %(reason)s") % words) from error


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value
