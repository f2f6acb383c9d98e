"""Double opt-in: whoever signs up is asked, on their own phone, whether it was them.

The question is a service message; until it is answered they get no advertising. It is also the only way back after an
opt-out, whatever the workspace's setting (docs/decisions/0011-what-lifts-an-opt-out.md).
"""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django_scopes import scope

from accounts.keys import keyed_index
from accounts.models import Workspace
from audience.models import Consent, Contact, OptOutScope, Purpose
from audience.queries import blocks_of, opt_outs_of, settings_of
from audience.services import confirm_consent, grant_consent, note_request
from integrations.gateways.base import StopHandling
from integrations.gateways.registry import gateway_of
from messaging.clock import workspace_now
from messaging.models import OptInRequest, Sender
from messaging.services.answers import BRACES, standing_batch
from messaging.services.recipients import queue_message

EXPIRES_IN = timedelta(days=7)
# Somebody else may type a number again and again: the phone gets one question a day, and three a month.
ONCE_IN, MOST, PERIOD = timedelta(hours=24), 3, timedelta(days=30)
# A provider's clock may be behind ours.
SKEW = timedelta(minutes=5)
CONFIRM_URL = "confirm_url"


class NoSender(Exception):
    """There is nobody the question could come from."""


class NotPending(Exception):
    """There is no question of ours that this answers: answered before, expired, or followed by a STOP."""


@transaction.atomic
def sign_up(
    *,
    workspace: Workspace,
    contact: Contact,
    source: str,
    wording: str,
    now: datetime,
    evidence: Mapping[str, Any] | None = None,
    wording_version: str = "",
    is_waiting: bool = True,
) -> Consent:
    """A yes to marketing from a form or a shop: granted, or asked to confirm. Raises MissingProof, NoSender.

    Asked to confirm where the workspace wants double opt-in, and always after an opt-out. `is_waiting`: they have just
    done it themselves, so that the question may come at night.
    """
    said: dict[str, Any] = {"source": source, "wording": wording, "wording_version": wording_version}
    with scope(workspace=workspace):
        is_opposed = opt_outs_of(contact.phone).filter(scope=OptOutScope.MARKETING).exists()
        if not is_opposed and not settings_of(workspace).double_opt_in:
            yes: dict[str, Any] = {
                "contact": contact,
                "purpose": Purpose.MARKETING,
                "occurred_at": now,
                "evidence": evidence,
            }
            return grant_consent(workspace=workspace, now=now, **yes, **said)
        row = note_request(workspace=workspace, contact=contact, now=now, evidence=evidence, **said)
        ask(contact=contact, now=now, is_waiting=is_waiting, **said)
    return row


@transaction.atomic
def ask(
    *, contact: Contact, source: str, wording: str, now: datetime, wording_version: str = "", is_waiting: bool = True
) -> OptInRequest | None:
    """Send the question; None where the phone is blocked, or was asked today or too often. Raises NoSender."""
    with scope(workspace=contact.workspace):
        Contact.objects.select_for_update().get(pk=contact.pk)
        if blocks_of(contact.phone).exists():
            return None
        asked = OptInRequest.objects.filter(contact=contact, asked_at__gt=now - PERIOD)
        if asked.count() >= MOST or asked.filter(asked_at__gt=now - ONCE_IN).exists():
            return None
        token = secrets.token_urlsafe(9)
        request = OptInRequest.objects.create(
            workspace=contact.workspace,
            contact=contact,
            wording=wording,
            wording_version=wording_version,
            source=source,
            phone_index=contact.phone_index,
            token_hash=_hash(token),
            asked_at=now,
            expires_at=now + EXPIRES_IN,
        )
        _send(request, token, now, is_waiting)
    return request


