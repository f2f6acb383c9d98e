"""Credit of orders: worked out anew whenever something may have changed it, and written down once."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django_scopes import scope, scopes_disabled

from accounts.models import Workspace
from campaigns.attribution import Evidence, evidence_for
from campaigns.models import Credit, CreditRules, LateClick
from campaigns.tasks import wake_crediting
from integrations.models import Order
from landing.services import record_order, take_back_order
from messaging.queries import clickers
from shortlinks.models import Click, Verdict
from shortlinks.signals import Told

log = logging.getLogger(__name__)

MOST_AT_ONCE = 500
LONGEST_WINDOW = timedelta(days=30)
# A click is judged again for forty minutes (shortlinks.services.verdicts).
JUDGED_AGAIN_FOR = timedelta(hours=1)


def rules_of(workspace: Workspace) -> CreditRules:
    """What the workspace chose, or the usual."""
    return CreditRules.objects.filter(workspace=workspace).first() or CreditRules(workspace=workspace)


def save_rules(*, workspace: Workspace, window_days: int) -> CreditRules:
    """For orders that are first told of from now on."""
    rules, _created = CreditRules.objects.update_or_create(workspace=workspace, defaults={"window_days": window_days})
    return rules


@transaction.atomic
def credit_order(*, order: Order, now: datetime) -> Credit:
    """Bring an order's credit and conversion up to what is known now; any number of times, by any number of workers."""
    with scope(workspace=order.workspace):
        order = _locked(order)
        known = Credit.objects.filter(order=order).select_related("message__batch").first()
        days = known.window_days if known else rules_of(order.workspace).window_days
        evidence = _evidence_of(order, known, timedelta(days=days))
        _settle(order, evidence)
        return _write(order, known, evidence, days, now)


def _locked(order: Order) -> Order:
    """With whose it is, and the conversion that it is by now."""
    orders = Order.objects.select_related("contact", "conversion").select_for_update(of=("self",))
    fresh = orders.get(pk=order.pk)
    fresh.workspace = order.workspace
    return fresh


def _evidence_of(order: Order, known: Credit | None, window: timedelta) -> Evidence:
    """Whoever was erased has left nothing to look at: what was found before stays."""
    if known and order.erased_at:
        return Evidence(known.reason, known.message, known.happened_at, known.code)
    return evidence_for(order, window=window)


def _write(order: Order, known: Credit | None, evidence: Evidence, days: int, now: datetime) -> Credit:
    credit = known or Credit(workspace=order.workspace, order=order, window_days=days, judged_at=now)
    was, found = _told(credit), (evidence.reason, evidence.message, evidence.happened_at, evidence.code)
    if credit.pk is None or was != found:
        credit.reason, credit.message, credit.happened_at, credit.code = found
        credit.judged_at = now
        credit.save()
    return credit


def _told(credit: Credit) -> tuple[object, ...]:
    return credit.reason, credit.message, credit.happened_at, credit.code


def _settle(order: Order, evidence: Evidence) -> None:
    """A cancelled order, or one whose money has all gone back, is in no figure."""
    value = worth_of(order)
    if evidence.message is None or value is None:
        take_back_order(order=order)
    else:
        record_order(order=order, message=evidence.message, value=value)


def worth_of(order: Order) -> int | None:
    """What of it was not given back, in the smallest unit of its currency; None where nothing counts any more."""
    is_given_back = 0 < order.total <= order.refunded_total
    if order.cancelled_at or order.is_test or is_given_back:
        return None
    return max(order.total - order.refunded_total, 0)


# Clicks that come late ------------------------------------------------------------------------------


def note_late_clicks(*, clicks: Sequence[Told]) -> int:
    """Clicks have landed, or turned out to be human: note the orders that came between; how many.

    The rows are written with the news' own transaction and wait for no lock; the work is done afterwards.
    """
    moments = [click.clicked_at for click in clicks if click.verdict == Verdict.HUMAN and click.position is not None]
    people = clickers(clicks) if moments else {}
    if not people:
        return 0
    between = {"placed_at__gte": min(moments), "placed_at__lte": max(moments) + LONGEST_WINDOW}
    orders = Order.objects.filter(contact__among=set(people), **between).values_list("pk", "workspace_id")
    rows = [LateClick(order_id=pk, workspace_id=workspace) for pk, workspace in orders]
    LateClick.objects.bulk_create(rows, batch_size=500)
    if rows:
        wake_crediting()
    return len(rows)


def credit_late(*, now: datetime) -> int:
    """One bounded pass over what was noted, and over clicks that turned out to be no human's; orders looked at."""
    with scopes_disabled():
        noted = list(LateClick.objects.order_by("pk").values_list("pk", "order")[:MOST_AT_ONCE])
        doubted = _doubted(now).values_list("order", flat=True)[:MOST_AT_ONCE]
        keys = {order for _pk, order in noted} | set(doubted)
        orders = list(Order.objects.filter(pk__in=keys).select_related("workspace").order_by("pk"))
        failed = {order.pk for order in orders if not _credit_or_say(order, now)}
        LateClick.objects.filter(pk__in=[pk for pk, order in noted if order not in failed]).delete()
    return len(orders)


def _doubted(now: datetime) -> QuerySet[Credit]:
    """Credits of clicks that are no human's any more."""
    mine = {
        "link__batch_links__batch": OuterRef("message__batch"),
        "position": OuterRef("message__position"),
        "clicked_at": OuterRef("happened_at"),
    }
    lately = Credit.objects.filter(reason=Credit.Reason.CLICK, happened_at__gte=now - JUDGED_AGAIN_FOR)
    return lately.exclude(Exists(Click.objects.filter(verdict=Verdict.HUMAN, **mine)))


def _credit_or_say(order: Order, now: datetime) -> bool:
    """One that fails holds up no other, and is tried again."""
    try:
        credit_order(order=order, now=now)
    except Exception as error:
        log.error("The credit of order %s failed: %s", order.pk, type(error).__name__)
        return False
    return True
