"""Writes of automations: what marketers set up and switch."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from campaigns import decided
from campaigns.models import Automation, AutomationVersion
from campaigns.readiness import problems_of
from campaigns.services.decisions import take_back
from campaigns.services.sending import NotReady
from campaigns.services.versions import keep_first, keep_version, put_back


@transaction.atomic
def save_automation(*, automation: Automation, by: User | None, now: datetime) -> Automation:
    """Write it as it stands; what is queued keeps its text, what comes gets the new one."""
    Automation.objects.select_for_update().filter(pk=automation.pk).first()
    keep_first(automation=automation, now=now)
    automation.batch, automation.swept_value, automation.swept_id = None, "", 0
    automation.save()
    keep_version(automation=automation, by=by, now=now)
    return automation


@transaction.atomic
def restore_version(*, version: AutomationVersion, by: User | None, now: datetime) -> list[str]:
    """Set it up as it was, as a new version; the switch stays. Columns whose row is gone. Raises NotReady."""
    automation = Automation.objects.select_for_update().get(pk=version.automation_id)
    gone = put_back(automation, version.content)
    if automation.is_enabled and (problems := problems_of(automation)):
        raise NotReady(problems)
    save_automation(automation=automation, by=by, now=now)
    return gone


@transaction.atomic
def switch_automation(*, automation: Automation, to_on: bool, by: User | None, now: datetime) -> Automation:
    """On, or off: then nothing that still waits is sent. Raises NotReady."""
    if to_on and (problems := problems_of(automation)):
        raise NotReady(problems)
    Automation.objects.select_for_update().filter(pk=automation.pk).first()
    keep_first(automation=automation, now=now)
    Automation.objects.filter(pk=automation.pk).update(is_enabled=to_on, swept_value="", swept_id=0)
    automation.is_enabled = to_on
    keep_version(automation=automation, by=by, now=now)
    if not to_on:
        take_back(automation.decisions.all(), decided.OFF, now)
    return automation
