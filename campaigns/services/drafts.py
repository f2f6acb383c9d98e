from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
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


class Overtaken(Exception):
    """Somebody wrote the draft since it was opened; the words say who and when, `version` is theirs."""

    def __init__(self, newest: Campaign) -> None:
        time = date_format(timezone.localtime(newest.saved_at), "H:i") if newest.saved_at else ""
        text = _("%(who)s changed this draft elsewhere at %(time)s: nothing was overwritten.")
        super().__init__(text % {"who": newest.saved_by, "time": time})
        self.version = newest.version


@transaction.atomic
def save_draft(
    *, campaign: Campaign, fields: Collection[str], by: User | None, now: datetime, version: int | None = None
) -> Campaign:
    """Write what was typed, and nothing else: it may have left while it was typed, or been written from another window.

    `version` is the one that was opened; without it nothing is compared. Raises WrongState, Overtaken.
    """
    newest = locked_campaign(campaign, State.DRAFT)
    if version is not None and version != newest.version:
        raise Overtaken(newest)
    campaign.version, campaign.saved_at, campaign.saved_by = newest.version + 1, now, str(by or "")[:150]
    campaign.save(update_fields=[*fields, "version", "saved_at", "saved_by"])
    return campaign


@transaction.atomic
def delete_campaign(*, campaign: Campaign) -> None:
    """Only what has not left: the messages of the others would go on leaving, and nobody could stop them.

    Raises WrongState.
    """
    locked_campaign(campaign, State.DRAFT, State.SCHEDULED).delete()
