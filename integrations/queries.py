"""Reads of integrations that other rooms and several screens share."""

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse

from accounts.models import Workspace
from integrations.gateways.registry import gateway_classes
from integrations.models import EventSource, GatewayAccount, ShopConnection, ShopEvent

# A shop is called like this on Shopify; the name that customers know is the merchant's to say.
SHOPIFY_HOST = ".myshopify.com"
# A message about something older than this would puzzle more than it helps.
LONGEST_DELAY = {
    ShopEvent.Kind.ORDER_PLACED: timedelta(hours=6),
    ShopEvent.Kind.ORDER_PAID: timedelta(hours=6),
    ShopEvent.Kind.ORDER_SHIPPED: timedelta(hours=48),
    ShopEvent.Kind.ORDER_DELAYED: timedelta(hours=24),
    ShopEvent.Kind.ORDER_OUT_FOR_DELIVERY: timedelta(hours=12),
    ShopEvent.Kind.ORDER_READY: timedelta(hours=48),
    ShopEvent.Kind.ORDER_DELIVERED: timedelta(hours=24),
    ShopEvent.Kind.ORDER_CANCELLED: timedelta(hours=48),
    ShopEvent.Kind.ORDER_REFUNDED: timedelta(hours=48),
    ShopEvent.Kind.CART_LEFT: timedelta(hours=24),
}


def shop_webhook_url(shop: ShopConnection) -> str:
    """The address that the shop calls with its news."""
    return settings.BASE_URL + reverse("integrations:shop_webhook", args=[shop.public_id])


def shop_hosts(workspace: Workspace) -> frozenset[str]:
    """Where customers of the workspace's shops buy, without `www.`: as the merchant says, else as the shop does."""
    shops = ShopConnection.objects.filter(workspace=workspace, is_enabled=True)
    known = shops.values_list("web_address", "wake_url", "shop_key")
    hosts = {urlsplit(address).hostname or "" for row in known for address in row[:2]}
    hosts |= {key for *_, key in known if key.endswith(SHOPIFY_HOST)}
    return frozenset(host.removeprefix("www.") for host in hosts - {""})


def event_address(source: EventSource) -> str:
    """The address that a program of the merchant's own calls with its events."""
    return settings.BASE_URL + reverse("integrations:event_webhook", args=[source.public_id])


def why_not_to_send(*, event: ShopEvent, now: datetime) -> str:
    """Why nobody may be written to because of this event; "" when somebody may.

    Whoever sends on a shop event asks here first: it is the law for every automation.
    """
    if not event.shop.is_enabled:
        return "shop switched off"
    if event.order and event.order.is_test:
        return "test order"
    if event.cart and event.cart.ordered_at:
        return "ordered meanwhile"
    if _is_old(event, now):
        return "too old"
    if event.is_backfill:
        return "from before the shop was connected"
    return "" if event.contact else "no mobile"


def is_history(*, event: ShopEvent, now: datetime) -> bool:
    """Long over when its shop was connected, or asked for its past: figures, and nothing that anybody decides on."""
    return event.is_backfill and _is_old(event, now)


def _is_old(event: ShopEvent, now: datetime) -> bool:
    return now - event.occurred_at > LONGEST_DELAY[ShopEvent.Kind(event.kind)]


def simulator_accounts() -> list[GatewayAccount]:
    """The current workspace's accounts that reach nobody."""
    slugs = [slug for slug, gateway in gateway_classes().items() if gateway.capabilities.is_simulator]
    return list(GatewayAccount.objects.filter(gateway__in=slugs).order_by("pk"))
