"""A campaign and what came of it: rows as the machinery would write them, few enough to count by hand."""

from datetime import datetime, timedelta

from django_scopes import scope

from accounts.models import Workspace
from audience.models import Consent, ConsentAct, Contact, Purpose
from audience.services.ledger import count_anew
from campaigns.models import Campaign
from integrations.models import GatewayAccount
from landing.models import Conversion
from messaging.models import Batch, BatchLink, BatchPurpose, Lane, Message
from shortlinks.models import Click, Verdict
from tests.factories import TUESDAY, make_link


def make_account(workspace: Workspace, **fields: object) -> GatewayAccount:
    with scope(workspace=workspace):
        known = {"gateway": "simulator", "name": "Simulator", "webhook_secret": "secret"} | fields
        return GatewayAccount.objects.create(workspace=workspace, **known)


def make_campaign(workspace: Workspace, name: str = "Winter sale", *, link: bool = True, **fields: object) -> Campaign:
    """A campaign that was sent on TUESDAY, with an empty batch and a link."""
    with scope(workspace=workspace):
        account = GatewayAccount.objects.first() or make_account(workspace)
        batch = Batch.objects.create(
            workspace=workspace,
            name=name,
            purpose=fields.get("purpose", BatchPurpose.MARKETING),
            lane=Lane.MARKETING,
            account=account,
            sender_name="LAMBERT",
            text="Sale: {link}",
            state=Batch.State.RUNNING,
        )
        short_link = make_link(workspace, label=name) if link else None
        if short_link:
            BatchLink.objects.create(workspace=workspace, batch=batch, link=short_link)
        known = {"state": Campaign.State.SENT, "sent_at": TUESDAY} | fields
        return Campaign.objects.create(workspace=workspace, name=name, batch=batch, link=short_link, **known)


def make_message(
    campaign: Campaign,
    position: int = 0,
    *,
    state: str = Message.State.DELIVERED,
    contact: Contact | None = None,
    submitted_at: datetime | None = TUESDAY,
    **fields: object,
) -> Message:
    """A recipient of the campaign: delivered five seconds after it was handed over, unless told otherwise."""
    was_sent = state not in {"queued", "claimed", "suppressed", "cancelled"}
    was_accepted = was_sent and state not in {"rejected", "unknown", "submitting"}
    known = {
        "submitted_at": submitted_at if was_sent else None,
        "accepted_at": submitted_at if was_accepted else None,
        "finished_at": submitted_at + timedelta(seconds=5) if submitted_at and state == "delivered" else None,
        "due_at": TUESDAY,
    } | fields
    with scope(workspace=campaign.workspace):
        return Message.objects.create(
            workspace=campaign.workspace,
            batch=campaign.batch,
            account=campaign.batch.account,
            lane=campaign.batch.lane,
            contact=contact,
            position=position,
            state=state,
            **known,
        )


def make_click(campaign: Campaign, position: int | None = 0, *, seconds: int = 60, **fields: object) -> Click:
    """A hit on the campaign's link, human unless told otherwise, so many seconds after TUESDAY."""
    known = {"verdict": Verdict.HUMAN, "reason": "browser", "device": "iphone", "method": "GET"} | fields
    with scope(workspace=campaign.workspace):
        return Click.objects.create(
            workspace=campaign.workspace,
            link=campaign.link,
            position=position,
            clicked_at=TUESDAY + timedelta(seconds=seconds),
            segment=f"test-{campaign.pk}",
            offset=Click.objects.count(),
            **known,
        )


def make_conversion(campaign: Campaign, position: int = 0, **fields: object) -> Conversion:
    known = {"goal": Conversion.Goal.FORM, "dedup_key": f"{campaign.pk}/{position}"} | fields
    with scope(workspace=campaign.workspace):
        return Conversion.objects.create(
            workspace=campaign.workspace,
            link=campaign.link,
            position=position,
            occurred_at=TUESDAY + timedelta(minutes=5),
            **known,
        )


def make_withdrawal(contact: Contact, occurred_at: datetime) -> Consent:
    """The ledger row that any opt-out writes."""
    with scope(workspace=contact.workspace):
        withdrawal = Consent.objects.create(
            workspace=contact.workspace,
            contact=contact,
            number_hash=contact.phone_index,
            purpose=Purpose.MARKETING,
            act=ConsentAct.WITHDRAWN,
            source="STOP",
            occurred_at=occurred_at,
            recorded_at=occurred_at,
        )
        count_anew([contact.pk])
    return withdrawal
