"""Who gets a campaign: the people of a list, or whoever matches a segment when it leaves."""

from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.days import in_words
from audience.models import Contact
from audience.queries import segment_contacts
from campaigns.models import Campaign


def audience_of(campaign: Campaign, now: datetime) -> QuerySet[Contact]:
    """Everybody the campaign is for; nobody as long as nothing was chosen. Raises BadRules.

    `now` is on the workspace's clock. Of a segment, whoever came to be a contact after the campaign had left is not
    written to any more: a batch does not grow.
    """
    if campaign.segment is not None:
        contacts = segment_contacts(campaign.segment, now)
        return contacts if campaign.sent_at is None else contacts.filter(created_at__lte=campaign.sent_at)
    return campaign.contact_list.contacts.all() if campaign.contact_list is not None else Contact.objects.none()


def words_of_audience(campaign: Campaign) -> str:
    """Whether it moves until the campaign leaves: said before it leaves, so that nobody is surprised."""
    if campaign.segment is not None:
        return _("Everyone who matches when it leaves.")
    if campaign.contact_list is not None and campaign.contact_list.frozen_at:
        moment = in_words(timezone.localtime(campaign.contact_list.frozen_at), "j F, H:i")
        return _("As of %(moment)s: whoever came to match later is not in it.") % {"moment": moment}
    return _("Everyone in the list when it leaves.") if campaign.contact_list is not None else ""
