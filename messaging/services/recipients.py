"""Who gets a batch's message: an audience in bulk, or one person at a time."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django_scopes import scope

from accounts.keys import seal
from audience.models import Contact
from audience.queries import may_follow
from audience.standing import is_followed
from messaging.bulk import Row, insert_messages
from messaging.compliance import NeverLegal, Place, next_legal, place_of
from messaging.compose import CODE_FIELD, CONTACT_FIELDS, PartCounter, Template
from messaging.models import Batch, Message, TeamNumber
from messaging.rules import limits_of
from messaging.services.places import Places, take_place
from messaging.services.promo import assign_code, assign_codes
from messaging.services.stop_route import appended_clause, needs_stop
from messaging.tasks import wake
from shortlinks.queries import short_url

CHUNK = 2_000


class BatchClosed(Exception):
    """The batch is cancelled or done: nobody joins it."""


@dataclass(frozen=True)
class Frame:
    """What all messages of a batch share while their rows are written."""

    batch: Batch
    template: Template
    counter: PartCounter

    @property
    def contact_fields(self) -> list[str]:
        return [name for name in self.template.fields if name in CONTACT_FIELDS]

    def merge_values(self, contact: Contact, values: Mapping[str, str]) -> dict[str, str]:
        """The values that this message keeps, whatever becomes of the contact."""
        own = {name: getattr(contact, name) for name in self.contact_fields}
        return {name: value for name, value in (own | dict(values)).items() if value and name in self.template.fields}


class DueAt:
    """When each recipient may get it: in the morning of their own zone, worked out once a place."""

    def __init__(self, batch: Batch, due_at: datetime) -> None:
        self.batch, self.due_at = batch, due_at
        self.limits = limits_of(batch.workspace, batch.account)
        self.known: dict[Place, datetime] = {}

    def of(self, contact: Contact) -> datetime:
        place = place_of(contact)
        if place not in self.known:
            self.known[place] = self._legal_at(place)
        return self.known[place]

    def _legal_at(self, place: Place) -> datetime:
        purpose, is_immediate = self.batch.purpose, self.batch.is_immediate
        try:
            return next_legal(
                purpose=purpose, place=place, at=self.due_at, limits=self.limits, never_waits=is_immediate
            )
        except NeverLegal:  # the gate says so
            return self.due_at


def frame_of(batch: Batch, position: int) -> Frame:
    template = Template(batch.text)
    links = {row.placeholder: short_url(link=row.link, position=position) for row in batch.links.select_related("link")}
    ending = batch.stop_clause
    if needs_stop(batch.purpose):
        ending += appended_clause(batch.account)
    return Frame(batch, template, PartCounter(template, links, ending))


def add_recipients(*, batch: Batch, contacts: QuerySet[Contact], due_at: datetime, now: datetime) -> int:
    """One message for each contact who has none in this batch yet; how many were added.

    Rows are written in pieces, so that memory does not grow with the audience and no write lock lasts;
    after a crash, the same call goes on where it stopped. Raises BatchClosed, LinksDiverge, NoCodesLeft.
    """
    with scope(workspace=batch.workspace):
        _check_open(batch)
        newcomers = contacts.exclude(Exists(Message.objects.filter(batch=batch, contact=OuterRef("pk"))))
        newcomers = newcomers.annotate(is_followed=is_followed(batch.workspace))
        places = _places(batch, newcomers, now)
        added = 0
        for chunk in _chunks(newcomers, frame_fields(batch)):
            for kind, group in _by_kind(chunk).items():
                place = places[kind].take(len(group))
                _write(frame_of(batch, place), group, place, due_at, now)
            added += len(chunk)
    return added


def _places(batch: Batch, newcomers: QuerySet[Any], now: datetime) -> dict[bool, Places]:
    """Room for those who may be followed, and for those who may not."""
    followed = newcomers.filter(is_followed=True).count()
    sizes = {True: followed, False: newcomers.count() - followed}
    return {kind: Places(batch, size, now, is_followed=kind) for kind, size in sizes.items()}


def _by_kind(chunk: list[Any]) -> dict[bool, list[Contact]]:
    groups: dict[bool, list[Contact]] = {}
    for contact in chunk:
        groups.setdefault(bool(contact.is_followed), []).append(contact)
    return groups


def frame_fields(batch: Batch) -> list[str]:
    """Columns of a contact that writing its row needs; the sealed number is not one of them."""
    fields = [name for name in Template(batch.text).fields if name in CONTACT_FIELDS]
    return ["pk", "territory", "time_zone", "postcode", *fields]


def _chunks(contacts: QuerySet[Contact], fields: list[str]) -> Iterator[list[Contact]]:
    """The contacts by key, once each, a piece at a time."""
    last = 0
    while rows := list(contacts.order_by("pk").filter(pk__gt=last).only(*fields)[:CHUNK]):
        yield [next(same) for _, same in groupby(rows, key=lambda contact: contact.pk)]
        last = rows[-1].pk


@transaction.atomic
def _write(frame: Frame, contacts: list[Contact], place: int, due_at: datetime, now: datetime) -> None:
    batch = frame.batch
    codes: dict[int, str] = {}
    if CODE_FIELD in frame.template.fields and batch.promo_pool:
        codes = assign_codes(pool=batch.promo_pool, contact_ids=[contact.pk for contact in contacts], now=now)
    due = DueAt(batch, due_at)
    rows = [
        _row(frame, contact, place + index, due.of(contact), {CODE_FIELD: codes.get(contact.pk, "")})
        for index, contact in enumerate(contacts)
    ]
    insert_messages(
        workspace_id=batch.workspace_id,
        batch_id=batch.pk,
        account_id=batch.account_id,
        lane=batch.lane,
        rows=rows,
        created_at=now,
    )


def _row(frame: Frame, contact: Contact, position: int, due_at: datetime, values: Mapping[str, str]) -> Row:
    kept = frame.merge_values(contact, values)
    sealed = seal(json.dumps(kept, ensure_ascii=False, separators=(",", ":")).encode())
    return Row(contact.pk, position, sealed, due_at, frame.counter.count(kept))


@transaction.atomic
def queue_message(
    *,
    batch: Batch,
    contact: Contact,
    values: Mapping[str, str],
    idempotency_key: str,
    due_at: datetime,
    now: datetime,
) -> Message:
    """One message; the same key always means the same message. Raises BatchClosed, MissingValue, NoCodesLeft.

    `due_at` is on the workspace's clock (messaging.clock).
    """
    with scope(workspace=batch.workspace):
        Batch.objects.select_for_update().get(pk=batch.pk)
        if known := Message.objects.filter(workspace=batch.workspace, idempotency_key=idempotency_key).first():
            return known
        to = {"contact": contact, "due_at": DueAt(batch, due_at).of(contact), "idempotency_key": idempotency_key}
        return _queue(batch, _own_values(batch, contact, values, now), now, **to)


@transaction.atomic
def queue_to_team(
    *, batch: Batch, team_number: TeamNumber, values: Mapping[str, str], due_at: datetime, now: datetime
) -> Message:
    """One message to a colleague. Raises BatchClosed, MissingValue."""
    with scope(workspace=batch.workspace):
        return _queue(batch, dict(values), now, team_number=team_number, due_at=due_at)


def _queue(batch: Batch, values: Mapping[str, str], now: datetime, **fields: Any) -> Message:
    _check_open(batch)
    place = take_place(batch=batch, now=now, is_followed=_may_follow(batch, fields.get("contact")))
    frame = frame_of(batch, place)
    kept = {name: value for name, value in values.items() if value and name in frame.template.fields}
    message = Message.objects.create(
        workspace=batch.workspace,
        batch=batch,
        account=batch.account,
        lane=batch.lane,
        position=place,
        merge_values=kept,
        parts=frame.counter.count(kept),
        created_at=now,
        **fields,
    )
    wake(batch.account_id)
    return message


def _may_follow(batch: Batch, contact: Contact | None) -> bool:
    """Colleagues follow themselves."""
    return contact is None or may_follow(workspace=batch.workspace, contact=contact)


def _own_values(batch: Batch, contact: Contact, values: Mapping[str, str], now: datetime) -> dict[str, str]:
    """What the contact is called, what the caller says, and a promo code where the text has one."""
    template = Template(batch.text)
    own = {name: getattr(contact, name) for name in template.fields if name in CONTACT_FIELDS}
    if CODE_FIELD in template.fields and batch.promo_pool:
        own[CODE_FIELD] = assign_code(pool=batch.promo_pool, contact=contact, now=now)
    return own | dict(values)


def _check_open(batch: Batch) -> None:
    if batch.state in {Batch.State.CANCELLED, Batch.State.DONE}:
        raise BatchClosed(str(batch))
