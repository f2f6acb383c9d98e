"""How many parts a text takes for the people who will read it: counted over their real names, not over a sample."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Min, QuerySet

from audience.models import Contact
from integrations.gateways.encoding import GSM_7
from messaging.compose import PartCounter
from messaging.merge_fields import MergeField

ODD_NAMES_SHOWN = 3


@dataclass(frozen=True)
class Group:
    """Readers who share their merge values and the place they live in; `contact_id` is one of them."""

    values: Mapping[str, str]
    territory: str
    time_zone: str
    readers: int
    contact_id: int


def groups_of(contacts: QuerySet[Contact], fields: Sequence[MergeField]) -> list[Group]:
    """An audience in one query, however large it is."""
    columns = [field.column for field in fields]
    people = contacts.order_by().values_list(*columns, "territory", "time_zone")
    rows = people.annotate(readers=Count("pk"), one=Min("pk"))
    return [Group(_words(fields, row), *row[len(fields) :]) for row in rows]


def _words(fields: Sequence[MergeField], row: Sequence[Any]) -> dict[str, str]:
    return {field.name: field.words(value) for field, value in zip(fields, row, strict=False)}


@dataclass
class Reading:
    """What a text costs for an audience. `parts` is the sum; the worst reader gets the most of them."""

    readers: int = 0
    parts: int = 0
    # What a part costs depends on where the number belongs.
    parts_by_territory: Counter[str] = field(default_factory=Counter)
    most_parts: int = 0
    worst_contact_id: int | None = None
    # Readers whose name is not in the SMS alphabet: it turns the whole text into Unicode.
    odd_readers: int = 0
    odd_names: list[str] = field(default_factory=list)


def read_by(groups: Iterable[Group], counter: PartCounter, shared: Mapping[str, str]) -> Reading:
    """Counts once for each set of names, however many people share it; `shared` are values that all have alike.

    Raises MissingValue.
    """
    reading, longest = Reading(), (-1, -1)
    for group in groups:
        parts = counter.count({**group.values, **shared})
        reading.readers += group.readers
        reading.parts += parts * group.readers
        reading.parts_by_territory[group.territory] += parts * group.readers
        length = (parts, sum(map(len, group.values.values())))
        if length > longest:
            longest, reading.most_parts, reading.worst_contact_id = length, parts, group.contact_id
        _note_odd(reading, group)
    return reading


def _note_odd(reading: Reading, group: Group) -> None:
    odd = [value for value in group.values.values() if not GSM_7.issuperset(value)]
    if odd:
        reading.odd_readers += group.readers
        reading.odd_names = list(dict.fromkeys([*reading.odd_names, *odd]))[:ODD_NAMES_SHOWN]
