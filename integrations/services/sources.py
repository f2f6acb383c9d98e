"""Sources of events: making them, their secrets, and taking in their calls."""

import hashlib
import uuid
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django_scopes import scope, scopes_disabled

from accounts.models import Workspace
from audience.models import Contact
from audience.services import add_contact
from integrations.calls import BadCall, Told, read_call
from integrations.gateways.base import WebhookCall
from integrations.models import EventSource, SourcePerson
from integrations.services import inbox
from integrations.signing import is_signed, new_secret

MAX_BODY_BYTES = 64 * 1024
# A call with a one-time code that nobody could work on; else its content is gone with the work.
KEEP_CODES = timedelta(hours=1)
NOTED_EVERY = timedelta(minutes=1)


class UnknownSource(Exception):
    """No source of events has this address."""


class SwitchedOff(Exception):
    """The source was switched off here: it should stop calling."""


def make_source(*, workspace: Workspace, name: str) -> EventSource:
    """With a secret, which its page shows once."""
    with scope(workspace=workspace):
        return EventSource.objects.create(workspace=workspace, name=name, credentials={"secret": new_secret()})


@transaction.atomic
def rotate_secret(*, source: EventSource) -> EventSource:
    """A new secret, shown once; the one before counts until the next change."""
    fresh = EventSource.objects.select_for_update().get(pk=source.pk)
    fresh.credentials = {"secret": new_secret(), "previous_secret": fresh.credentials["secret"]}
    fresh.is_secret_seen = False
    fresh.save(update_fields=["credentials", "is_secret_seen"])
    return fresh


@transaction.atomic
def secret_to_show(*, source: EventSource) -> str:
    """The secret, the first time it is asked for; "" from then on."""
    seen = EventSource.objects.filter(pk=source.pk, is_secret_seen=False).update(is_secret_seen=True)
    return source.credentials["secret"] if seen else ""


def receive_call(*, public_id: uuid.UUID, call: WebhookCall, now: datetime) -> bool:
    """Store a signed call once; False for one whose id was here before.

    Raises UnknownSource, RefusedWebhook, SwitchedOff, BadCall.
    """
    with scopes_disabled():
        source = EventSource.objects.select_related("workspace").filter(public_id=public_id).first()
    if source is None:
        raise UnknownSource
    with scope(workspace=source.workspace):
        if not is_signed(call, source.credentials.values(), now):
            inbox.count_refused(source)
            raise inbox.RefusedWebhook
        if not source.is_enabled:
            raise SwitchedOff
        return _store(source, _read(source, call, now), call, now)


def _read(source: EventSource, call: WebhookCall, now: datetime) -> Told:
    """Raises BadCall, and notes why on the source."""
    try:
        return read_call(call.body, country=source.workspace.country, now=now)
    except BadCall as error:
        troubled = EventSource.objects.filter(pk=source.pk)
        troubled.update(trouble=str(error)[:200], trouble_at=now, refused_webhooks=F("refused_webhooks") + 1)
        raise


def _store(source: EventSource, told: Told, call: WebhookCall, now: datetime) -> bool:
    """Only what was understood is kept, and the event's own id tells whether it is a repeat."""
    is_new = inbox.store_call(
        origin=source,
        topic=told.event,
        dedup_key=hashlib.sha256(told.id.encode()).hexdigest(),
        call=replace(call, body=told.written(), headers={}, query={}),
        now=now,
        at_once=bool(told.code),
        keep=KEEP_CODES if told.code else inbox.KEEP,
    )
    if source.trouble or source.last_call_at is None or now - source.last_call_at >= NOTED_EVERY:
        EventSource.objects.filter(pk=source.pk).update(last_call_at=now, trouble="")
    return is_new


def person_of(*, source: EventSource, told: Told) -> Contact | None:
    """Whom the call is about: by number, and by the source's own id ever after. None where nobody is known."""
    known = SourcePerson.objects.filter(source=source, external_id=told.external_id).select_related("contact").first()
    if not told.phone:
        return known.contact if known else None
    contact = add_contact(workspace=source.workspace, phone=told.phone, source=source.name, first_name=told.first_name)
    if told.external_id:
        SourcePerson.objects.update_or_create(
            source=source,
            external_id=told.external_id,
            defaults={"workspace": source.workspace, "contact": contact},
        )
    return contact
