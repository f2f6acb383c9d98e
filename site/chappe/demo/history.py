"""A plausible past for the demo's finished campaign: who got it, who opened it, who said STOP."""

import random
from datetime import datetime, timedelta

from audience.models import OptOutScope
from audience.queries import reachable_contacts
from audience.services import record_opt_out
from campaigns.models import Campaign
from landing.queries import public_url
from messaging.models import Batch, BatchPurpose, InboundMessage, Message
from messaging.services.batches import add_recipients, create_batch
from messaging.services.spending import charge
from shortlinks.models import Click, Verdict
from shortlinks.services import create_tracked_link

State = Message.State
# Of what was accepted: not delivered, expired, delivered.
FATES = (0.02, 0.01, 0.97)
# Shares of what was delivered.
OPENED, PREVIEWED, UNSURE, SAID_STOP = 0.26, 0.34, 0.03, 0.012
REPLIES = (
    ("Bonjour, la robe verte existe-t-elle en 38 ?", 52),
    ("Merci ! Vous êtes ouverts dimanche après-midi ?", 95),
)
DEVICES = ["iphone"] * 6 + ["android"] * 5 + ["computer"]


def finish_campaign(*, campaign: Campaign, started_at: datetime) -> Campaign:
    """Send the campaign in the past, on paper: no gateway is asked."""
    draw = random.Random(1844)  # noqa: S311 (fiction, not security)
    assert campaign.page and campaign.sender and campaign.contact_list
    campaign.link = create_tracked_link(
        workspace=campaign.workspace,
        label=campaign.name,
        target_url=public_url(campaign.page),
        carries_visit=True,
    )
    campaign.batch = create_batch(
        workspace=campaign.workspace,
        name=campaign.name,
        purpose=BatchPurpose.MARKETING,
        text=campaign.text,
        sender=campaign.sender,
        links={"link": campaign.link},
        now=started_at,
        promo_pool=campaign.promo_pool,
    )
    contacts = reachable_contacts(campaign.contact_list.contacts.all())
    add_recipients(batch=campaign.batch, contacts=contacts, due_at=started_at, now=started_at)
    messages = list(
        Message.objects.filter(batch=campaign.batch).select_related("contact", "account").order_by("position")
    )
    deliver_on_paper(messages, started_at, draw)
    delivered = [message for message in messages if message.state == State.DELIVERED]
    open_on_paper(campaign, delivered, draw)
    oppose_on_paper(campaign, delivered, draw)
    reply_on_paper(delivered)
    charge(messages, started_at)
    Batch.objects.filter(pk=campaign.batch.pk).update(state=Batch.State.DONE, created_at=started_at)
    campaign.state, campaign.sent_at = Campaign.State.SENT, started_at
    campaign.save()
    Campaign.objects.filter(pk=campaign.pk).update(created_at=started_at - timedelta(days=1))
    return campaign


def deliver_on_paper(messages: list[Message], started_at: datetime, draw: random.Random) -> None:
    for order, message in enumerate(messages):
        message.state = draw.choices([State.UNDELIVERED, State.EXPIRED, State.DELIVERED], FATES)[0]
        message.cost_micros = message.parts * message.account.part_price_micros
        message.submitted_at = started_at + timedelta(milliseconds=40 * order)
        message.accepted_at = message.submitted_at + timedelta(milliseconds=180)
        message.finished_at = message.accepted_at + timedelta(seconds=draw.choice([3, 4, 4, 5, 6, 8, 14, 45]))
    Message.objects.bulk_update(messages, ["state", "cost_micros", "submitted_at", "accepted_at", "finished_at"])


def open_on_paper(campaign: Campaign, delivered: list[Message], draw: random.Random) -> None:
    """Previewers come within seconds; people come over two days, most in the first hour."""
    clicks: list[Click] = []
    for message in delivered:
        assert message.finished_at
        if draw.random() < PREVIEWED:
            seen_at = message.finished_at + timedelta(seconds=draw.uniform(0.5, 4))
            clicks.append(click(campaign, message, seen_at, Verdict.BOT, "preview:whatsapp", ""))
        if draw.random() < OPENED:
            seen_at = message.finished_at + timedelta(minutes=draw.expovariate(1 / 38) + 0.4)
            device = draw.choice(DEVICES)
            for visit in range(draw.choice([1, 1, 1, 2, 3])):
                again_at = seen_at + timedelta(minutes=visit * draw.uniform(3, 200))
                clicks.append(click(campaign, message, again_at, Verdict.HUMAN, "browser", device))
        elif draw.random() < UNSURE:
            seen_at = message.finished_at + timedelta(minutes=draw.uniform(1, 600))
            clicks.append(click(campaign, message, seen_at, Verdict.UNSURE, "no-language", ""))
    for offset, row in enumerate(clicks):
        row.offset = offset
    Click.objects.bulk_create(clicks)


def click(campaign: Campaign, message: Message, at: datetime, verdict: str, reason: str, device: str) -> Click:
    assert campaign.link
    return Click(
        workspace=campaign.workspace,
        link=campaign.link,
        position=message.position,
        clicked_at=at,
        method="GET",
        verdict=verdict,
        reason=reason,
        device=device,
        segment=f"demo-{campaign.pk}",
    )


def oppose_on_paper(campaign: Campaign, delivered: list[Message], draw: random.Random) -> None:
    for message in draw.sample(delivered, max(1, round(len(delivered) * SAID_STOP))):
        assert message.contact and message.finished_at
        said_at = message.finished_at + timedelta(minutes=draw.uniform(1, 50))
        write_back(message, "STOP", InboundMessage.Kind.STOP, said_at)
        record_opt_out(
            workspace=campaign.workspace,
            phone=message.contact.phone,
            scope=OptOutScope.MARKETING,
            source="SMS : STOP",
            now=said_at,
        )


def reply_on_paper(delivered: list[Message]) -> None:
    """Somebody should read these: the inbox has something to do."""
    opposed = set(InboundMessage.objects.filter(kind=InboundMessage.Kind.STOP).values_list("contact_id", flat=True))
    willing = [message for message in delivered if message.contact_id not in opposed]
    for message, (text, minutes) in zip(willing[3::40], REPLIES, strict=False):
        assert message.finished_at
        write_back(message, text, InboundMessage.Kind.REPLY, message.finished_at + timedelta(minutes=minutes))


def write_back(message: Message, text: str, kind: str, at: datetime) -> InboundMessage:
    assert message.contact
    return InboundMessage.objects.create(
        workspace=message.workspace,
        account=message.batch.account,
        provider_id=f"demo-{message.pk}",
        contact=message.contact,
        phone=message.contact.phone,
        phone_index=message.contact.phone_index,
        text=text,
        kind=kind,
        received_at=at,
    )
