"""One person gets a batch's message."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django_scopes import scope

from audience.models import Contact
from audience.queries import may_follow
from messaging.compose import CODE_FIELD, Template
from messaging.merge_fields import merge_fields_of
from messaging.models import Batch, Message, TeamNumber
from messaging.services.frames import Moments, check_open, frame_of, links_of
from messaging.services.places import locked, take_place
from messaging.services.promo import assign_code
from messaging.tasks import wake


@transaction.atomic
def queue_message(
    *,
    batch: Batch,
    contact: Contact,
    values: Mapping[str, str],
    idempotency_key: str,
    due_at: datetime,
    now: datetime,
    since: datetime | None = None,
) -> Message:
    """One message; the same key always means the same message. Raises BatchClosed, MissingValue, NoCodesLeft.

    `due_at` is on the workspace's clock (messaging.clock); `since` is when its news began to age, if not now.
    """
    with scope(workspace=batch.workspace):
        batch = locked(batch)
        if known := Message.objects.filter(workspace=batch.workspace, idempotency_key=idempotency_key).first():
            return known
        to = {"contact": contact, "due_at": _due_at(batch, contact, due_at), "idempotency_key": idempotency_key}
        return _queue(batch, _own_values(batch, contact, values, now), now, created_at=since or now, **to)


@transaction.atomic
def queue_to_team(
    *, batch: Batch, team_number: TeamNumber, values: Mapping[str, str], due_at: datetime, now: datetime
) -> Message:
    """One message to a colleague. Raises BatchClosed, MissingValue."""
    with scope(workspace=batch.workspace):
        return _queue(locked(batch), dict(values), now, created_at=now, team_number=team_number, due_at=due_at)


def _queue(batch: Batch, values: Mapping[str, str], now: datetime, **fields: Any) -> Message:
    check_open(batch)
    links = links_of(batch)
    # Without a link there is nothing to follow.
    is_followed = not links or _may_follow(batch, fields.get("contact"))
    place = take_place(batch=batch, now=now, is_followed=is_followed)
    frame = frame_of(batch, place, links)
    kept = frame.kept(values)
    message = Message.objects.create(
        workspace=batch.workspace,
        batch=batch,
        account=batch.account,
        lane=batch.lane,
        position=place,
        merge_values=kept,
        parts=frame.counter.count(kept),
        **fields,
    )
    wake(batch.account_id)
    return message


def _due_at(batch: Batch, contact: Contact, due_at: datetime) -> datetime:
    return Moments(batch, due_at)[contact.territory, contact.time_zone, contact.postcode]


def _may_follow(batch: Batch, contact: Contact | None) -> bool:
    """Colleagues follow themselves."""
    return contact is None or may_follow(workspace=batch.workspace, contact=contact)


def _own_values(batch: Batch, contact: Contact, values: Mapping[str, str], now: datetime) -> dict[str, str]:
    """What the contact is called, what the caller says, and a promo code where the text has one."""
    template = Template(batch.text)
    own = {field.name: field.read(contact) for field in merge_fields_of(template, besides=values)}
    if CODE_FIELD in template.fields and batch.promo_pool:
        own[CODE_FIELD] = assign_code(pool=batch.promo_pool, contact=contact, now=now)
    return own | dict(values)
