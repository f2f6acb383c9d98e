"""An audience becomes message rows, a slice at a time: memory does not grow with it, and no lock lasts."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import chain, count, repeat
from operator import itemgetter
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, Max, OuterRef, QuerySet
from django_scopes import scope

from accounts.keys import seal, seal_many
from audience.bulk import commit_without_waiting
from audience.models import Contact
from audience.standing import is_followed
from messaging.bulk import insert_messages
from messaging.compose import CODE_FIELD, Template
from messaging.merge_fields import MergeField, merge_fields_of
from messaging.models import Batch, Message
from messaging.services.frames import Frame, Moments, check_open, frame_of, links_of
from messaging.services.places import reserve_places
from messaging.services.promo import assign_codes

# Recipients that are written in one transaction. SQLite has one writer, and others wait for their turn.
SLICE = {"postgresql": 20_000, "sqlite": 2_000}


# Recipients that are sealed, and handed to the database, at once: it works on them while we go on.
HANDFUL = 1_000

# A recipient as a slice reads them: whether they are followed, key, whereabouts (three columns), and the contact's own
# merge values, in the order of the text and as the database has them. Plain tuples: columns are taken at C's speed.
Reader = tuple[Any, ...]
key_of, place_of, said_of = itemgetter(1), itemgetter(slice(2, 5)), itemgetter(slice(5, None))


class Wordings(dict[tuple[Any, ...], tuple[bytes, int]]):
    """Merge values as they are kept, and parts: readers who are called the same are counted once, however many."""

    def __init__(self, frame: Frame, fields: Sequence[MergeField]) -> None:
        super().__init__()
        self.frame, self.fields = frame, fields

    def __missing__(self, values: tuple[Any, ...]) -> tuple[bytes, int]:
        said = {field.name: field.words(value) for field, value in zip(self.fields, values, strict=True)}
        kept = {name: words for name, words in said.items() if words}
        plain = json.dumps(kept, ensure_ascii=False, separators=(",", ":")).encode()
        self[values] = worded = (plain, self.frame.counter.count(kept))
        return worded

    def sealed(self, plains: Sequence[bytes]) -> Iterable[bytes]:
        """Each of them, as they are asked for."""
        if not self.fields:  # of nothing there is nothing to hide: one sealed value serves all
            return repeat(seal(b"{}"), len(plains))
        handfuls = (plains[start : start + HANDFUL] for start in range(0, len(plains), HANDFUL))
        return chain.from_iterable(map(seal_many, handfuls))


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
        until = Batch.objects.values_list("written_until", flat=True).get(pk=batch.pk)
        after = last_written(batch) if until is None else until
        return len(_add_slice(batch, contacts, after, due_at, now))


def last_written(batch: Batch) -> int:
    written = Message.objects.filter(batch=batch, contact__isnull=False)
    return written.aggregate(last=Max("contact"))["last"] or 0


@transaction.atomic
def _add_slice(batch: Batch, contacts: QuerySet[Contact], after: int, due_at: datetime, now: datetime) -> list[int]:
    """Keys of those who were added."""
    check_open(batch)
    # Whoever hands these messages over commits later, and with it what came before; until then a crash loses a slice.
    commit_without_waiting(workspace_id=batch.workspace_id)
    fields = merge_fields_of(Template(batch.text))
    readers = _read(batch, contacts, after, [field.column for field in fields])
    moments = Moments(batch, due_at)
    for kind in (True, False):
        alike = [reader for reader in readers if bool(reader[0]) is kind]
        if alike:
            _write(batch, alike, fields, moments, is_followed=kind, now=now)
    if readers:
        Batch.objects.filter(pk=batch.pk).update(written_until=readers[-1][1])
    return list(map(key_of, readers))


def _read(batch: Batch, contacts: QuerySet[Contact], after: int, said: Sequence[str]) -> list[Reader]:
    """The next contacts by key, once each. Sealed columns are not among them."""
    people = contacts.filter(pk__gt=after).annotate(follows=is_followed(batch.workspace)).order_by("pk")
    columns = people.values_list("follows", "pk", "territory", "time_zone", "postcode", *said)
    return list({reader[1]: reader for reader in columns[: SLICE[connection.vendor]]}.values())


def _write(
    batch: Batch,
    readers: Sequence[Reader],
    fields: Sequence[MergeField],
    moments: Moments,
    *,
    is_followed: bool,
    now: datetime,
) -> None:
    first = reserve_places(batch=batch, size=len(readers), now=now, is_followed=is_followed)
    keys, said = list(map(key_of, readers)), list(map(said_of, readers))
    if codes := _codes(batch, keys, now):
        fields = [*fields, MergeField(CODE_FIELD)]
        said = [(*values, codes[key]) for values, key in zip(said, keys, strict=True)]
    wordings = Wordings(frame_of(batch, first, links_of(batch)), fields)
    worded = [wordings[values] for values in said]
    insert_messages(
        workspace_id=batch.workspace_id,
        batch_id=batch.pk,
        account_id=batch.account_id,
        lane=batch.lane,
        rows=zip(
            keys,
            count(first),
            wordings.sealed([plain for plain, _parts in worded]),
            map(moments.__getitem__, map(place_of, readers)),
            [parts for _plain, parts in worded],
            strict=False,
        ),
        created_at=now,
    )


def _codes(batch: Batch, keys: Sequence[int], now: datetime) -> Mapping[int, str]:
    """Promo codes by contact, where the text has one."""
    if CODE_FIELD not in Template(batch.text).fields or batch.promo_pool is None:
        return {}
    return assign_codes(pool=batch.promo_pool, contact_ids=keys, now=now)
