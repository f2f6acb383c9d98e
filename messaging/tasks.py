"""Wakers. The database is the queue of record: a lost or doubled task is harmless."""

import logging

from celery import shared_task
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


@shared_task
def deliver(account_id: int) -> None:
    """Hand over what is due at this account, for as long as there is work."""


def wake(account_id: int) -> None:
    """Have a worker look at this account now; without a broker the sweeper finds it within seconds."""
    try:
        deliver.delay(account_id)
    except OperationalError:
        logger.warning("The broker is not reachable; account %s waits for the sweeper.", account_id)
