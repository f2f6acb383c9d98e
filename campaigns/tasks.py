"""What Celery wakes. The rows are the queue of record: a lost or doubled task is harmless.

Services import this module, so tasks import services where they run.
"""

from celery import shared_task
from django.db import transaction
from django.utils import timezone
from django_scopes import scopes_disabled

from campaigns.models import Campaign


@shared_task
def prepare(campaign_id: int) -> None:
    """Write a leaving campaign's messages."""
    from campaigns.services.sending import prepare_campaign  # services import us

    with scopes_disabled():
        campaign = Campaign.objects.select_related("workspace").get(pk=campaign_id)
    prepare_campaign(campaign=campaign, now=timezone.now())


@shared_task
def launch_due() -> None:
    """Send what is scheduled for now, follow what is leaving."""
    from campaigns.services.sending import launch_scheduled, sync_campaigns  # services import us

    launch_scheduled(now=timezone.now())
    sync_campaigns(now=timezone.now())


@shared_task
def resolve_decisions() -> None:
    """Automations whose delay is over."""
    from campaigns.services.decisions import resolve_due  # services import us

    resolve_due(now=timezone.now())


@shared_task
def remind() -> None:
    """Dates of contacts that come near."""
    from campaigns.services.reminders import remind  # services import us

    remind(now=timezone.now())


@shared_task
def forget_codes() -> None:
    """One-time codes that have expired."""
    from campaigns.services.calls import forget_expired_codes  # services import us

    forget_expired_codes(now=timezone.now())


def wake_preparation(campaign_id: int) -> None:
    """Once the transaction is over; without a broker the sweep finds it."""
    transaction.on_commit(lambda: prepare.apply_async((campaign_id,), retry=False), robust=True)


@shared_task
def credit_orders() -> None:
    """Orders whose click came late, or was no human's."""
    from campaigns.services.crediting import credit_late  # services import us

    credit_late(now=timezone.now())


def wake_crediting() -> None:
    """Once the transaction is over; without a broker the sweep finds what was noted."""
    transaction.on_commit(lambda: credit_orders.apply_async(retry=False), robust=True)
