"""Writes of automations: what marketers set up and switch."""

from django.db import transaction

from campaigns.models import Automation
from campaigns.readiness import problems_of
from campaigns.services.sending import NotReady


@transaction.atomic
def save_automation(*, automation: Automation) -> Automation:
    """Write it as it stands; what is queued keeps its text, what comes gets the new one."""
    automation.batch = None
    automation.save()
    return automation


def switch_automation(*, automation: Automation, to_on: bool) -> Automation:
    """On or off. Raises NotReady."""
    if to_on and (problems := problems_of(automation)):
        raise NotReady(problems)
    Automation.objects.filter(pk=automation.pk).update(is_enabled=to_on)
    automation.is_enabled = to_on
    return automation
