"""What Celery wakes. The database is the queue of record: a lost or doubled task is harmless.

Services import this module, so tasks import services where they run.
"""

from celery import shared_task
from django.db import transaction


@shared_task
def deliver(account_id: int) -> None:
    """Hand over what is due at this account, for as long as there is work."""


def wake(account_id: int) -> None:
    """Have a worker look at this account once the transaction is over; without a broker the sweeper finds it."""
    transaction.on_commit(lambda: deliver.apply_async((account_id,), retry=False), robust=True)
