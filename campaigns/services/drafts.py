from collections.abc import Collection

from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.models import Campaign
from campaigns.services.sending import locked_campaign

State = Campaign.State


def copy_campaign(*, campaign: Campaign) -> Campaign:
    """A fresh draft with the same words, audience, sender and page."""
    return Campaign.objects.create(
        workspace=campaign.workspace,
        name=(_("%(name)s (copy)") % {"name": campaign.name})[:120],
        purpose=campaign.purpose,
        purpose_reason=campaign.purpose_reason,
        topic=campaign.topic,
        contact_list=campaign.contact_list,
        segment=campaign.segment,
        sender=campaign.sender,
        text=campaign.text,
        page=campaign.page,
        target_url=campaign.target_url,
        promo_pool=campaign.promo_pool,
        budget=campaign.budget,
        per_hour=campaign.per_hour,
        pilot_percent=campaign.pilot_percent,
    )


@transaction.atomic
def save_draft(*, campaign: Campaign, fields: Collection[str]) -> Campaign:
    """Write what was typed, and nothing else: it may have left while it was typed. Raises WrongState."""
    locked_campaign(campaign, State.DRAFT)
    campaign.save(update_fields=fields)
    return campaign


@transaction.atomic
def delete_campaign(*, campaign: Campaign) -> None:
    """Only what has not left: the messages of the others would go on leaving, and nobody could stop them.

    Raises WrongState.
    """
    locked_campaign(campaign, State.DRAFT, State.SCHEDULED).delete()
