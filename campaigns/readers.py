"""How many parts a text takes for the people who will read it: counted over their real names, not over a sample."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from django.db.models import Count, Min, QuerySet

from audience.models import Contact
from integrations.gateways.encoding import GSM_7
from messaging.compose import CONTACT_FIELDS, PartCounter

ODD_NAMES_SHOWN = 3


@dataclass
class Reading:
    """What a text costs for an audience. `parts` is the sum; the worst reader gets the most of them."""

    readers: int = 0
    parts: int = 0
    most_parts: int = 0
    worst_contact_id: int | None = None
    # Readers for whom the text takes more parts than for the others, by a name that is not in the SMS alphabet.
    odd_readers: int = 0
    odd_names: list[str] = field(default_factory=list)


def read_by(contacts: QuerySet[Contact], counter: PartCounter) -> Reading:
    """Counts once for each set of names, however many people share it."""
    reading, longest = Reading(), (-1, -1)
    for values, readers, contact_id in _groups(contacts, counter):
        parts = counter.count(values)
        reading.readers += readers
        reading.parts += parts * readers
        length = (parts, sum(map(len, values.values())))
        if length > longest:
            longest, reading.most_parts, reading.worst_contact_id = length, parts, contact_id
        _note_odd(reading, values, readers)
    return reading


def _groups(contacts: QuerySet[Contact], counter: PartCounter) -> Iterator[tuple[Mapping[str, str], int, int]]:
    """Each set of merge values, how many share it, and one who does."""
    names = [name for name in counter.template.fields if name in CONTACT_FIELDS]
    # Behind a subquery, so that what the audience is annotated with does not split the groups.
    people = Contact.objects.filter(pk__in=contacts.order_by().values("pk"))
    if not names:
        total = people.aggregate(readers=Count("pk"), one=Min("pk"))
        if total["readers"]:
            yield {}, total["readers"], total["one"]
        return
    for row in people.values_list(*names).annotate(readers=Count("pk"), one=Min("pk")).order_by().iterator():
        yield dict(zip(names, row, strict=False)), row[-2], row[-1]


def _note_odd(reading: Reading, values: Mapping[str, str], readers: int) -> None:
    odd = [value for value in values.values() if not GSM_7.issuperset(value)]
    if odd:
        reading.odd_readers += readers
        reading.odd_names = list(dict.fromkeys([*reading.odd_names, *odd]))[:ODD_NAMES_SHOWN]
