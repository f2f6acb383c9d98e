"""What holds a campaign that is paused by itself, in words."""

from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign
from messaging.reasons import Reason
from reports.figures import Words

HELD: dict[str, Words] = {
    Reason.BUDGET: _("its budget is used up"),
    Reason.MONTH_BUDGET: _("the budget of the month is used up: an owner raises it, then resume"),
}


def why_held(campaign: Campaign) -> str:
    """Empty where somebody paused it."""
    if campaign.is_half_written:
        return campaign.held_because
    batch = campaign.batch
    return str(HELD.get(batch.paused_because, "")) if batch and campaign.state == Campaign.State.PAUSED else ""
