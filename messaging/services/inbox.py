"""Replies are read, taken over and done with by people."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django_scopes import scope

from accounts.models import Membership, User
from messaging.models import InboundMessage, Message
from messaging.services.answers import answer


class NotAMember(Exception):
    """A reply is given to somebody who works in this workspace."""


class NoAnswer(Exception):
    """Nothing can be sent: a stranger, no sender, or answered today."""


def mark(*, inbound: InboundMessage, is_read: bool, now: datetime) -> None:
    """Read, or unread again."""
    _update(inbound, read_at=now if is_read else None)


def finish(*, inbound: InboundMessage, is_done: bool, now: datetime) -> None:
    """Done with, or open again; what is held waits for a decision all the same."""
    if is_done:
        _update(inbound, done_at=now, read_at=inbound.read_at or now)
    else:
        _update(inbound, done_at=None)


@transaction.atomic
def assign(*, inbound: InboundMessage, to: User | None) -> None:
    """Somebody takes care of it, or nobody in particular. Raises NotAMember."""
    with scope(workspace=inbound.workspace):
        if to and not Membership.objects.filter(user=to).exists():
            raise NotAMember
    _update(inbound, assigned_to=to)


def send_details(*, inbound: InboundMessage, now: datetime) -> Message:
    """The advertiser's name and contact details, as after CONTACT: the one answer that is no advertising.

    Raises NoAnswer, BadSender, BadText.
    """
    with scope(workspace=inbound.workspace):
        message = answer(inbound=inbound, now=now, kind=InboundMessage.Kind.CONTACT)
        if message is None:
            raise NoAnswer(_("Nothing was sent: no sender, or they had an answer within the last 24 hours."))
        _update(inbound, read_at=inbound.read_at or now)
    return message


def _update(inbound: InboundMessage, **fields: object) -> None:
    with scope(workspace=inbound.workspace):
        InboundMessage.objects.filter(pk=inbound.pk).update(**fields)
        inbound.refresh_from_db()
