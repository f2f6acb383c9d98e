"""How a shop fares: what it tells, whether it has fallen silent, and whom it lets us reach."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, Min, Q, QuerySet
from django.utils.functional import Promise

from accounts.figures import Rate
from audience.refusals import Refusal
from integrations.models import DataRequest, InboundDelivery, ShopConnection

# Deliveries are kept for thirty days: what can be said of topics is of these.
PERIOD, ORDER_PERIOD = timedelta(days=30), timedelta(days=90)
# So many calls say how often a shop calls; ten times its usual pause, and a day at least, is silence.
LEAST_CALLS, SILENT_PAUSES, LEAST_SILENCE = 5, 10, timedelta(days=1)
# So many orders in a row without any number: it is not the customers, the shop does not give us theirs.
IN_A_ROW = 20


@dataclass(frozen=True)
class Topic:
    """What the shop tells under one name."""

    name: str
    last_at: datetime
    calls: int
    failed: int


@dataclass(frozen=True)
class NoMobile:
    """Orders whose customer can't be written to, and why."""

    reason: str | Promise
    orders: Rate


@dataclass(frozen=True)
class ShopHealth:
    topics: tuple[Topic, ...]
    # Since when it has been silent, where that is unusual.
    silent_since: datetime | None
    has_phone_access: bool
    # Of the last ninety days.
    without_mobile: tuple[NoMobile, ...]
    orders: int
    data_requests: QuerySet[DataRequest]

    @property
    def reachable(self) -> Rate:
        return Rate(self.orders - sum(each.orders.count for each in self.without_mobile), self.orders)


def shop_health(shop: ShopConnection, now: datetime) -> ShopHealth:
    """In the shop's workspace; six queries, however much it tells."""
    refused, total = _without_mobile(shop, now)
    return ShopHealth(
        topics=_topics(shop),
        silent_since=_silent_since(shop, now) if shop.is_enabled else None,
        has_phone_access=_has_phone_access(shop),
        without_mobile=refused,
        orders=total,
        data_requests=shop.data_requests.filter(done_at=None).select_related("contact").order_by("due_at"),
    )


def _topics(shop: ShopConnection) -> tuple[Topic, ...]:
    failed = Count("pk", filter=Q(state=InboundDelivery.State.DEAD))
    told = (
        shop.deliveries.order_by().values("topic").annotate(last=Max("received_at"), calls=Count("pk"), failed=failed)
    )
    return tuple(Topic(each["topic"], each["last"], each["calls"], each["failed"]) for each in told.order_by("-last"))


def _silent_since(shop: ShopConnection, now: datetime) -> datetime | None:
    calls = shop.deliveries.filter(received_at__gt=now - PERIOD)
    told = calls.aggregate(first=Min("received_at"), last=Max("received_at"), count=Count("pk"))
    if told["count"] < LEAST_CALLS:
        return None
    pause = (told["last"] - told["first"]) / (told["count"] - 1)
    is_silent = now - told["last"] > max(LEAST_SILENCE, SILENT_PAUSES * pause)
    return told["last"] if is_silent else None


def _has_phone_access(shop: ShopConnection) -> bool:
    """Platforms that protect customer data leave numbers out without a word."""
    latest = (
        shop.orders.filter(is_test=False, erased_at=None).order_by("-placed_at").values_list("no_mobile", flat=True)
    )
    reasons = list(latest[:IN_A_ROW])
    return len(reasons) < IN_A_ROW or set(reasons) != {Refusal.NO_NUMBER.value}


def _without_mobile(shop: ShopConnection, now: datetime) -> tuple[tuple[NoMobile, ...], int]:
    """Most frequent first, and how many orders there were."""
    orders = shop.orders.filter(placed_at__gt=now - ORDER_PERIOD, is_test=False, erased_at=None)
    counts = dict(orders.order_by().values_list("no_mobile").annotate(count=Count("pk")))
    total = sum(counts.values())
    reasons = sorted(((count, code) for code, count in counts.items() if code), reverse=True)
    return tuple(NoMobile(Refusal(code).label, Rate(count, total)) for count, code in reasons), total
