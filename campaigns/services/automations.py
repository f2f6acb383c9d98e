"""Writes of automations: what marketers set up and switch."""

from datetime import datetime

from django.db import transaction

from campaigns import decided
from campaigns.models import Automation
from campaigns.readiness import problems_of
from campaigns.services.decisions import take_back
from campaigns.services.sending import NotReady


@transaction.atomic
def save_automation(*, automation: Automation) -> Automation:
    """Write it as it stands; what is queued keeps its text, what comes gets the new one."""
    automation.batch = None
    automation.save()
    return automation


@transaction.atomic
def switch_automation(*, automation: Automation, to_on: bool, now: datetime) -> Automation:
    """On, or off: then nothing that still waits is sent. Raises NotReady."""
    if to_on and (problems := problems_of(automation)):
        raise NotReady(problems)
    Automation.objects.filter(pk=automation.pk).update(is_enabled=to_on)
    automation.is_enabled = to_on
    if not to_on:
        take_back(automation.decisions.all(), decided.OFF, now)
    return automation
