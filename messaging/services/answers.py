"""What answers somebody who has just written to us: a confirmation of STOP, the details for CONTACT.

Answers leave through the same door as everything else, in standing batches that never wait for a legal hour.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import Workspace
from audience.models import Contact
from messaging.clock import workspace_now
from messaging.models import Batch, BatchPurpose, InboundMessage, Message, Sender
from messaging.services.batches import create_batch, start_batch
from messaging.services.recipients import queue_message

ONCE_IN = timedelta(hours=24)
BRACES = str.maketrans("{}", "()")
Kind = InboundMessage.Kind


@transaction.atomic
def answer(*, inbound: InboundMessage, now: datetime, kind: str = "") -> Message | None:
    """The answer to a STOP or a CONTACT (or to what somebody reads as one: `kind`); None where we don't know them,
    have no sender, or answered today.
    """
    kind = kind or inbound.kind
    contact, sender = inbound.contact, sender_for(inbound)
    if contact is None or sender is None:
        return None
    Contact.objects.select_for_update().get(pk=contact.pk)
    clock = workspace_now(inbound.workspace, now)
    prefix = f"answer:{kind}:{contact.pk}:"
    recent = Message.objects.filter(idempotency_key__startswith=prefix, due_at__gt=clock - ONCE_IN)
    if recent.exclude(idempotency_key=f"{prefix}{inbound.pk}").exists():
        return None
    return queue_message(
        batch=standing_batch(sender=sender, text=text_of(inbound.workspace, kind), name=str(Kind(kind).label), now=now),
        contact=contact,
        values={},
        idempotency_key=f"{prefix}{inbound.pk}",
        due_at=clock,
        now=now,
    )


def text_of(workspace: Workspace, kind: str) -> str:
    """In the language of the brand."""
    brand = workspace.legal_name or workspace.name
    with translation.override(workspace.language):
        if kind == Kind.STOP:
            text = _("%(brand)s: noted, you will get no more advertising from us by SMS.") % {"brand": brand}
        else:
            text = f"{brand}. {workspace.contact_details}".strip(" .") if workspace.contact_details else brand
    return text.translate(BRACES)


def sender_for(inbound: InboundMessage) -> Sender | None:
    """Who wrote to them last, else any sender of the account."""
    senders = Sender.objects.filter(account=inbound.account).order_by("pk")
    last = Message.objects.filter(contact=inbound.contact, account=inbound.account, submitted_at__isnull=False)
    name = last.order_by("-submitted_at").values_list("batch__sender_name", flat=True).first()
    return senders.filter(name=name).first() or senders.first()


def standing_batch(
    *,
    sender: Sender,
    text: str,
    name: str,
    now: datetime,
    fields: tuple[str, ...] = (),
    is_immediate: bool = True,
    asks_consent: bool = False,
) -> Batch:
    """The running service batch for this text, which never waits unless told to; a new text gets a new one."""
    kind = {"is_standing": True, "is_immediate": is_immediate, "asks_consent": asks_consent}
    standing = Batch.objects.filter(**kind, purpose=BatchPurpose.SERVICE, state=Batch.State.RUNNING)
    if known := standing.filter(account=sender.account, sender_name=sender.name, text=text).first():
        return known
    batch = create_batch(
        workspace=sender.workspace,
        name=name,
        purpose=BatchPurpose.SERVICE,
        text=text,
        sender=sender,
        links={},
        now=now,
        extra_fields=fields,
        is_standing=True,
        is_immediate=is_immediate,
        asks_consent=asks_consent,
    )
    return start_batch(batch=batch, by=None, now=now)
