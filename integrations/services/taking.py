"""What is done with each kind of news that a shop tells."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from integrations.models import InboundDelivery, ShopConnection
from integrations.services import inbox, privacy
from integrations.services.carts import apply_cart
from integrations.services.customers import apply_customer
from integrations.services.order_states import learn_states, with_meanings
from integrations.services.orders import UnknownOrder, apply_part, apply_snapshot
from integrations.shops.base import (
    CartSnapshot,
    CustomerSnapshot,
    Farewell,
    Greeting,
    News,
    OrderPart,
    OrderSnapshot,
    PrivacyRequest,
)
from shortlinks.services import follow_shops

# Parcels and refunds that came before their order wait for it so long.
PARK = timedelta(minutes=15)
# What opens the shop to us. The secrets stay: the law's last calls are signed with them.
TOKENS = ("access_token", "refresh_token", "token_expires_at")


def _order(news: OrderSnapshot, shop: ShopConnection, delivery: InboundDelivery, now: datetime) -> list[str]:
    apply_snapshot(shop=shop, snapshot=with_meanings(shop=shop, snapshot=news), delivery=delivery)
    return []


def _part(news: OrderPart, shop: ShopConnection, delivery: InboundDelivery, now: datetime) -> list[str]:
    """Raises Parked, CannotUse: a parcel may come before its order, but not by much."""
    try:
        apply_part(shop=shop, part=news, delivery=delivery)
    except UnknownOrder:
        if now - delivery.received_at > PARK:
            raise inbox.CannotUse("its order is not known") from None
        raise inbox.Parked("waiting for its order") from None
    return []


def _customer(news: CustomerSnapshot, shop: ShopConnection, delivery: InboundDelivery, now: datetime) -> list[str]:
    return apply_customer(shop=shop, snapshot=news, now=now)


def _cart(news: CartSnapshot, shop: ShopConnection, delivery: InboundDelivery, now: datetime) -> list[str]:
    apply_cart(shop=shop, snapshot=news)
    return ["noted: cart"]


def _greeting(news: Greeting, shop: ShopConnection, delivery: InboundDelivery, now: datetime) -> list[str]:
    """What the shop says of itself wins over what the workspace supposed."""
    told = {name: getattr(news, name) for name in ("shop_key", "country", "language", "currency", "wake_url")}
    known = {name: value for name, value in told.items() if value}
    ShopConnection.objects.filter(pk=shop.pk).update(**known, uninstalled_at=None)
    if news.states:
        learn_states(shop=shop, states=news.states)
    if news.wake_url not in {"", shop.wake_url}:
        follow_shops(workspace=shop.workspace)
    return []


def _farewell(news: Farewell, shop: ShopConnection, delivery: InboundDelivery, now: datetime) -> list[str]:
    """Nothing is sent for this shop any more. Only a person switches it on again."""
    shop.credentials = {name: value for name, value in shop.credentials.items() if name not in TOKENS}
    shop.is_enabled, shop.uninstalled_at = False, now
    shop.save(update_fields=["credentials", "is_enabled", "uninstalled_at"])
    return ["uninstalled: nothing is sent for this shop any more"]


def _privacy(news: PrivacyRequest, shop: ShopConnection, delivery: InboundDelivery, now: datetime) -> list[str]:
    return [privacy.act(shop=shop, request=news, delivery=delivery, now=now)]


Taker = Callable[[Any, ShopConnection, InboundDelivery, datetime], list[str]]
TAKERS: dict[type[News], Taker] = {
    OrderSnapshot: _order,
    OrderPart: _part,
    CustomerSnapshot: _customer,
    CartSnapshot: _cart,
    Greeting: _greeting,
    Farewell: _farewell,
    PrivacyRequest: _privacy,
}
