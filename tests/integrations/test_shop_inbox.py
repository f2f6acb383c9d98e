import json
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django_scopes import scope

from integrations.models import InboundDelivery, Order, ShopConnection, ShopEvent
from integrations.queries import shop_webhook_url
from integrations.services import inbox
from integrations.services.shops import work_again
from integrations.shops.registry import shop_of
from integrations.signals import shop_event_received
from tests.factories import TUESDAY, make_shop
from tests.integrations.shop_calls import payload


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr("integrations.views.timezone.now", lambda: TUESDAY)


@pytest.fixture
def heard():
    """What a room on our left was told; it answers "sent"."""
    events = []

    def receiver(*, event, **_):
        events.append(event.event_key)
        return "sent"

    shop_event_received.connect(receiver)
    yield events
    shop_event_received.disconnect(receiver)


def post(shop, body: bytes, topic: str = "orders/create", **headers: str):
    signed = shop_of(shop).sign(body, topic, TUESDAY) | headers
    signed.pop("Content-Type")
    path = reverse("integrations:shop_webhook", args=[shop.public_id])
    return Client().post(path, body, content_type="application/json", headers=signed)


def only_delivery(shop) -> InboundDelivery:
    with scope(workspace=shop.workspace):
        return InboundDelivery.objects.get()


def work(delivery: InboundDelivery) -> str:
    return inbox.work(delivery_id=delivery.pk, now=TUESDAY + timedelta(minutes=1)).outcome


@pytest.mark.parametrize("platform", ["prestashop", "shopify"])
def test_wrong_signature_is_401_and_stores_nothing_but_a_count(workspace, platform):
    shop = make_shop(workspace, platform)
    stranger = make_shop(workspace, platform)
    stranger.credentials = dict.fromkeys(stranger.credentials, "whsec_c3RyYW5nZXI=")
    stranger.public_id = shop.public_id

    response = post(stranger, b"{}")

    shop.refresh_from_db()
    assert (response.status_code, shop.refused_webhooks, shop.last_delivery_at) == (401, 1, None)
    with scope(workspace=workspace):
        assert not InboundDelivery.objects.exists()


def test_repeated_call_is_200_and_stored_once(workspace):
    shop = make_shop(workspace)
    body = payload("prestashop", "order_placed")

    answers = [post(shop, body) for _ in range(2)]

    ids = [event["id"] for event in json.loads(body)["events"]]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert [answer.json() for answer in answers] == [{"accepted": ids, "refused": []}] * 2
    assert only_delivery(shop).body == body
    shop.refresh_from_db()
    assert shop.last_delivery_at == TUESDAY


def test_unknown_address_is_404_and_a_switched_off_shop_410(workspace):
    shop = make_shop(workspace, is_enabled=False)
    path = reverse("integrations:shop_webhook", args=["00000000-0000-4000-8000-000000000000"])

    assert Client().post(path, b"{}", content_type="application/json").status_code == 404
    assert post(shop, b"{}").status_code == 410


def test_shop_that_is_switched_off_still_obeys_the_law(workspace):
    shop = make_shop(workspace, "shopify", is_enabled=False)

    response = post(shop, payload("shopify", "compliance_shop-redact"), "shop/redact")

    assert (response.status_code, work(only_delivery(shop))) == (200, "erased: the people of this shop")


@pytest.mark.parametrize("topic", ["app/uninstalled", "shop/redact"])
def test_order_under_a_topic_that_ends_a_shop_ends_nothing(workspace, topic):
    """Shopify signs the body, not the topic."""
    shop = make_shop(workspace, "shopify")
    post(shop, payload("shopify", "rest-2026-07_order"), topic)

    assert work(only_delivery(shop)).startswith("unreadable")
    shop.refresh_from_db()
    assert shop.is_enabled


def test_uninstalled_shop_is_stopped_and_keeps_no_token(workspace):
    shop = make_shop(workspace, "shopify")
    with scope(workspace=workspace):
        shop.credentials |= {"access_token": "shpat_1"}
        shop.save()
    post(shop, payload("shopify", "webhook_app-uninstalled"), "app/uninstalled")

    work(only_delivery(shop))

    shop.refresh_from_db()
    assert (shop.is_enabled, shop.uninstalled_at is not None, shop.credentials) == (
        False,
        True,
        {"client_secret": "app-secret"},
    )


def test_order_told_before_the_shop_went_sends_nothing_after(workspace):
    shop = make_shop(workspace)
    post(shop, payload("prestashop", "order_placed"))
    with scope(workspace=workspace):
        ShopConnection.objects.update(is_enabled=False)

    assert work(only_delivery(shop)) == "not sent: shop switched off"


def test_second_shop_at_the_same_address_is_turned_away_until_it_says_hello(workspace):
    shop = make_shop(workspace)
    post(shop, payload("prestashop", "hello"))
    work(only_delivery(shop))
    other = json.loads(payload("prestashop", "order_placed"))
    other["shop"]["id"] = 2

    turned_away = post(shop, json.dumps(other).encode())
    hello = json.loads(payload("prestashop", "hello"))
    hello["shop"]["id"] = 2
    post(shop, json.dumps(hello).encode())
    with scope(workspace=workspace):
        work(InboundDelivery.objects.latest("pk"))
    taken = post(shop, json.dumps(other).encode())

    assert (turned_away.status_code, taken.status_code) == (410, 200)


def test_get_changes_nothing(workspace):
    shop = make_shop(workspace)

    assert Client().get(shop_webhook_url(shop)).status_code == 405


def test_huge_body_is_413(workspace):
    assert post(make_shop(workspace), b" " * (2 * 1024 * 1024 + 1)).status_code == 413