def _send(request: OptInRequest, token: str, now: datetime, is_waiting: bool) -> None:
    workspace, sender = request.workspace, _sender()
    batch = standing_batch(
        sender=sender,
        text=text_for(sender),
        name=_("Double opt-in"),
        now=now,
        fields=(CONFIRM_URL,),
        is_immediate=is_waiting,
        asks_consent=True,
    )
    request.message = queue_message(
        batch=batch,
        contact=request.contact,
        values={CONFIRM_URL: f"{settings.BASE_URL}/stop/{workspace.slug}/yes/{token}/"},
        idempotency_key=f"opt-in:{request.pk}",
        due_at=workspace_now(workspace, now),
        now=now,
    )
    request.save(update_fields=["message"])


def text_for(sender: Sender) -> str:
    """In the language of the brand; an answer is asked for only where answers reach us."""
    workspace, number = sender.workspace, sender.account.stop_number
    hears = gateway_of(sender.account).capabilities.stop == StopHandling.OURS and number
    with translation.override(workspace.language):
        if hears:
            text = _("%(brand)s: to get our offers by SMS, reply YES to %(number)s or confirm here: {confirm_url}")
        else:
            text = _("%(brand)s: to get our offers by SMS, please confirm here: {confirm_url}")
    return text % {"brand": workspace.name.translate(BRACES), "number": number}


def _sender() -> Sender:
    """Of the current workspace; one that can be answered, if there is one."""
    senders = Sender.objects.filter(account__is_enabled=True).select_related("account", "workspace")
    sender = senders.order_by("account__stop_number", "pk").last()
    if sender is None:
        raise NoSender(_("Add a sender first: the question comes from it."))
    return sender


def request_of(*, workspace: Workspace, token: str, now: datetime) -> OptInRequest | None:
    """The question behind a link, while it can be answered."""
    with scope(workspace=workspace):
        asked = OptInRequest.objects.filter(token_hash=_hash(token)).select_related("contact", "workspace").first()
        return asked if asked and asked.confirmed_at is None and is_open(asked, now) else None


def pending_of(*, contact: Contact, at: datetime) -> OptInRequest | None:
    """The question that an answer of this moment answers."""
    with scope(workspace=contact.workspace):
        asked = OptInRequest.objects.filter(contact=contact, confirmed_at=None).order_by("-asked_at").first()
        return asked if asked and is_open(asked, at) else None


def is_open(request: OptInRequest, at: datetime) -> bool:
    """Not expired, the person has no other number by now, and nobody has said STOP since it was asked."""
    opposed = opt_outs_of(request.contact.phone).filter(scope=OptOutScope.MARKETING)
    was_stopped = any(opt_out.last_said_at >= request.asked_at for opt_out in opposed)
    is_same_phone = bytes(request.phone_index) == bytes(request.contact.phone_index)
    return request.asked_at - SKEW <= at <= request.expires_at and is_same_phone and not was_stopped


@transaction.atomic
def confirm_request(
    *, request: OptInRequest, source: str, said_at: datetime, now: datetime, evidence: Mapping[str, Any]
) -> Consent:
    """The person said yes on their own phone. Raises NotPending."""
    with scope(workspace=request.workspace):
        requests = OptInRequest.objects.select_related("contact", "workspace")
        locked = requests.select_for_update(of=("self",)).get(pk=request.pk)
        if locked.confirmed_at is not None or not is_open(locked, said_at):
            raise NotPending(_("This link has been used, is too old, or a STOP came after it."))
        locked.confirmed_at = now
        locked.save(update_fields=["confirmed_at"])
        return confirm_consent(
            workspace=locked.workspace,
            contact=locked.contact,
            source=source,
            wording=locked.wording,
            wording_version=locked.wording_version,
            occurred_at=min(now, max(said_at, locked.asked_at)),
            now=now,
            evidence={**evidence, "signed_up_at": locked.asked_at.isoformat(), "signed_up_by": locked.source},
        )


def _hash(token: str) -> bytes:
    return keyed_index(f"opt-in {token}")
