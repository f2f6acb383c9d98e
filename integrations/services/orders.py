"""From snapshots of orders to what happened.

Snapshots come late, twice and out of order. Three rules make every order of arrival end in the same place:
facts that have a time are kept at their earliest; a refund is counted by its own id; everything else is as the
highest version says, and two bodies of one version fill each other's gaps.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django_scopes import scope

from audience.models import Contact
from audience.phone import NotAMobile, parse_mobile
from audience.services import add_contact, note_activity
from integrations.models import InboundDelivery, Order, ShopConnection, ShopEvent
from integrations.shops.base import OrderSnapshot, PhoneCandidate

Kind = ShopEvent.Kind
# In the order in which they happen to an order.
FACTS = {
    "paid_at": Kind.ORDER_PAID,
    "shipped_at": Kind.ORDER_SHIPPED,
    "delivered_at": Kind.ORDER_DELIVERED,
    "cancelled_at": Kind.ORDER_CANCELLED,
}


# What says, or leads to, who ordered; with the values that say nothing.
PERSONAL: dict[str, Any] = {"customer": {}, "tracking": [], "status_url": "", "click_id": ""}


@dataclass(frozen=True)
class News:
    """Something that the snapshot says and the order did not know."""

    kind: str
    subject: str
    occurred_at: datetime

    @property
    def event_key(self) -> str:
        return f"{self.kind}:{self.subject}"


@transaction.atomic
def apply_snapshot(
    *, shop: ShopConnection, snapshot: OrderSnapshot, delivery: InboundDelivery | None = None
) -> list[ShopEvent]:
    """Bring the order up to the snapshot; the events that this made happen, each for the first and only time."""
    with scope(workspace=shop.workspace):
        order, is_new = Order.objects.select_for_update().get_or_create(
            shop=shop,
            external_id=snapshot.external_id,
            defaults={
                "workspace": shop.workspace,
                "version": snapshot.version,
                "placed_at": snapshot.placed_at,
                **_state(shop, snapshot),
            },
        )
        news = list(_news(order, snapshot, is_new))
        _take_facts(order, snapshot)
        _take_state(order, shop, snapshot)
        order.contact = _contact_of(order, shop)
        order.save()
        if order.contact:
            note_activity(moments={order.contact.pk: order.placed_at})
        return [event for each in news if (event := _happened(order, shop, each, snapshot, delivery))]


def _news(order: Order, snapshot: OrderSnapshot, is_new: bool) -> Iterator[News]:
    if is_new:
        yield News(Kind.ORDER_PLACED, order.external_id, snapshot.placed_at)
    for field, kind in FACTS.items():
        occurred_at = getattr(snapshot, field)
        if occurred_at and getattr(order, field) is None:
            yield News(kind, order.external_id, occurred_at)
    for refund in snapshot.refunds:
        if refund.amount:
            yield News(Kind.ORDER_REFUNDED, refund.external_id, refund.refunded_at)


def _take_facts(order: Order, snapshot: OrderSnapshot) -> None:
    """What has happened has happened, however old the body that says so."""
    for field in ("placed_at", *FACTS):
        times = [time for time in (getattr(order, field), getattr(snapshot, field)) if time]
        setattr(order, field, min(times, default=None))
    order.refunded_total = max(order.refunded_total, snapshot.refunded_total)
    order.is_test = order.is_test or snapshot.is_test


def _take_state(order: Order, shop: ShopConnection, snapshot: OrderSnapshot) -> None:
    if snapshot.version < order.version:
        return
    is_same_version = snapshot.version == order.version
    state = {field: value for field, value in _state(shop, snapshot).items() if not _is_erased(order, field)}
    for field, value in state.items():
        setattr(order, field, _fuller(getattr(order, field), value) if is_same_version else value)
    order.version = snapshot.version


def _is_erased(order: Order, field: str) -> bool:
    return order.erased_at is not None and field in PERSONAL


def _state(shop: ShopConnection, snapshot: OrderSnapshot) -> dict[str, Any]:
    phones = [_judged(candidate, shop) for candidate in snapshot.phones]
    customer = {"first_name": snapshot.first_name, "phones": phones}
    return {
        "number": snapshot.number,
        "customer": {name: value for name, value in customer.items() if value},
        "country": snapshot.country or shop.country,
        "language": snapshot.language or shop.language,
        "currency": snapshot.currency,
        "total": snapshot.total,
        "discount_codes": list(snapshot.discount_codes),
        "tracking": [dict(parcel) for parcel in snapshot.tracking],
        "status_url": snapshot.status_url,
        "click_id": snapshot.click_id,
    }


def _judged(candidate: PhoneCandidate, shop: ShopConnection) -> dict[str, str]:
    """The candidate as the shop wrote it, and its mobile number or why it has none."""
    written = {"number": candidate.number, "country": candidate.country}
    try:
        return {**written, "mobile": parse_mobile(candidate.number, candidate.country or shop.country).e164}
    except NotAMobile as error:
        return {**written, "refused": str(error.reason)}


def _fuller(one: Any, other: Any) -> Any:
    """The same choice, whichever came first."""

    def fullness(value: Any) -> tuple[bool, int, str]:
        text = json.dumps(value, sort_keys=True)
        return bool(value), len(text), text

    return max(one, other, key=fullness)


def _contact_of(order: Order, shop: ShopConnection) -> Contact | None:
    """Whoever has the first mobile, found or made; no consent comes with an order, and nobody with a test."""
    mobiles = [phone["mobile"] for phone in order.customer.get("phones", []) if "mobile" in phone]
    if order.is_test or not mobiles:
        return None
    first_name = order.customer.get("first_name", "")
    fields = {"first_name": first_name, "language": order.language}
    return add_contact(workspace=shop.workspace, phone=mobiles[0], source=f"shop: {shop.name}"[:80], **fields)


def _happened(
    order: Order, shop: ShopConnection, news: News, snapshot: OrderSnapshot, delivery: InboundDelivery | None
) -> ShopEvent | None:
    """The event, unless it was known."""
    event, is_new = ShopEvent.objects.get_or_create(
        shop=shop,
        event_key=news.event_key,
        defaults={
            "workspace": shop.workspace,
            "delivery": delivery,
            "order": order,
            "kind": news.kind,
            "occurred_at": news.occurred_at,
            "is_backfill": snapshot.is_backfill or order.placed_at < shop.connected_at,
        },
    )
    return event if is_new else None
