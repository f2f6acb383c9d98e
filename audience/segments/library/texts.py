"""Texts compared without regard to capitals, alike on every database."""

import re
from collections.abc import Iterable
from functools import reduce
from operator import or_

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audience.segments.conditions import Comparison, Moment, Values
from audience.segments.inputs import Text, Texts

PATTERNS = {"iexact": r"^{}$", "istartswith": r"^{}", "iendswith": r"{}$", "icontains": "{}"}
EMPTY = _("is empty")
VALUE = Text("value", _("value"))
VALUES = Texts("values", _("values, with commas between them"))


def is_like(field: str, lookup: str, text: str) -> Q:
    """SQLite folds A to Z only, PostgreSQL what its locale knows: other letters are spelled out as [éÉ].

    The beginning of a postcode has no capitals: compared as it is, an index can help.
    """
    if text.isdecimal() and lookup == "istartswith":
        return Q(**{f"{field}__startswith": text})
    if text.isascii():
        return Q(**{f"{field}__{lookup}": text})
    return Q(**{f"{field}__iregex": PATTERNS[lookup].format("".join(map(_either, text)))})


def _either(character: str) -> str:
    if character.isascii():
        return re.escape(character)
    cases = {character, character.lower(), character.upper()}
    return f"[{''.join(sorted(case for case in cases if len(case) == 1))}]"


def is_any(field: str, lookup: str, texts: Iterable[str]) -> Q:
    return reduce(or_, (is_like(field, lookup, text) for text in texts))


def text_comparisons(field: str, *, known: Q | None = None) -> tuple[Comparison, ...]:
    """`known` holds where the field has a value at all; by default where it is not empty."""
    is_known = ~Q(**{field: ""}) if known is None else known

    def compared(lookup: str, name: str = "value") -> "_Matches":
        return _Matches(field, lookup, name, is_known)

    return (
        Comparison("equals", _("is {values}"), compared("iexact", "values"), (VALUES,)),
        Comparison("differs", _("is not {values}"), compared("iexact", "values").reversed, (VALUES,)),
        Comparison("begins", _("begins with {value}"), compared("istartswith"), (VALUE,)),
        Comparison("contains", _("contains {value}"), compared("icontains"), (VALUE,)),
        *filled_comparisons(is_known),
    )


def filled_comparisons(is_known: Q, empty: str | Promise = EMPTY) -> tuple[Comparison, ...]:
    return (
        Comparison("filled", _("is filled in"), lambda moment, values: is_known),
        Comparison("empty", empty, lambda moment, values: ~is_known),
    )


class _Matches:
    def __init__(self, field: str, lookup: str, name: str, is_known: Q) -> None:
        self.field, self.lookup, self.name, self.is_known = field, lookup, name, is_known

    def __call__(self, moment: Moment, values: Values) -> Q:
        given = values[self.name]
        texts = given if isinstance(given, tuple) else (given,)
        return self.is_known & is_any(self.field, self.lookup, texts)

    def reversed(self, moment: Moment, values: Values) -> Q:
        return ~self(moment, values)
