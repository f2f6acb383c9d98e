from django.utils.translation import gettext as _

from campaigns.models import Campaign


def copy_campaign(*, campaign: Campaign) -> Campaign:
    """A fresh draft with the same words, list, sender and page."""
    return Campaign.objects.create(
        workspace=campaign.workspace,
        name=(_("%(name)s (copy)") % {"name": campaign.name})[:120],
        purpose=campaign.purpose,
        purpose_reason=campaign.purpose_reason,
        contact_list=campaign.contact_list,
        sender=campaign.sender,
        text=campaign.text,
        page=campaign.page,
    )
