import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from integrations.shops.base import BadShopPayload, OrderPart, PhoneCandidate, PrivacyRequest, Refund
from integrations.shops.shopify import Shopify
from tests.factories import TUESDAY
from tests.integrations.shop_calls import payload, signed_call

SHOP = Shopify({"client_secret": "shhh"})


def order(**changes: object) -> bytes:
    return json.dumps({**json.loads(payload("shopify", "rest-2026-07_order")), **changes}).encode()


def parsed(body: bytes):
    [snapshot] = SHOP.parse("orders/updated", body)
    return snapshot


def test_signature_is_the_documented_one():
    """Computed with `openssl dgst -sha256 -hmac shhh -binary | base64`."""
    call = signed_call(SHOP, b'{"id":1}')

    assert call.headers["x-shopify-hmac-sha256"] == "Lcc9Yf2U6zbkFFL44wuL0uEJMTo4Q8mC5iIG3KWCtLA="


def test_headers_without_the_x_are_read_as_well():
    call = signed_call(SHOP, b"{}")
    renamed = replace(call, headers={name.removeprefix("x-"): value for name, value in call.headers.items()})

    assert (SHOP.verify(renamed, TUESDAY), SHOP.topic(renamed)) == (True, "orders/create")
    assert SHOP.dedup_key(renamed) == SHOP.dedup_key(call)


def test_old_secret_counts_while_a_new_one_is_introduced():
    call = signed_call(SHOP, b"{}")
    rotated = Shopify({"client_secret": "new", "previous_client_secret": "shhh"})

    assert rotated.verify(call, TUESDAY)


def test_same_event_over_two_subscriptions_is_one_delivery_by_topic():
    call = signed_call(SHOP, b"{}")
    first = replace(call, headers=call.headers | {"x-shopify-event-id": "e1", "x-shopify-webhook-id": "w1"})
    second = replace(call, headers=call.headers | {"x-shopify-event-id": "e1", "x-shopify-webhook-id": "w2"})
    paid = replace(second, headers=second.headers | {"x-shopify-topic": "orders/paid"})

    assert SHOP.dedup_key(first) == SHOP.dedup_key(second)
    assert SHOP.dedup_key(paid) != SHOP.dedup_key(second)


def test_rich_order_becomes_a_snapshot():
    snapshot = parsed(order())

    assert (snapshot.external_id, snapshot.number, snapshot.currency, snapshot.total) == (
        "450789469",
        "#1001",
        "USD",
        59894,
    )
    assert snapshot.placed_at == datetime(2008, 1, 10, 16, 0, tzinfo=UTC)
    assert snapshot.version == int(snapshot.placed_at.timestamp() * 1000)
    assert snapshot.refunds == (Refund("509562969", 20900, datetime(2025, 7, 2, 16, 29, 59, tzinfo=UTC)),)
    assert (snapshot.first_name, snapshot.country, snapshot.language) == ("Bob", "US", "")
    assert (snapshot.discount_codes, snapshot.is_test) == (("TENOFF",), False)
    # The only fulfilment failed.
    assert (snapshot.shipped_at, snapshot.tracking) == (None, ())


def test_phones_come_in_the_order_of_who_waits_for_the_parcel():
    assert parsed(order()).phones == (
        PhoneCandidate("+1(502)-459-2181", "US"),
        PhoneCandidate("+557734881234", "US"),
        PhoneCandidate("+16136120707", "US"),
        PhoneCandidate("+1(502)-459-2181", "US"),
    )


def test_yen_have_no_cents():
    assert parsed(order(currency="JPY", total_price="1200", refunds=[])).total == 1200


def test_protected_customer_data_may_be_missing():
    snapshot = parsed(order(shipping_address=None, billing_address=None, customer=None, phone=None))

    assert (snapshot.phones, snapshot.first_name, snapshot.country) == ((), "", "")


def test_locale_is_reduced_to_its_language():
    assert parsed(order(customer_locale="pt-BR")).language == "pt"


def test_parcels_that_left_are_shipped_and_the_last_arrival_is_delivery():
    parcel = {
        "status": "success",
        "shipment_status": "delivered",
        "created_at": "2026-11-24T10:00:00+01:00",
        "updated_at": "2026-11-25T10:00:00+01:00",
        "tracking_number": "6A1",
        "tracking_url": "javascript:alert(1)",
        "tracking_company": "Colissimo",
    }

    snapshot = parsed(order(fulfillments=[parcel, {**parcel, "status": "cancelled"}]))

    assert snapshot.shipped_at == datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
    assert snapshot.delivered_at == datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
    assert snapshot.tracking == ({"number": "6A1", "url": "", "carrier": "Colissimo"},)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"note_attributes": [{"name": "smsc", "value": "Ab3_x-9"}]}, "Ab3_x-9"),
        ({"landing_site": "/soldes?utm_source=sms&smsc=k7"}, "k7"),
        ({"landing_site": "/soldes?smsc=<script>"}, ""),
        ({"landing_site": "http://[bad"}, ""),
    ],
)
def test_click_id_is_found_where_the_shop_keeps_it(changes, expected):
    assert parsed(order(**changes)).click_id == expected


