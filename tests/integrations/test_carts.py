from dataclasses import replace
from datetime import timedelta

import pytest
from django_scopes import scope, scopes_disabled

from integrations.models import Cart, ShopEvent
from integrations.queries import why_not_to_send
from integrations.services.carts import apply_cart, notice_left, purge_carts
from integrations.services.orders import apply_snapshot
from integrations.shops.base import CartSnapshot, OrderSnapshot, PhoneCandidate
from integrations.shops.prestashop import PrestaShop
from integrations.shops.shopify import Shopify
from integrations.signals import shop_event_received
from tests.factories import TUESDAY, make_shop
from tests.integrations.shop_calls import payload

HOUR = timedelta(hours=1)
PHONES = (PhoneCandidate("06 39 98 12 34", "FR"),)
CART = CartSnapshot("5121", 1_000, TUESDAY, "EUR", 5490, "Camille", PHONES, "fr", ("Tablier",), "https://s.example/r")
ORDER = OrderSnapshot("1042", "A", 1_000, TUESDAY + HOUR, "EUR", 5490, phones=PHONES)


@pytest.fixture
def shop(in_workspace):
    return make_shop(in_workspace)


def left(hours: float) -> int:
    return notice_left(now=TUESDAY + hours * HOUR)


def test_cart_that_nobody_touched_for_two_hours_is_left_once(shop):
    apply_cart(shop=shop, snapshot=CART)

    assert [left(1.9), left(2.1), left(2.2)] == [0, 1, 0]

    event = ShopEvent.objects.get()
    assert (event.kind, event.event_key, event.occurred_at, event.contact.phone) == (
        "cart.left",
        "cart.left:5121",
        TUESDAY,
        "+33639981234",
    )
    assert why_not_to_send(event=event, now=TUESDAY + 3 * HOUR) == ""


@pytest.mark.parametrize(
    "changes",
    [
        {"ordered_at": TUESDAY + HOUR},
        {"is_backfill": True},
        {"phones": ()},
        {"changed_at": TUESDAY - 48 * HOUR},
    ],
)
def test_cart_that_is_no_surprise_is_not_told(shop, changes):
    apply_cart(shop=shop, snapshot=replace(CART, **changes))

    assert left(3) == 0


def test_order_of_the_same_person_since_ends_the_matter(shop):
    apply_cart(shop=shop, snapshot=CART)
    apply_snapshot(shop=shop, snapshot=ORDER)

    assert left(3) == 0


def test_older_body_neither_overwrites_nor_unsets_the_order(shop):
    apply_cart(shop=shop, snapshot=replace(CART, version=2_000, total=9900, ordered_at=TUESDAY + HOUR))
    apply_cart(shop=shop, snapshot=CART)

    cart = Cart.objects.get()
    assert (cart.total, cart.ordered_at) == (9900, TUESDAY + HOUR)


def test_cart_that_can_not_be_told_holds_up_no_other_and_is_told_later(shop):
    def broken(*, event, **_):
        if event.cart.external_id == "5121" and is_broken:
            raise RuntimeError

    is_broken = True
    apply_cart(shop=shop, snapshot=CART)
    apply_cart(shop=shop, snapshot=replace(CART, external_id="5122"))
    shop_event_received.connect(broken)
    try:
        first = left(3)
        is_broken = False
        second = left(3.1)
    finally:
        shop_event_received.disconnect(broken)

    told = list(ShopEvent.objects.order_by("pk").values_list("event_key", flat=True))
    assert (first, second, told) == (1, 1, ["cart.left:5122", "cart.left:5121"])


def test_old_carts_go(shop, other_workspace):
    apply_cart(shop=shop, snapshot=CART)
    apply_cart(shop=make_shop(other_workspace), snapshot=replace(CART, changed_at=TUESDAY + 20 * 24 * HOUR))

    assert purge_carts(now=TUESDAY + timedelta(days=31)) == 1
    with scopes_disabled():
        assert Cart.objects.get().workspace == other_workspace
    with scope(workspace=shop.workspace):
        assert not Cart.objects.exists()


def test_both_platforms_tell_carts():
    [ours] = PrestaShop({}).parse("", payload("prestashop", "cart_changed"))
    [theirs] = Shopify({}).parse("checkouts/update", payload("shopify", "rest-2026-07_abandoned_checkout"))

    assert (ours.external_id, ours.total, ours.items) == ("5121", 5490, ("Tablier en lin", "Torchon rayé"))
    assert (theirs.external_id, theirs.total, theirs.recovery_url[:24]) == (
        "2a1ace52255252df566af0faaedfbfa7",
        37969,
        "https://checkout.local/5",
    )