def test_order_is_told_and_its_outcome_kept(workspace, heard):
    shop = make_shop(workspace)
    post(shop, payload("prestashop", "order_placed"))

    assert work(only_delivery(shop)) == "sent"
    assert heard == ["order.placed:1042"]


def test_batch_tells_each_change_in_its_order(workspace, heard):
    shop = make_shop(workspace)
    post(shop, payload("prestashop", "order_batch"))

    work(only_delivery(shop))

    assert heard == ["order.placed:1042", "order.placed:1044", "order.paid:1042"]


@pytest.mark.parametrize(
    ("platform", "sample", "topic", "expected"),
    [
        ("prestashop", "order_placed", "", "noted: order placed"),
        ("prestashop", "order_test", "", "not sent: test order"),
        ("prestashop", "order_backfill", "", "not sent: too old"),
        ("prestashop", "hello", "", "connected"),
        ("shopify", "webhook_orders-create", "orders/create", "not sent: test order"),
        ("shopify", "rest-2026-07_order", "orders/create", "not sent: too old"),
        ("shopify", "compliance_shop-redact", "shop/redact", "erased: the people of this shop"),
        ("shopify", "compliance_customers-redact", "customers/redact", "erased: the customer"),
        ("shopify", "compliance_customers-data_request", "customers/data_request", "nothing kept of them"),
        ("shopify", "rest-2026-07_abandoned_checkout", "checkouts/update", "noted: cart"),
        ("shopify", "rest-2026-07_customer_sms_consent", "customers/update", "noted: customer"),
        (
            "shopify",
            "webhook_app-uninstalled",
            "app/uninstalled",
            "uninstalled: nothing is sent for this shop any more",
        ),
        ("prestashop", "goodbye", "", "uninstalled: nothing is sent for this shop any more"),
        ("prestashop", "cart_changed", "", "noted: cart"),
        ("prestashop", "customer_never_asked", "", "noted: customer"),
        ("prestashop", "customer_erased", "", "erased: the customer"),
        ("shopify", "webhook_carts-create", "carts/create", "not used"),
    ],
)
def test_outcome_is_readable_where_nobody_answers(workspace, platform, sample, topic, expected):
    shop = make_shop(workspace, platform)

    assert post(shop, payload(platform, sample), topic).status_code == 200

    assert work(only_delivery(shop)) == expected


def test_unreadable_body_is_kept_and_says_so(workspace):
    shop = make_shop(workspace, "shopify")
    post(shop, b'{"id": 1}')

    outcome = work(only_delivery(shop))

    assert (outcome, only_delivery(shop).state) == ("unreadable: currency is not a currency.", "dead")


def test_same_order_under_another_topic_tells_nothing_new(workspace, heard):
    shop = make_shop(workspace, "shopify")
    body = shop_of(shop).freshen(payload("shopify", "webhook_orders-create"), "orders/create", TUESDAY)
    post(shop, body, "orders/create")
    work(only_delivery(shop))
    post(shop, body, "orders/updated")

    with scope(workspace=workspace):
        second = InboundDelivery.objects.get(topic="orders/updated")
        assert (work(second), len(heard), Order.objects.count()) == ("nothing new", 1, 1)


def refund_of(order: bytes) -> bytes:
    return json.dumps(
        {**json.loads(payload("shopify", "rest-2026-07_refund")), "order_id": json.loads(order)["id"]}
    ).encode()


def test_refund_before_its_order_waits_for_it(workspace, heard):
    shop = make_shop(workspace, "shopify")
    order = shop_of(shop).freshen(payload("shopify", "webhook_orders-create"), "orders/create", TUESDAY)
    post(shop, refund_of(order), "refunds/create")
    refund = only_delivery(shop)

    assert (work(refund), heard) == ("waiting for its order", [])
    post(shop, order)
    inbox.sweep(now=TUESDAY + timedelta(minutes=5))

    refund.refresh_from_db()
    assert (refund.state, refund.outcome, heard[1:]) == ("done", "sent", ["order.refunded:509562969"])


def test_refund_of_an_order_that_never_comes_is_given_up(workspace):
    shop = make_shop(workspace, "shopify")
    post(shop, payload("shopify", "rest-2026-07_refund"), "refunds/create")

    refund = inbox.work(delivery_id=only_delivery(shop).pk, now=TUESDAY + timedelta(minutes=16))

    assert (refund.state, refund.outcome) == ("dead", "its order is not known")


def test_working_again_tells_the_same_events_and_makes_no_new_ones(workspace, heard):
    shop = make_shop(workspace)
    post(shop, payload("prestashop", "order_placed"))
    work(only_delivery(shop))

    again = work_again(delivery=only_delivery(shop), now=TUESDAY + timedelta(minutes=2))

    assert (again.outcome, heard) == ("sent", ["order.placed:1042"] * 2)
    with scope(workspace=workspace):
        assert ShopEvent.objects.count() == 1


def test_failing_receiver_is_told_again_and_the_event_is_not_lost(workspace, heard):
    def broken(**_):
        raise RuntimeError

    shop = make_shop(workspace)
    post(shop, payload("prestashop", "order_placed"))
    shop_event_received.connect(broken)
    try:
        work(only_delivery(shop))
    finally:
        shop_event_received.disconnect(broken)

    delivery = inbox.work(delivery_id=only_delivery(shop).pk, now=TUESDAY + timedelta(hours=1))

    assert (delivery.state, delivery.outcome, heard) == ("done", "sent", ["order.placed:1042"] * 2)


def test_shop_of_another_workspace_keeps_its_own(workspace, other_workspace):
    shop, other = make_shop(workspace), make_shop(other_workspace)
    for each in (shop, other):
        post(each, payload("prestashop", "order_placed"))
        work(only_delivery(each))

    for each in (shop, other):
        with scope(workspace=each.workspace):
            assert Order.objects.get().shop == each
