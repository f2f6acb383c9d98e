"""What Celery wakes. The database is the queue of record: a lost or doubled task is harmless.

Services import this module, so tasks import services where they run.
"""

from celery import shared_task
from django.db import transaction
from django.utils import timezone
from django_scopes import scope

from accounts.models import Workspace


@shared_task
def deliver(account_id: int) -> None:
    """Hand over what is due at this account, for as long as there is work."""
    from messaging.deliver import run  # services wake tasks

    if run(account_id):
        deliver.delay(account_id)


@shared_task
def sweep() -> None:
    from messaging.services import recovery  # services wake tasks

    for account_id in recovery.sweep(now=timezone.now()):
        deliver.delay(account_id)


@shared_task
def reconcile() -> None:
    from messaging.services.reconciliation import reconcile_due  # services wake tasks

    reconcile_due(now=timezone.now())


@shared_task
def find_dead_numbers() -> None:
    from messaging.services.dead_numbers import block_dead_numbers  # services wake tasks

    for workspace in Workspace.objects.order_by("pk"):
        with scope(workspace=workspace):
            block_dead_numbers(workspace=workspace, now=timezone.now())


def wake(account_id: int) -> None:
    """Have a worker look at this account once the transaction is over; without a broker the sweeper finds it."""
    transaction.on_commit(lambda: deliver.apply_async((account_id,), retry=False), robust=True)
