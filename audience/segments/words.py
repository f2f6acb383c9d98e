"""Rules in words: one sentence a condition, groups as lists of sentences."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audience.segments.conditions import Catalogue
from audience.segments.rules import ALL, ANY, NONE, Group, Rule

OPENINGS: dict[str, str | Promise] = {
    ALL: gettext_lazy("all of these"),
    ANY: gettext_lazy("at least one of these"),
    NONE: gettext_lazy("none of these"),
}


@dataclass(frozen=True)
class Explained:
    """A sentence, or a group's opening with what stands under it."""

    text: str
    children: "tuple[Explained, ...]" = ()


def sentence_of(rule: Rule, catalogue: Catalogue) -> str:
    """Postcode begins with “69”."""
    comparison = rule.comparison
    pattern = str(comparison.sentence) or f"{rule.condition.label} {comparison.words}"
    shown = {one.name: one.show(rule.values[one.name], catalogue) for one in comparison.inputs}
    return pattern.format(**shown)


def explain(rules: Rule | Group, catalogue: Catalogue) -> Explained:
    if isinstance(rules, Rule):
        return Explained(sentence_of(rules, catalogue))
    children = tuple(explain(rule, catalogue) for rule in rules.rules)
    return Explained(str(OPENINGS[rules.match]), children)


def in_one_line(rules: Rule | Group, catalogue: Catalogue) -> str:
    """Postcode begins with “69” and (city is “Lyon” or “Bron”): for lists and small places."""
    if isinstance(rules, Rule):
        return sentence_of(rules, catalogue)
    between = _(" and ") if rules.match == ALL else _(" or ")
    line = between.join(_inner(rule, catalogue) for rule in rules.rules)
    return _("none of: %(rules)s") % {"rules": line} if rules.match == NONE else line


def _inner(rule: Rule | Group, catalogue: Catalogue) -> str:
    line = in_one_line(rule, catalogue)
    return f"({line})" if isinstance(rule, Group) and len(rule.rules) > 1 else line
