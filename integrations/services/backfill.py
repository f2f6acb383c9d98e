"""Bringing in what a shop has of the past, page by page: contacts and figures, never a message.

Each page goes through the inbox like any call, marked as backfill. The cursor is kept once a page is in the inbox:
after a kill the page is asked for again, and the inbox knows it. While the inbox has much to do, nothing more is asked
for.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Count, F, QuerySet
from django_scopes import scope, scopes_disabled

from integrations.models import Backfill, InboundDelivery, Order, ShopConnection, ShopCustomer
from integrations.services import past_of_prestashop, past_of_shopify
from integrations.services.past_pages import CannotAsk, Page

logger = logging.getLogger(__name__)

Stage, State = Backfill.Stage, Backfill.State
# Who can be asked, and how.
PLATFORMS: dict[str, Callable[[Backfill, ShopConnection, datetime], Page]] = {
    "shopify": past_of_shopify.next_page,
    "prestashop": past_of_prestashop.next_page,
}
NEXT = {Stage.CUSTOMERS: Stage.ORDERS, Stage.ORDERS: Stage.READING}
# Calls of the shop that wait to be worked on.
MOST_WAITING = 20
# A worker that dies is replaced after the lease; a page takes less, even where the shop has us wait.
LEASE, AT_A_TIME = timedelta(minutes=5), timedelta(seconds=20)
PAUSE, PAUSE_AFTER_TROUBLE = timedelta(seconds=5), timedelta(minutes=1)


class AlreadyRunning(Exception):
    """This shop's past is being brought in."""


def can_ask(shop: ShopConnection) -> bool:
    """Whether the shop can be asked for its past at all."""
    return shop.is_enabled and shop.platform in PLATFORMS and bool(shop.wake_url or shop.credentials.get("client_id"))


def start_backfill(*, shop: ShopConnection, now: datetime) -> Backfill:
    """A worker begins within seconds. Raises AlreadyRunning."""
    with scope(workspace=shop.workspace):
        try:
            with transaction.atomic():
                return Backfill.objects.create(
                    workspace=shop.workspace, shop=shop, started_at=now, moved_at=now, leased_until=now
                )
        except IntegrityError:
            raise AlreadyRunning from None


def cancel_backfill(*, shop: ShopConnection, now: datetime) -> None:
    """What is in stays in."""
    Backfill.objects.filter(shop=shop, state=State.RUNNING).update(state=State.CANCELLED, moved_at=now)


def continue_backfills(*, clock: Callable[[], datetime]) -> int:
    """Every one that runs and that nobody works on, of all workspaces; how many."""
    with scopes_disabled():
        due = Backfill.objects.filter(state=State.RUNNING, leased_until__lte=clock())
        found = list(due.select_related("workspace", "shop__workspace").order_by("leased_until")[:20])
    for backfill in found:
        with scope(workspace=backfill.workspace):
            _work_on(backfill, clock)
    return len(found)


def _work_on(backfill: Backfill, clock: Callable[[], datetime]) -> None:
    """For a while; whoever comes next goes on from the cursor."""
    now = clock()
    mine = Backfill.objects.filter(pk=backfill.pk, state=State.RUNNING, leased_until=backfill.leased_until)
    if not mine.update(leased_until=now + LEASE):
        return
    until, pause, trouble = now + AT_A_TIME, timedelta(0), ""
    try:
        while clock() < until and _step(backfill, clock()):
            pass
        pause = PAUSE
    except CannotAsk as error:
        pause, trouble = PAUSE_AFTER_TROUBLE, str(error)[:200]
    except Exception:
        logger.exception("The past of shop %s can't be brought in.", backfill.shop_id)
        pause, trouble = PAUSE_AFTER_TROUBLE, "the shop’s answer could not be understood"
    Backfill.objects.filter(pk=backfill.pk).update(leased_until=clock() + pause, trouble=trouble)


def _step(backfill: Backfill, now: datetime) -> bool:
    """One page; False when there is nothing to do for the moment. Raises CannotAsk."""
    waiting = _waiting(backfill)
    if backfill.stage == Stage.READING:
        return False if waiting else _finish(backfill, now)
    if waiting > MOST_WAITING:
        return False
    if not backfill.shop.is_enabled:
        raise CannotAsk("shop switched off")
    page = PLATFORMS[backfill.shop.platform](backfill, backfill.shop, now)
    return _move_on(backfill, page, now) and not page.is_busy


def _waiting(backfill: Backfill) -> int:
    """Calls that nobody has worked on yet; what failed once is tried again by itself, and nobody waits for it."""
    return InboundDelivery.objects.filter(shop=backfill.shop, state=InboundDelivery.State.NEW, attempts=0).count()


def _move_on(backfill: Backfill, page: Page, now: datetime) -> bool:
    """False when somebody else has moved it, or stopped it."""
    stage = backfill.stage
    changes = {"cursor": "" if page.is_last else page.cursor, "stage": NEXT[Stage(stage)] if page.is_last else stage}
    here = Backfill.objects.filter(pk=backfill.pk, state=State.RUNNING, stage=stage, cursor=backfill.cursor)
    total = {} if page.total is None else {f"{stage}_total": page.total}
    if not here.update(moved_at=now, trouble="", **{stage: F(stage) + page.told}, **total, **changes):
        return False
    backfill.cursor, backfill.stage = changes["cursor"], changes["stage"]
    return True


def _finish(backfill: Backfill, now: datetime) -> bool:
    shop = backfill.shop
    report = {
        "customers": _by_reason(shop.customers.filter(erased_at=None)),
        "orders": _by_reason(shop.orders.filter(erased_at=None, is_test=False)),
        "events": {"": shop.events.filter(is_backfill=True).count()},
    }
    running = Backfill.objects.filter(pk=backfill.pk, state=State.RUNNING)
    running.update(state=State.DONE, moved_at=now, report=report)
    return False


def _by_reason(rows: QuerySet[Order] | QuerySet[ShopCustomer]) -> dict[str, int]:
    return dict(rows.order_by().values_list("no_mobile").annotate(count=Count("pk")))
