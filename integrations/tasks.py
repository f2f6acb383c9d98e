"""What Celery wakes. Services import this module, so tasks import services where they run."""

from celery import shared_task
from django.utils import timezone


@shared_task
def work_inbox(delivery_id: int) -> None:
    from integrations.services import inbox  # services wake tasks

    inbox.work(delivery_id=delivery_id, now=timezone.now())


@shared_task
def work_off_inbox() -> None:
    from integrations.services import inbox  # services wake tasks

    inbox.work_off(clock=timezone.now)


@shared_task
def sweep_inbox() -> None:
    from integrations.services import inbox  # services wake tasks

    inbox.sweep(now=timezone.now())


@shared_task
def fetch_shopify_orders() -> None:
    from integrations.services import shopify  # services wake tasks

    shopify.for_each_shop(shopify.fetch_orders, now=timezone.now())


@shared_task
def subscribe_to_shopify() -> None:
    from integrations.services import shopify  # services wake tasks

    shopify.for_each_shop(shopify.subscribe, now=timezone.now())


@shared_task
def push_refusals_to_shopify() -> None:
    from integrations.services import shopify  # services wake tasks

    shopify.for_each_shop(shopify.push_refusals, now=timezone.now())


@shared_task
def notice_left_carts() -> None:
    from integrations.services import carts  # services wake tasks

    carts.notice_left(now=timezone.now())


@shared_task
def purge_carts() -> None:
    from integrations.services import carts  # services wake tasks

    carts.purge_carts(now=timezone.now())


@shared_task
def purge_inbox() -> None:
    from integrations.services import inbox  # services wake tasks

    inbox.purge(now=timezone.now())


@shared_task
def purge_simulated_operator() -> None:
    from integrations.simulator import operator  # stands above tasks, as services do

    operator.purge()


@shared_task
def run_simulated_operator() -> None:
    from integrations.simulator import news  # stands above tasks, as services do

    news.tell()


@shared_task
def collect_oppositions() -> None:
    from integrations.services import oppositions  # services wake tasks

    oppositions.collect_oppositions(now=timezone.now())


@shared_task
def wake_shops() -> None:
    from integrations.services import pulling  # services wake tasks

    pulling.wake_shops(now=timezone.now())


@shared_task
def ask_balances() -> None:
    from integrations.services import accounts  # services wake tasks

    accounts.ask_balances(now=timezone.now())


@shared_task
def continue_backfills() -> None:
    from integrations.services import backfill  # services wake tasks

    backfill.continue_backfills(clock=timezone.now)
