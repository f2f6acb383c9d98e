import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook

from integrations.shops.base import BadShopPayload, PhoneCandidate, Refund
from integrations.shops.prestashop import PrestaShop
from tests.factories import TUESDAY
from tests.integrations.shop_calls import payload, signed_call

SHOP = PrestaShop(PrestaShop.new_credentials())


def body_with(*changes: dict) -> bytes:
    """The batch sample, each event's order changed in turn."""
    content = json.loads(payload("prestashop", "order_batch"))
    for event, change in zip(content["events"], changes, strict=False):
        event["order"] |= change
    return json.dumps(content).encode()


def test_signature_is_the_one_of_standard_webhooks():
    now = datetime.now(UTC)
    call = signed_call(SHOP, payload("prestashop", "order_placed"), now=now)

    Webhook(SHOP.credentials["secret"]).verify(call.body, dict(call.headers))


@pytest.mark.parametrize(("seconds", "expected"), [(0, True), (300, True), (-300, True), (301, False), (-301, False)])
def test_clock_may_be_five_minutes_off(seconds, expected):
    call = signed_call(SHOP, b"{}")

    assert SHOP.verify(call, TUESDAY + timedelta(seconds=seconds)) is expected


@pytest.mark.parametrize("header", ["webhook-id", "webhook-timestamp"])
def test_altered_id_or_timestamp_is_refused(header):
    call = signed_call(SHOP, b"{}")
    altered = replace(call, headers=call.headers | {header: call.headers[header][:-1] + "7"})

    assert not SHOP.verify(altered, TUESDAY)


def test_one_good_signature_of_several_is_enough():
    call = signed_call(SHOP, b"{}")
    both = "v1,c29tZXRoaW5nIGVsc2U= " + call.headers["webhook-signature"]

    assert SHOP.verify(replace(call, headers=call.headers | {"webhook-signature": both}), TUESDAY)


def test_previous_secret_counts_while_it_rotates():
    call = signed_call(SHOP, b"{}")
    rotated = PrestaShop(PrestaShop.new_credentials() | {"previous_secret": SHOP.credentials["secret"]})

    assert rotated.verify(call, TUESDAY)


def test_retry_with_a_new_timestamp_is_the_same_delivery():
    first = signed_call(SHOP, payload("prestashop", "order_placed"))
    retry = signed_call(SHOP, payload("prestashop", "order_placed"), now=TUESDAY + timedelta(hours=1))

    assert SHOP.dedup_key(first) == SHOP.dedup_key(retry)


def test_order_event_becomes_a_snapshot():
    [snapshot] = SHOP.parse("", payload("prestashop", "order_refunded"))

    assert (snapshot.external_id, snapshot.number, snapshot.currency, snapshot.total) == (
        "1042",
        "XKBKNABJK",
        "EUR",
        5490,
    )
    assert snapshot.phones == (PhoneCandidate("02 61 91 00 01", "FR"), PhoneCandidate("06 39 98 12 34", "FR"))
    assert snapshot.placed_at == datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
    assert snapshot.shipped_at == datetime(2026, 11, 24, 15, 2, tzinfo=UTC)
    assert snapshot.refunds == (Refund("77", 1250, datetime(2026, 11, 24, 17, 0, tzinfo=UTC)),)
    assert snapshot.tracking[0]["carrier"] == "Colissimo"
    assert (snapshot.first_name, snapshot.language, snapshot.is_test) == ("Camille", "fr", False)


def test_batch_is_read_in_its_order():
    snapshots = SHOP.parse("", payload("prestashop", "order_batch"))

    assert [(each.external_id, bool(each.paid_at)) for each in snapshots] == [
        ("1042", False),
        ("1044", False),
        ("1042", True),
    ]


def test_one_bad_event_does_not_block_the_rest():
    body = body_with({}, {"total": "a lot"}, {})
    ids = [event["id"] for event in json.loads(body)["events"]]

    assert [each.external_id for each in SHOP.parse("", body)] == ["1042", "1042"]
    assert SHOP.answer(body) == {
        "accepted": [ids[0], ids[2]],
        "refused": [{"id": ids[1], "reason": "total is not an amount."}],
    }
    assert SHOP.note("", body) == "unreadable events: 1"


def test_kind_of_a_newer_module_is_accepted_and_ignored():
    content = json.loads(payload("prestashop", "order_placed"))
    content["events"][0]["kind"] = "voucher.changed"
    body = json.dumps(content).encode()

    assert (SHOP.parse("", body), SHOP.answer(body)["refused"]) == ([], [])


def test_newer_format_is_refused():
    with pytest.raises(BadShopPayload):
        SHOP.parse("", b'{"schema": 2, "events": []}')


def test_hello_is_noted():
    assert SHOP.note("", payload("prestashop", "hello")) == "connected"


def test_backfill_is_marked():
    [snapshot] = SHOP.parse("", payload("prestashop", "order_backfill"))

    assert snapshot.is_backfill


def test_fresh_batch_keeps_which_order_is_which():
    body = SHOP.with_phone(SHOP.freshen(payload("prestashop", "order_batch"), "", TUESDAY), "+33639980009")

    first, other, again = SHOP.parse("", body)

    assert (first.external_id == again.external_id, first.external_id == other.external_id) == (True, False)
    assert (first.placed_at, first.version < again.version) == (TUESDAY, True)
    assert {phone.number for each in (first, other, again) for phone in each.phones} == {"+33639980009"}


def test_an_order_says_what_was_ordered_by_its_first_titles():
    [placed, *_rest] = SHOP.parse("order.changed", body_with({"items": ["Tablier", "Torchon", "Bol", "Louche"]}))

    assert placed.items == ("Tablier", "Torchon", "Bol")
