"""From snapshots of orders to what happened.

Snapshots come late, twice and out of order. Three rules make every order of arrival end in the same place:
facts that have a time are kept at their earliest; a refund is counted by its own id; everything else is as the
highest version says, and two bodies of one version fill each other's gaps.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django_scopes import scope

from audience.models import Contact
from audience.services import note_moment
from integrations.models import InboundDelivery, Order, ShopConnection, ShopEvent
from integrations.models.orders import FACTS
from integrations.services.numbers import contact_with, judged, why_no_mobile
from integrations.shops.base import OrderPart, OrderSnapshot, Refund

Kind = ShopEvent.Kind
# The version of an order that nothing was told of yet.
UNTOLD = -1
# What says, or leads to, who ordered; with the values that say nothing.
PERSONAL: dict[str, Any] = {"customer": {}, "tracking": [], "status_url": "", "click_id": ""}


@dataclass(frozen=True)
class Happening:
    """Something that the snapshot says and the order did not know."""

    kind: str
    subject: str
    occurred_at: datetime

    @property
    def event_key(self) -> str:
        return f"{self.kind}:{self.subject}"


class UnknownOrder(Exception):
    """A part came before its order."""


def apply_snapshot(
    *, shop: ShopConnection, snapshot: OrderSnapshot, delivery: InboundDelivery | None = None
) -> list[ShopEvent]:
    """Bring the order up to the snapshot; the events that this made happen, each for the first and only time."""
    with scope(workspace=shop.workspace):
        try:
            return _apply(shop, snapshot, delivery)
        except IntegrityError:  # another worker heard of it at the same moment, and was first
            return _apply(shop, snapshot, delivery)


@transaction.atomic
def _apply(shop: ShopConnection, snapshot: OrderSnapshot, delivery: InboundDelivery | None) -> list[ShopEvent]:
    known = _locked(shop, snapshot.external_id)
    order = known or Order(
        workspace=shop.workspace, shop=shop, external_id=snapshot.external_id, version=UNTOLD, customer={}
    )
    facts = {field: time for field in FACTS if (time := getattr(snapshot, field))}
    placed = [] if known else [Happening(Kind.ORDER_PLACED, order.external_id, snapshot.placed_at)]
    news = [*placed, *_news(order, facts, snapshot.refunds)]
    _take_facts(order, {**facts, "placed_at": snapshot.placed_at}, snapshot.refunds)
    order.is_test = order.is_test or snapshot.is_test
    who = order.customer, order.language
    _take_state(order, shop, snapshot)
    if order.is_test or order.contact_id is None or (order.customer, order.language) != who:
        _take_person(order, shop)
    order.save()
    return _happened(order, news, delivery, is_backfill=snapshot.is_backfill)


def _locked(shop: ShopConnection, external_id: str) -> Order | None:
    order = Order.objects.select_for_update().filter(shop=shop, external_id=external_id).first()
    if order is not None:
        order.shop, order.workspace = shop, shop.workspace
    return order


@transaction.atomic
def apply_part(*, shop: ShopConnection, part: OrderPart, delivery: InboundDelivery | None = None) -> list[ShopEvent]:
    """What a parcel or a refund tells of its order. Raises UnknownOrder."""
    with scope(workspace=shop.workspace):
        order = _locked(shop, part.external_id)
        if order is None:
            raise UnknownOrder
        facts = {field: time for field, time in part.facts.items() if _speaks_for_all(order, field)}
        news = list(_news(order, facts, part.refunds))
        _take_facts(order, facts, part.refunds)
        known = {parcel.get("number") for parcel in order.tracking}
        if order.erased_at is None:
            order.tracking += [dict(parcel) for parcel in part.tracking if parcel.get("number") not in known]
        order.save()
        return _happened(order, news, delivery)


def _speaks_for_all(order: Order, field: str) -> bool:
    """One parcel of several has arrived: only the whole order says whether it was the last."""
    return field != "delivered_at" or len(order.tracking) < 2


def _news(order: Order, facts: Mapping[str, datetime], refunds: Iterable[Refund]) -> Iterator[Happening]:
    for field, kind in FACTS.items():
        if field in facts and getattr(order, field) is None:
            yield Happening(kind, order.external_id, facts[field])
    for refund in refunds:
        if refund.amount:
            yield Happening(Kind.ORDER_REFUNDED, refund.external_id, refund.refunded_at)


def _take_facts(order: Order, facts: Mapping[str, datetime], refunds: Iterable[Refund]) -> None:
    """What has happened has happened, however old the body that says so."""
    for field, time in facts.items():
        setattr(order, field, min(time, getattr(order, field) or time))
    for refund in refunds:
        order.refunds[refund.external_id] = max(refund.amount, order.refunds.get(refund.external_id, 0))
    order.refunded_total = max(order.refunded_total, sum(order.refunds.values()))


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
    phones = judged(snapshot.phones, shop)
    customer = {"first_name": snapshot.first_name, "phones": phones}
    return {
        "number": snapshot.number,
        "customer": {name: value for name, value in customer.items() if value},
        "country": snapshot.country or shop.country,
        "language": snapshot.language or shop.language,
        "currency": snapshot.currency,
        "total": snapshot.total,
        "discount_codes": list(snapshot.discount_codes),
        "items": list(snapshot.items),
        "tracking": [dict(parcel) for parcel in snapshot.tracking],
        "status_url": snapshot.status_url,
        "click_id": snapshot.click_id,
    }


def _fuller(one: Any, other: Any) -> Any:
    """The same choice, whichever came first."""

    def fullness(value: Any) -> tuple[bool, int, str]:
        text = json.dumps(value, sort_keys=True)
        return bool(value), len(text), text

    return max(one, other, key=fullness)


def _take_person(order: Order, shop: ShopConnection) -> None:
    order.contact = _contact_of(order, shop)
    order.no_mobile = "" if order.erased_at else why_no_mobile(order.customer.get("phones", []))
    if order.contact:
        note_moment(contact=order.contact, at=order.placed_at)


def _contact_of(order: Order, shop: ShopConnection) -> Contact | None:
    """Whoever has the first mobile, found or made; no consent comes with an order, and nobody with a test."""
    if order.is_test:
        return None
    fields = {"first_name": order.customer.get("first_name", ""), "language": order.language}
    return contact_with(order.customer.get("phones", []), shop, **fields)


def _happened(
    order: Order, news: Iterable[Happening], delivery: InboundDelivery | None, *, is_backfill: bool = False
) -> list[ShopEvent]:
    """The events, without those that were known."""
    told: dict[str, Happening] = {}
    for each in news:
        told.setdefault(each.event_key, each)
    known = set(ShopEvent.objects.filter(shop=order.shop, event_key__in=told).values_list("event_key", flat=True))
    return ShopEvent.objects.bulk_create(
        ShopEvent(
            workspace=order.workspace,
            shop=order.shop,
            event_key=key,
            delivery=delivery,
            order=order,
            kind=each.kind,
            occurred_at=each.occurred_at,
            is_backfill=is_backfill or order.placed_at < order.shop.connected_at,
        )
        for key, each in told.items()
        if key not in known
    )
