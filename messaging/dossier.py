"""What messaging knows of a contact: what was written to them, what they clicked and answered, their codes."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from audience.models import Contact, Purpose
from audience.registry import (
    Entry,
    follows,
    no_trace,
    register_erasure,
    register_export,
    register_merge,
    register_timeline,
)
from audience.services.merging import refusals_of
from messaging.gate import Reason
from messaging.models import Attempt, BatchLink, InboundMessage, Message, OptInRequest, PromoCode
from messaging.queries import clicks_of, inbound_of
from messaging.services.codes import without_code
from messaging.services.tracking import stop_following
from shortlinks.models import LinkTarget
from shortlinks.queries import UnknownPosition, numbers_at

LATEST = 100


def register() -> None:
    register_timeline("messages", message_timeline)
    register_timeline("clicks", click_timeline)
    register_timeline("replies", reply_timeline)
    register_export("messages", export_messages)
    register_export("clicks", export_clicks)
    register_export("replies", export_replies)
    register_export("promo_codes", export_codes)
    register_export("confirmations", export_requests)
    register_erasure(Message, erase_texts)
    register_erasure(InboundMessage, erase_replies)
    no_trace(PromoCode)
    register_merge(Message, merge_messages)
    follows(InboundMessage)
    register_erasure(OptInRequest, erase_requests)
    register_merge(OptInRequest, drop_requests)
    register_merge(PromoCode, merge_codes)


def message_timeline(contact: Contact) -> Iterator[Entry]:
    for message in contact.messages.select_related("batch").order_by("-created_at")[:LATEST]:
        at = message.submitted_at or message.finished_at or message.created_at
        yield Entry(at, "ch-send", _("Message “%(name)s”") % {"name": message.batch.name}, message.get_state_display())


def click_timeline(contact: Contact) -> Iterator[Entry]:
    for click in clicks_of(contact)[:LATEST]:
        yield Entry(click.clicked_at, "link", _("Opened “%(link)s”") % {"link": click.link}, click.get_device_display())


def reply_timeline(contact: Contact) -> Iterator[Entry]:
    for reply in contact.inbound.order_by("-received_at")[:LATEST]:
        yield Entry(reply.received_at, "ch-inbox", reply.get_kind_display(), reply.text)


def export_messages(contact: Contact) -> list[dict[str, Any]]:
    messages = contact.messages.select_related("batch").prefetch_related("attempts").order_by("created_at")
    return [
        {
            "name": message.batch.name,
            "purpose": message.batch.purpose,
            "sender": message.batch.sender_name,
            "state": message.state,
            "values": without_code(message.merge_values) if message.batch.lifetime_minutes else message.merge_values,
            "texts": [attempt.body for attempt in message.attempts.all()],
            "created": message.created_at,
            "handed_over": message.submitted_at,
            "finished": message.finished_at,
        }
        for message in messages
    ]


def export_clicks(contact: Contact) -> list[dict[str, Any]]:
    return [
        {
            "link": click.link.label,
            "address": click.link.target_url,
            "at": click.clicked_at,
            "device": click.device,
            "browser": click.user_agent,
            "verdict": click.verdict,
        }
        for click in clicks_of(contact, humans_only=False)
    ]


def export_replies(contact: Contact) -> list[dict[str, Any]]:
    replies = inbound_of(contact).order_by("received_at", "pk")
    return [{"received": reply.received_at, "kind": reply.kind, "text": reply.text} for reply in replies]


def export_codes(contact: Contact) -> list[dict[str, Any]]:
    codes = contact.promo_codes.select_related("pool").order_by("pk")
    return [{"offer": code.pool.name, "code": code.code, "given": code.assigned_at} for code in codes]


def export_requests(contact: Contact) -> list[dict[str, Any]]:
    """Whether it was them who signed up: what their phone was asked, and when it said yes."""
    asked = contact.opt_in_requests.order_by("asked_at", "pk")
    return [
        {
            "source": each.source,
            "wording": each.wording,
            "asked": each.asked_at,
            "until": each.expires_at,
            "confirmed": each.confirmed_at,
        }
        for each in asked
    ]


def erase_texts(*, contact: Contact, now: datetime) -> None:
    """States, times and places stay: they are what reports count. What still waits is stopped by the gate."""
    Attempt.objects.filter(message__contact=contact).update(body="", detail="", phone_index=None)
    _erase_targets(contact)
    contact.messages.update(merge_values={})


def _erase_targets(contact: Contact) -> None:
    """A link of their own (a parcel, a cart) leads to the link's fallback again."""
    messages = contact.messages.filter(batch__links__link__is_per_number=True)
    rows = BatchLink.objects.filter(batch__in=messages.values("batch"), link__is_per_number=True)
    for row in rows.select_related("link__workspace"):
        for position in messages.filter(batch=row.batch_id).values_list("position", flat=True).distinct():
            with suppress(UnknownPosition):  # a code that died took its number along
                number = numbers_at(link=row.link, positions=[position])[position]
                LinkTarget.objects.filter(link=row.link, number=number).delete()


def erase_replies(*, contact: Contact, now: datetime) -> None:
    """The row stays, so that a provider that tells us again brings nothing back."""
    gone: dict[str, Any] = {"phone": "", "phone_index": None, "text": "", "holds_marketing": False, "read_at": now}
    inbound_of(contact).update(**gone)


def merge_messages(*, kept: Contact, gone: Contact) -> None:
    """A person gets a batch once: what waits for the number that goes is cancelled where the other has its own."""
    waiting = Message.objects.filter(contact=gone, state=Message.State.QUEUED)
    waiting.filter(batch__in=kept.messages.values("batch"), batch__is_standing=False).update(
        state=Message.State.CANCELLED, reason=Reason.CANCELLED, finished_at=timezone.now()
    )
    refuses_to_be_followed = Purpose.TRACKING in refusals_of(kept) | refusals_of(gone)
    Message.objects.filter(contact=gone).update(contact=kept)
    if refuses_to_be_followed:
        stop_following(workspace=kept.workspace, contact=kept)


def merge_codes(*, kept: Contact, gone: Contact) -> None:
    """One code for each offer: where both have one, the other stays given away."""
    here = PromoCode.objects.filter(contact=kept).values("pool")
    PromoCode.objects.filter(contact=gone).exclude(pool__in=here).update(contact=kept)


def erase_requests(*, contact: Contact, now: datetime) -> None:
    OptInRequest.objects.filter(contact=contact).delete()


def drop_requests(*, kept: Contact, gone: Contact) -> None:
    """A question to one phone is not answered by another."""
    OptInRequest.objects.filter(contact=gone).delete()
