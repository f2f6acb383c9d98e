"""Somebody wrote to us. STOP is handled before anybody else hears of it."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django_scopes import scope

from audience.models import OptOutScope
from audience.phone import canonical
from audience.queries import contact_of
from integrations.gateways.base import IncomingMessage, StopHandling
from integrations.gateways.registry import gateway_class
from integrations.models import GatewayAccount
from messaging.models import InboundMessage
from messaging.services.answers import answer
from messaging.services.batches import BadSender, BadText
from messaging.services.opt_out import opt_out
from messaging.signals import reply_received
from messaging.words import meaning_of

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
    phone, meaning = canonical(message.sender, account.workspace.country), meaning_of(message.text)
    inbound, is_new = InboundMessage.objects.get_or_create(
        account=account,
        provider_id=message.provider_id[:120],
        defaults={
            "workspace": account.workspace,
            "contact": contact_of(workspace=account.workspace, phone=phone),
            "phone": phone,
            "text": message.text,
            "kind": meaning.kind,
            "holds_marketing": meaning.holds_marketing,
            "received_at": message.received_at,
        },
    )
    if is_new and inbound.kind != Kind.REPLY:
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
            evidence={"text": inbound.text, "received_at": inbound.received_at.isoformat()},
        )
    if gateway_class(inbound.account.gateway).capabilities.stop == StopHandling.OURS:
        _answer(inbound, now)


def _answer(inbound: InboundMessage, now: datetime) -> None:
    """A STOP counts even where no answer can be given."""
    try:
        answer(inbound=inbound, now=now)
    except (BadSender, BadText):
        return


@transaction.atomic
def release_hold(*, inbound: InboundMessage, now: datetime) -> None:
    """Somebody has read it: it was no wish to stop."""
    InboundMessage.objects.filter(pk=inbound.pk).update(holds_marketing=False, read_at=now)


@transaction.atomic
def confirm_stop(*, inbound: InboundMessage, now: datetime) -> None:
    """Somebody has read it: it was a wish to stop."""
    opt_out(
        workspace=inbound.workspace,
        phone=inbound.phone,
        scope=OptOutScope.MARKETING,
        source="SMS, read by a person",
        now=now,
        evidence={"text": inbound.text, "received_at": inbound.received_at.isoformat()},
    )
    InboundMessage.objects.filter(pk=inbound.pk).update(kind=Kind.STOP, holds_marketing=False, read_at=now)
