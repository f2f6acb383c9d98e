"""Carts: snapshots with a version, and the ones that were left behind, each told once."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django_scopes import scope, scopes_disabled

from integrations.models import Cart, Order, ShopConnection, ShopEvent
from integrations.services.inbox import ReceiverFailed, announce
from integrations.services.numbers import contact_with, judged
from integrations.shops.base import CartSnapshot
from integrations.signals import shop_event_received

logger = logging.getLogger(__name__)

# A cart that nobody has touched for so long was left; one older than a day is nobody's surprise any more.
LEFT_AFTER, TOO_OLD = timedelta(hours=2), timedelta(hours=24)
KEEP = timedelta(days=30)


@transaction.atomic
def apply_cart(*, shop: ShopConnection, snapshot: CartSnapshot) -> Cart:
    """Bring the cart up to the snapshot. What became an order stays one."""
    with scope(workspace=shop.workspace):
        cart, is_new = Cart.objects.select_for_update().get_or_create(
            shop=shop,
            external_id=snapshot.external_id,
            defaults={"workspace": shop.workspace, "changed_at": snapshot.changed_at, **_state(snapshot)},
        )
        if is_new or snapshot.version >= cart.version:
            for name, value in {**_state(snapshot), "changed_at": snapshot.changed_at}.items():
                setattr(cart, name, value)
            language = snapshot.language or shop.language
            phones = judged(snapshot.phones, shop)
            found = contact_with(phones, shop, first_name=snapshot.first_name, language=language)
            cart.contact = found or cart.contact
        cart.ordered_at = min(filter(None, (cart.ordered_at, snapshot.ordered_at)), default=None)
        cart.save()
        return cart


def _state(snapshot: CartSnapshot) -> dict[str, object]:
    return {
        "version": snapshot.version,
        "language": snapshot.language,
        "currency": snapshot.currency,
        "total": snapshot.total,
        "items": list(snapshot.items),
        "recovery_url": snapshot.recovery_url,
        "is_backfill": snapshot.is_backfill,
    }


def notice_left(*, now: datetime, limit: int = 500) -> int:
    """Tell the rooms on our left of carts that were left behind; how many were."""
    with scopes_disabled():
        lately = Q(changed_at__lte=now - LEFT_AFTER, changed_at__gt=now - TOO_OLD)
        open_ones = Cart.objects.filter(lately, ordered_at=None, left_at=None, is_backfill=False, contact__isnull=False)
        ordered = Order.objects.filter(contact=OuterRef("contact"), placed_at__gte=OuterRef("changed_at"))
        left = list(open_ones.filter(~Exists(ordered), shop__is_enabled=True).order_by("changed_at")[:limit])
    return sum(_try(cart, now) for cart in left)


def _try(cart: Cart, now: datetime) -> bool:
    """A cart that can't be told is told again later, and holds up no other."""
    try:
        _tell(cart, now)
    except ReceiverFailed as failure:
        logger.warning("Cart %s is told again later: %s", cart.pk, failure)
        return False
    return True


@transaction.atomic
def _tell(cart: Cart, now: datetime) -> None:
    """Once: whoever finds the cart already told leaves it. Raises ReceiverFailed."""
    with scope(workspace=cart.workspace):
        if not Cart.objects.filter(pk=cart.pk, left_at=None, ordered_at=None).update(left_at=now):
            return
        event = ShopEvent.objects.create(
            workspace=cart.workspace,
            shop=cart.shop,
            cart=cart,
            kind=ShopEvent.Kind.CART_LEFT,
            event_key=f"{ShopEvent.Kind.CART_LEFT}:{cart.external_id}",
            occurred_at=cart.changed_at,
            is_backfill=cart.changed_at < cart.shop.connected_at,
        )
        announce(shop_event_received, event=event)


def purge_carts(*, now: datetime, limit: int = 5_000) -> int:
    """Carts older than thirty days are deleted; the number of rows."""
    with scopes_disabled():
        old = Cart.objects.filter(changed_at__lte=now - KEEP).order_by("changed_at")
        ids = list(old.values_list("pk", flat=True)[:limit])
        Cart.objects.filter(pk__in=ids).delete()
    return len(ids)
