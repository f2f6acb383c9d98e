"""Somebody wrote to us. STOP is handled before anybody else hears of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django_scopes import scope

from accounts.keys import keyed_index
from accounts.models import User
from audience.models import OptOutScope
from audience.phone import canonical
from audience.queries import contact_of, former_holders
from audience.services.blocks import hold_former_holders, hold_marketing, release_marketing
from integrations.gateways.base import IncomingMessage, StopHandling
from integrations.gateways.registry import gateway_of
from integrations.models import GatewayAccount
from messaging.models import InboundMessage
from messaging.services.answers import answer
from messaging.services.batches import BadSender, BadText
from messaging.services.double_opt_in import confirm_request, pending_of
from messaging.services.opt_out import opt_out
from messaging.signals import reply_received
from messaging.words import meaning_of, says_yes

Kind = InboundMessage.Kind


def take_messages(*, account: GatewayAccount, messages: Sequence[IncomingMessage], now: datetime) -> None:
    """Keep each message once and do what it asks; then replies are announced, again if they come again."""
    with scope(workspace=account.workspace):
        taken = [take_message(account=account, message=message, now=now) for message in messages]
        for inbound in taken:
            if inbound.kind == Kind.REPLY:
                reply_received.send(sender=InboundMessage, message=inbound)


@transaction.atomic
def take_message(*, account: GatewayAccount, message: IncomingMessage, now: datetime) -> InboundMessage:
    """One row, and with it the opt-out or the answer: all of it or nothing."""
    workspace, meaning = account.workspace, meaning_of(message.text)
    phone = canonical(message.sender, workspace.country)
    contact = contact_of(workspace=workspace, phone=phone, is_locked=True)
    is_of_others = meaning.kind == Kind.STOP and former_holders(workspace=workspace, phone=phone).exists()
    inbound, is_new = InboundMessage.objects.get_or_create(
        account=account,
        provider_id=message.provider_id[:120],
        defaults={
            "workspace": workspace,
            "contact": contact,
            "phone": phone,
            "phone_index": keyed_index(phone),
            "text": message.text,
            "kind": meaning.kind,
            "holds_marketing": meaning.holds_marketing or is_of_others,
            "received_at": message.received_at,
        },
    )
    if is_new:
        _obey(inbound, phone, now)
    return inbound


def _obey(inbound: InboundMessage, phone: str, now: datetime) -> None:
    if inbound.kind == Kind.STOP:
        opt_out(
            workspace=inbound.workspace,
            phone=phone,
            scope=OptOutScope.MARKETING,
            source="SMS",
            now=now,
            evidence=evidence_of(inbound),
        )
    elif inbound.holds_marketing:
        kept = evidence_of(inbound)
        hold_marketing(workspace=inbound.workspace, phone=phone, source="SMS", now=now, evidence=kept)
        hold_former_holders(workspace=inbound.workspace, phone=phone, now=now)
    elif inbound.kind == Kind.REPLY and says_yes(inbound.text):
        _confirm(inbound, now)
    is_ours = gateway_of(inbound.account).capabilities.stop == StopHandling.OURS
    if is_ours and inbound.kind in {Kind.STOP, Kind.CONTACT}:
        _answer(inbound, now)


def _confirm(inbound: InboundMessage, now: datetime) -> None:
    """YES answers a question of ours, or nothing: then a person reads it."""
    said_at = min(inbound.received_at, now)
    asked = pending_of(contact=inbound.contact, at=said_at) if inbound.contact else None
    if asked is None:
        return
    confirm_request(request=asked, source="SMS", said_at=said_at, now=now, evidence=evidence_of(inbound))
    inbound.kind, inbound.read_at, inbound.done_at = Kind.YES, now, now
    inbound.save(update_fields=["kind", "read_at", "done_at"])


def evidence_of(inbound: InboundMessage) -> dict[str, Any]:
    return {"text": inbound.text, "received_at": inbound.received_at.isoformat(), "message": inbound.provider_id}


def _answer(inbound: InboundMessage, now: datetime) -> None:
    """A STOP counts even where no answer can be given."""
    try:
        answer(inbound=inbound, now=now)
    except (BadSender, BadText):
        return


@transaction.atomic
def release_hold(*, inbound: InboundMessage, now: datetime, by: User | None = None) -> None:
    """Somebody has read it: it was no wish to stop. Other messages of theirs may still hold."""
    _settle(inbound, now, by)


@transaction.atomic
def confirm_stop(*, inbound: InboundMessage, now: datetime, by: User | None = None) -> None:
    """Somebody has read it: it was a wish to stop, of the number and of the person who has another one by now."""
    for number in sorted(_numbers_of(inbound)):
        opt_out(
            workspace=inbound.workspace,
            phone=number,
            scope=OptOutScope.MARKETING,
            source="SMS, read by a person",
            now=now,
            evidence=evidence_of(inbound) | {"read_by": str(by or "")},
        )
    _settle(inbound, now, by, kind=Kind.STOP)


def _settle(inbound: InboundMessage, now: datetime, by: User | None, **fields: str) -> None:
    """The message is read and done with; the hold ends with the last message that makes it."""
    may_hold = inbound.holds_marketing or "kind" in fields  # a stop from an old number holds whoever had it
    InboundMessage.objects.filter(pk=inbound.pk).update(holds_marketing=False, read_at=now, done_at=now, **fields)
    inbound.refresh_from_db()
    others = InboundMessage.objects.filter(holds_marketing=True).exclude(pk=inbound.pk)
    numbers = _numbers_of(inbound)
    if may_hold and not any(numbers & _numbers_of(other) for other in others.select_related("contact").iterator()):
        source = f"read by {by}" if by else "read by a person"
        for number in sorted(numbers):
            release_marketing(workspace=inbound.workspace, phone=number, source=source, now=now)


def _numbers_of(inbound: InboundMessage) -> set[str]:
    """The one it came from, and those of today of the people who wrote it, or may have."""
    holders = former_holders(workspace=inbound.workspace, phone=inbound.phone) if inbound.phone else ()
    numbers = {inbound.phone, *(holder.phone for holder in holders)}
    return numbers | {inbound.contact.phone} if inbound.contact else numbers
