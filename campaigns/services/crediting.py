"""Credit of orders: worked out anew whenever something may have changed it, and written down once."""

import hashlib
import json
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django_scopes import scope, scopes_disabled

from accounts.models import Workspace
from audience.models import Contact
from campaigns.attribution import Evidence, evidence_for
from campaigns.models import Credit, CreditRules, SecondLook
from campaigns.tasks import wake_crediting
from integrations.models import Order
from landing.services import record_order, take_back_order
from messaging.models import Message
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
def credit_order(*, order: Order, now: datetime, is_retold: bool = False) -> Credit:
    """Bring an order's credit and conversion up to what is known now; any number of times, by any number of workers.

    `is_retold`: the shop spoke of it, and nothing else has changed since it was judged. An order that says the same
    is only worth something else; whatever else changes takes a second look.
    """
    with scope(workspace=order.workspace):
        order = _locked(order)
        known: Credit | None = getattr(order, "credit", None)
        days = known.window_days if known else rules_of(order.workspace).window_days
        if known and (order.erased_at or (is_retold and _says_the_same(order, known))):
            # Whoever was erased has left nothing to look at, either: what was found before stays.
            _settle(order, known.message)
            return known
        evidence = evidence_for(order, window=timedelta(days=days))
        _settle(order, evidence.message)
        return _write(order, known, evidence, days, now)


def _locked(order: Order) -> Order:
    """With whose it is, and what was made of it: read when nobody else writes it any more."""
    Order.objects.select_for_update().filter(pk=order.pk).values_list("pk").first()
    fresh = Order.objects.select_related("contact", "conversion", "credit__message__batch").get(pk=order.pk)
    fresh.workspace = order.workspace
    return fresh


def _says_the_same(order: Order, credit: Credit) -> bool:
    """Shared codes are looked at each time: whether their messages have arrived is told late."""
    is_certain = not order.discount_codes or credit.reason == Credit.Reason.OWN_CODE
    return is_certain and credit.judged_by == digest_of(order)


def digest_of(order: Order) -> str:
    """Of all that an order says on what earned it (campaigns.attribution)."""
    facts = [order.contact_id, order.placed_at.isoformat(), order.is_test, order.click_id, sorted(order.discount_codes)]
    return hashlib.blake2b(json.dumps(facts).encode(), digest_size=16).hexdigest()


def _write(order: Order, known: Credit | None, evidence: Evidence, days: int, now: datetime) -> Credit:
    credit = known or Credit(workspace=order.workspace, order=order, window_days=days)
    was = _told(credit), credit.judged_by
    credit.reason, credit.message = evidence.reason, evidence.message
    credit.happened_at, credit.code = evidence.happened_at, evidence.code
    credit.judged_by = digest_of(order)
    if was[0] != _told(credit):
        credit.judged_at = now
    if was != (_told(credit), credit.judged_by):
        credit.save()
    return credit


def _told(credit: Credit) -> tuple[object, ...]:
    return credit.reason, credit.message, credit.happened_at, credit.code


def _settle(order: Order, message: Message | None) -> None:
    """A cancelled order, or one whose money has all gone back, is in no figure."""
    value = worth_of(order)
    if message is None or value is None:
        take_back_order(order=order)
    else:
        record_order(order=order, message=message, value=value)


def worth_of(order: Order) -> int | None:
    """What of it was not given back, in the smallest unit of its currency; None where nothing counts any more."""
    is_given_back = 0 < order.total <= order.refunded_total
    if order.cancelled_at or order.is_test or is_given_back:
        return None
    return max(order.total - order.refunded_total, 0)


# Second looks ---------------------------------------------------------------------------------------


def note_late_clicks(*, clicks: Sequence[Told]) -> int:
    """Clicks have landed, or turned out to be human: note the orders that came between; how many."""
    moments = [click.clicked_at for click in clicks if click.verdict == Verdict.HUMAN and click.position is not None]
    people = clickers(clicks) if moments else {}
    if not people:
        return 0
    between = {"placed_at__gte": min(moments), "placed_at__lte": max(moments) + LONGEST_WINDOW}
    return _note(Order.objects.filter(contact__among=set(people), **between))


def note_refusal(*, contact: Contact) -> int:
    """They are not followed any more: note their orders, and those that others placed behind a link of theirs."""
    behind_theirs = Credit.objects.filter(message__contact=contact).values_list("order", flat=True)
    theirs = contact.orders.values_list("pk", flat=True)
    return _note(Order.objects.filter(pk__among={*theirs, *behind_theirs}))


def note_merge(*, kept: Contact, gone: Contact) -> None:
    """What both were sent and clicked is one person's now: note the orders of both."""
    _note(Order.objects.filter(contact__in=[kept.pk, gone.pk]))


def _note(orders: QuerySet[Order]) -> int:
    """The rows are written with the news' own transaction and wait for no lock; the work is done afterwards."""
    found = orders.values_list("pk", "workspace_id")
    rows = [SecondLook(order_id=pk, workspace_id=workspace) for pk, workspace in found]
    SecondLook.objects.bulk_create(rows, batch_size=500)
    if rows:
        wake_crediting()
    return len(rows)


def credit_late(*, now: datetime) -> int:
    """One bounded pass over what was noted, and over clicks that turned out to be no human's; orders looked at."""
    with scopes_disabled():
        noted = list(SecondLook.objects.order_by("pk").values_list("pk", "order")[:MOST_AT_ONCE])
        doubted = _doubted(now).values_list("order", flat=True)[:MOST_AT_ONCE]
        keys = {order for _pk, order in noted} | set(doubted)
        orders = list(Order.objects.filter(pk__in=keys).select_related("workspace").order_by("pk"))
        failed = {order.pk for order in orders if not _credit_or_say(order, now)}
        SecondLook.objects.filter(pk__in=[pk for pk, order in noted if order not in failed]).delete()
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
