"""What a campaign may cost, while it is leaving."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from campaigns.models import Campaign
from campaigns.services.sending import locked_campaign, resume_campaign
from messaging.models import Batch
from messaging.reasons import Reason
from messaging.services.spending import set_batch_budget
from messaging.spending import micros_of

State = Campaign.State


class TooLow(Exception):
    """The campaign has cost more than that already."""


@transaction.atomic
def raise_budget(*, campaign: Campaign, budget: int, by: User | None, now: datetime) -> Campaign:
    """What it may cost in all, in the smallest unit of the workspace's currency; it goes on if that had held it.

    Raises TooLow, WrongState, NoStopRoute.
    """
    campaign = locked_campaign(campaign, State.SENDING, State.PAUSED)
    assert campaign.batch is not None  # it is leaving
    micros = micros_of(budget, campaign.workspace.currency)
    if micros <= campaign.batch.spent_micros:
        raise TooLow(_("It has cost more than that already: give a higher amount."))
    campaign.budget = budget
    campaign.save(update_fields=["budget"])
    batch = set_batch_budget(batch=campaign.batch, budget_micros=micros)
    if batch.state == Batch.State.PAUSED and batch.paused_because == Reason.BUDGET:
        return resume_campaign(campaign=campaign, by=by, now=now)
    return campaign
