"""An audience becomes message rows, a slice at a time: memory does not grow with it, and no lock lasts."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import Exists, Max, OuterRef, QuerySet
from django_scopes import scope

from accounts.keys import seal, seal_many
from audience.models import Contact
from audience.standing import is_followed
from messaging.bulk import Row, insert_messages
from messaging.compose import CODE_FIELD, Template
from messaging.merge_fields import MergeField, merge_fields_of
from messaging.models import Batch, Message
from messaging.services.frames import DueAt, Frame, check_open, frame_of
from messaging.services.places import reserve_places
from messaging.services.promo import assign_codes

# Recipients that are written in one transaction. SQLite has one writer, and others wait for their turn.
SLICE = {"postgresql": 20_000, "sqlite": 2_000}


class Person(NamedTuple):
    """A recipient as a slice reads them; `said` are the contact's own merge values, in the order of the text and as
    the database has them.
    """

    contact_id: int
    place: tuple[str, str, str]
    said: tuple[Any, ...]


class Wordings:
    """Sealed values and parts: readers who are called the same are counted once, however many they are."""

    def __init__(self, frame: Frame, fields: Sequence[MergeField]) -> None:
        self.frame, self.fields = frame, fields
        self.known: dict[tuple[Any, ...], tuple[bytes, int]] = {}

    def of(self, said: Sequence[tuple[Any, ...]]) -> tuple[list[bytes], list[int]]:
        """Merge values and parts of each."""
        worded = [self.known.get(values) or self._work_out(values) for values in said]
        parts = [count for _plain, count in worded]
        if not self.fields:  # of nothing there is nothing to hide: one sealed value serves all
            return [seal(b"{}")] * len(worded), parts
        return seal_many([plain for plain, _count in worded]), parts

    def _work_out(self, values: tuple[Any, ...]) -> tuple[bytes, int]:
        said = {field.name: field.words(value) for field, value in zip(self.fields, values, strict=True)}
        kept = {name: words for name, words in said.items() if words}
        plain = json.dumps(kept, ensure_ascii=False, separators=(",", ":")).encode()
        self.known[values] = worded = (plain, self.frame.counter.count(kept))
        return worded


def add_recipients(*, batch: Batch, contacts: QuerySet[Contact], due_at: datetime, now: datetime) -> int:
    """One message for each contact who has none in this batch yet; how many were added.

    Rows are written a slice at a time; after a crash, the same call goes on where it stopped. Raises BatchClosed,
    LinksDiverge, NoCodesLeft.
    """
    with scope(workspace=batch.workspace):
        last, written, added = 0, last_written(batch), 0
        has_one = Exists(Message.objects.filter(batch=batch, contact=OuterRef("pk")))
        while True:
            newcomers = contacts if last >= written else contacts.exclude(has_one)
            people = _add_slice(batch, newcomers, last, due_at, now)
            if not people:
                return added
            last, added = people[-1], added + len(people)


def add_next(*, batch: Batch, contacts: QuerySet[Contact], due_at: datetime, now: datetime) -> int:
    """The next slice, of those whose key is behind the last one written; how many, none when all are written.

    For whoever holds a lock that keeps others from doing the same. Raises what `add_recipients` raises.
    """
    with scope(workspace=batch.workspace):
        return len(_add_slice(batch, contacts, last_written(batch), due_at, now))


def last_written(batch: Batch) -> int:
    written = Message.objects.filter(batch=batch, contact__isnull=False)
    return written.aggregate(last=Max("contact"))["last"] or 0


@transaction.atomic
def _add_slice(batch: Batch, contacts: QuerySet[Contact], after: int, due_at: datetime, now: datetime) -> list[int]:
    """Keys of those who were added."""
    check_open(batch)
    fields = merge_fields_of(Template(batch.text))
    rows = _read(batch, contacts, after, [field.column for field in fields])
    groups: dict[bool, list[Person]] = defaultdict(list)
    for row in rows:
        groups[bool(row[0])].append(Person(row[1], row[2:5], row[5:]))
    due = DueAt(batch, due_at)
    for kind, people in groups.items():
        _write(batch, people, fields, due, is_followed=kind, now=now)
    return [row[1] for row in rows]


def _read(batch: Batch, contacts: QuerySet[Contact], after: int, said: Sequence[str]) -> list[tuple[Any, ...]]:
    """The next contacts by key, once each: whether they are followed, key, whereabouts, own merge values.

    Sealed columns are not among them.
    """
    people = contacts.filter(pk__gt=after).annotate(follows=is_followed(batch.workspace)).order_by("pk")
    columns = people.values_list("follows", "pk", "territory", "time_zone", "postcode", *said)
    return [next(same) for _, same in groupby(columns[: SLICE[connection.vendor]], key=lambda row: row[1])]


def _write(
    batch: Batch,
    people: Sequence[Person],
    fields: Sequence[MergeField],
    due: DueAt,
    *,
    is_followed: bool,
    now: datetime,
) -> None:
    place = reserve_places(batch=batch, size=len(people), now=now, is_followed=is_followed)
    codes = _codes(batch, people, now)
    said = [(*person.said, codes[person.contact_id]) for person in people] if codes else [each.said for each in people]
    wordings = Wordings(frame_of(batch, place), [*fields, MergeField(CODE_FIELD)] if codes else fields)
    sealed, parts = wordings.of(said)
    insert_messages(
        workspace_id=batch.workspace_id,
        batch_id=batch.pk,
        account_id=batch.account_id,
        lane=batch.lane,
        rows=[
            Row(person.contact_id, position, values, due.at(*person.place), count)
            for position, (person, values, count) in enumerate(zip(people, sealed, parts, strict=True), place)
        ],
        created_at=now,
    )


def _codes(batch: Batch, people: Sequence[Person], now: datetime) -> Mapping[int, str]:
    """Promo codes by contact, where the text has one."""
    if CODE_FIELD not in Template(batch.text).fields or batch.promo_pool is None:
        return {}
    return assign_codes(pool=batch.promo_pool, contact_ids=[person.contact_id for person in people], now=now)
