"""A workspace's own attributes: one condition each, compared as its kind allows."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Workspace
from audience.models import Attribute
from audience.segments.conditions import Comparison, Condition, Moment, Values
from audience.segments.inputs import Choice, Day, Number
from audience.segments.library.sections import OWN
from audience.segments.library.texts import filled_comparisons, text_comparisons

NUMBER = Number("value", _("value"), least=-(10**15), most=10**15, is_whole=False)
DAY = Day("value", _("day"))
Kind = Attribute.Kind


def attribute_conditions(workspace: Workspace) -> Iterator[Condition]:
    for attribute in Attribute.objects.filter(workspace=workspace).order_by("label", "pk"):
        yield Condition(f"attribute:{attribute.slug}", attribute.label, OWN, comparisons_of(attribute))


def comparisons_of(attribute: Attribute) -> tuple[Comparison, ...]:
    field, known = f"attributes__{attribute.slug}", Q(attributes__has_key=attribute.slug)
    if attribute.kind == Kind.TEXT:
        return text_comparisons(field, known=known)
    return (*_of_kind(attribute, field, known), *filled_comparisons(known, _("is not known")))


def _of_kind(attribute: Attribute, field: str, known: Q) -> tuple[Comparison, ...]:
    if attribute.kind == Kind.YES_NO:
        return (
            Comparison("yes", _("is yes"), lambda moment, values: known & Q(**{field: True})),
            Comparison("no", _("is no"), lambda moment, values: known & Q(**{field: False})),
        )
    if attribute.kind == Kind.CHOICE:
        # A tuple of options for its own: a choice that was taken off the attribute is gone.
        options = tuple((choice, choice) for choice in attribute.choices)
        choice = Choice("value", _("value"), lambda workspace: options)
        return (Comparison("equals", _("is {value}"), Compared(known, field), (choice,)),)
    if attribute.kind == Kind.NUMBER:
        return (
            Comparison("equals", _("is {value}"), Compared(known, field), (NUMBER,)),
            Comparison("at_least", _("is at least {value}"), Compared(known, f"{field}__gte"), (NUMBER,)),
            Comparison("at_most", _("is at most {value}"), Compared(known, f"{field}__lte"), (NUMBER,)),
        )
    is_that_day = field if attribute.kind == Kind.DATE else f"{field}__startswith"
    return (
        Comparison("equals", _("is {value}"), Compared(known, is_that_day), (DAY,)),
        Comparison("since", _("is on {value} or later"), Compared(known, f"{field}__gte"), (DAY,)),
        Comparison("before", _("is before {value}"), Compared(known, f"{field}__lt"), (DAY,)),
    )


class Compared:
    """The attribute is there, and compares like this; a day is kept as its ISO text, and an hour behind it."""

    def __init__(self, known: Q, lookup: str) -> None:
        self.known, self.lookup = known, lookup

    def __call__(self, moment: Moment, values: Values) -> Q:
        value: Any = values["value"]
        return self.known & Q(**{self.lookup: value.isoformat() if hasattr(value, "isoformat") else value})