def test_text_that_no_database_takes_is_cleaned():
    body = order(name="#1\x00001").replace(b'"Bob"', b'"Bo\\ud800b"')

    assert (parsed(body).number, parsed(body).first_name) == ("#1001", "Bob")


@pytest.mark.parametrize(
    "changes",
    [
        {"id": None},
        {"updated_at": None},
        {"updated_at": "2026-11-24T10:00:00"},
        {"updated_at": "0001-01-01T00:00:00+14:00"},
        {"currency": "euros"},
        {"total_price": "NaN"},
        {"total_price": "-1"},
        {"shipping_address": "12 rue du Port"},
        {"refunds": {}},
    ],
)
def test_unreadable_order_is_refused_by_name(changes):
    with pytest.raises(BadShopPayload):
        parsed(order(**changes))


def test_other_topics_bring_no_order():
    assert SHOP.parse("orders/edited", b"not even JSON") == []


def test_parcel_of_its_own_tells_what_happened_to_its_order():
    parcel = {
        **json.loads(payload("shopify", "rest-2026-07_fulfillment")),
        "status": "success",
        "shipment_status": "out_for_delivery",
        "updated_at": "2025-07-03T08:00:00-05:00",
    }

    [part] = SHOP.parse("fulfillments/update", json.dumps(parcel).encode())

    assert part.external_id == "450789469"
    assert part.facts == {
        "shipped_at": datetime(2025, 7, 2, 16, 38, 15, tzinfo=UTC),
        "out_for_delivery_at": datetime(2025, 7, 3, 13, 0, tzinfo=UTC),
    }
    assert [each["number"] for each in part.tracking] == ["1Z1234512345123456"]


def test_parcel_that_failed_tells_nothing():
    [part] = SHOP.parse("fulfillments/create", payload("shopify", "rest-2026-07_fulfillment"))

    assert part == OrderPart("450789469")


@pytest.mark.parametrize(
    ("status", "field"),
    [
        ("out_for_delivery", "out_for_delivery_at"),
        ("ready_for_pickup", "ready_at"),
        ("delivered", "delivered_at"),
        ("picked_up", "delivered_at"),
        ("delayed", "delayed_at"),
        ("in_transit", None),
    ],
)
def test_carrier_says_how_far_a_parcel_is(status, field):
    event = {**json.loads(payload("shopify", "rest-2026-07_fulfillment_event")), "status": status}

    [part] = SHOP.parse("fulfillment_events/create", json.dumps(event).encode())

    happened_at = datetime(2025, 7, 2, 16, 39, 30, tzinfo=UTC)
    assert part == OrderPart("450789469", facts={field: happened_at} if field else {})


def test_refund_of_its_own_is_the_one_in_its_order():
    [part] = SHOP.parse("refunds/create", payload("shopify", "rest-2026-07_refund"))

    assert part == OrderPart(
        "450789469", refunds=(Refund("509562969", 20900, datetime(2025, 7, 2, 16, 38, 15, tzinfo=UTC)),)
    )


def test_whole_order_tells_how_far_its_parcels_are():
    parcel = {"status": "success", "shipment_status": "ready_for_pickup", "created_at": "2026-11-24T10:00:00+01:00"}

    snapshot = parsed(order(fulfillments=[{**parcel, "updated_at": "2026-11-25T10:00:00+01:00"}]))

    assert (snapshot.ready_at, snapshot.delivered_at) == (datetime(2026, 11, 25, 9, 0, tzinfo=UTC), None)


def test_compliance_topics_name_the_customer_and_the_orders():
    [redact] = SHOP.parse("customers/redact", payload("shopify", "compliance_customers-redact"))
    [request] = SHOP.parse("customers/data_request", payload("shopify", "compliance_customers-data_request"))

    assert redact == PrivacyRequest(
        True, "191167", ("299938", "280263", "220458"), (PhoneCandidate("555-625-1199", ""),)
    )
    assert (request.erases, request.customer_id) == (False, "191167")


def test_fresh_order_is_new_now_and_real():
    body = SHOP.freshen(payload("shopify", "webhook_orders-create"), "orders/create", TUESDAY)

    snapshot = parsed(SHOP.with_phone(body, "+33639980001"))

    assert (snapshot.placed_at, snapshot.cancelled_at, snapshot.is_test) == (TUESDAY, None, False)
    assert {phone.number for phone in snapshot.phones} == {"+33639980001"}
    assert snapshot.external_id != "820982911946154500"
