from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import transaction
from django_scopes import scope
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audience.models import Consent, Contact
from integrations.models import Order, ShopConnection, ShopEvent
from integrations.queries import why_not_to_send
from integrations.services.orders import UnknownOrder, apply_part, apply_snapshot
from integrations.shops.base import OrderPart, OrderSnapshot, PhoneCandidate, Refund
from tests.factories import TUESDAY, make_shop

HOUR = timedelta(hours=1)
PLACED = OrderSnapshot(
    external_id="1042",
    number="XKBKNABJK",
    version=1_000,
    placed_at=TUESDAY,
    currency="EUR",
    total=5490,
    first_name="Camille",
    phones=(PhoneCandidate("02 61 91 00 01", "FR"), PhoneCandidate("06 39 98 12 34", "FR")),
    country="FR",
    language="fr",
)
PAID = replace(PLACED, version=2_000, paid_at=TUESDAY + HOUR)
SHIPPED = replace(PAID, version=3_000, shipped_at=TUESDAY + 2 * HOUR, tracking=({"number": "6A1", "url": ""},))
REFUNDED = replace(SHIPPED, version=4_000, refunds=(Refund("77", 1250, TUESDAY + 3 * HOUR),))


@pytest.fixture
def shop(in_workspace) -> ShopConnection:
    return make_shop(in_workspace)


def keys(events: list[ShopEvent]) -> list[str]:
    return [event.event_key for event in events]


def test_first_snapshot_places_the_order_and_finds_its_customer(shop):
    [event] = apply_snapshot(shop=shop, snapshot=PLACED)

    order = Order.objects.get()
    assert (event.kind, event.event_key, event.occurred_at) == ("order.placed", "order.placed:1042", TUESDAY)
    assert (order.number, order.total, order.currency) == ("XKBKNABJK", 5490, "EUR")
    assert (order.contact.phone, order.contact.first_name) == ("+33639981234", "Camille")
    assert order.contact.source == f"shop: {shop.name}"


def test_refused_phones_are_kept_with_their_reason(shop):
    apply_snapshot(shop=shop, snapshot=PLACED)

    landline, mobile = Order.objects.get().customer["phones"]
    assert (landline["number"], bool(landline["refused"])) == ("02 61 91 00 01", True)
    assert mobile == {"number": "06 39 98 12 34", "country": "FR", "mobile": "+33639981234"}


def test_order_implies_no_consent(shop):
    apply_snapshot(shop=shop, snapshot=PLACED)

    assert not Consent.objects.exists()


def test_known_contact_is_found_again_and_keeps_its_name(shop):
    apply_snapshot(shop=shop, snapshot=PLACED)
    apply_snapshot(shop=shop, snapshot=replace(PLACED, external_id="1043", first_name="Noé"))

    assert list(Contact.objects.values_list("first_name", flat=True)) == ["Camille"]


def test_each_change_happens_once(shop):
    told = [keys(apply_snapshot(shop=shop, snapshot=each)) for each in (PLACED, PAID, PAID, SHIPPED, REFUNDED, PAID)]

    assert told == [
        ["order.placed:1042"],
        ["order.paid:1042"],
        [],
        ["order.shipped:1042"],
        ["order.refunded:77"],
        [],
    ]
    assert Order.objects.get().refunded_total == 1250


PART = OrderPart("1042", {"shipped_at": TUESDAY + HOUR}, ({"number": "6A2", "url": ""},))


def test_part_tells_once_what_its_order_did_not_know(shop):
    apply_snapshot(shop=shop, snapshot=PLACED)

    told = [keys(apply_part(shop=shop, part=PART)) for _ in range(2)]

    order = Order.objects.get()
    assert told == [["order.shipped:1042"], []]
    assert (order.shipped_at, order.tracking, order.version) == (TUESDAY + HOUR, [{"number": "6A2", "url": ""}], 1_000)
    assert keys(apply_snapshot(shop=shop, snapshot=SHIPPED)) == ["order.paid:1042"]


def test_part_before_its_order_is_refused(shop):
    with pytest.raises(UnknownOrder):
        apply_part(shop=shop, part=PART)


def test_two_refunds_add_up_however_they_come(shop):
    refunds = [Refund("77", 1250, TUESDAY), Refund("78", 300, TUESDAY)]
    apply_snapshot(shop=shop, snapshot=PLACED)

    for refund in (*refunds, refunds[0]):
        apply_part(shop=shop, part=OrderPart("1042", refunds=(refund,)))
    told = keys(apply_snapshot(shop=shop, snapshot=REFUNDED))

    assert (Order.objects.get().refunded_total, told) == (1550, ["order.paid:1042", "order.shipped:1042"])


def test_one_parcel_of_two_that_has_arrived_is_no_delivery(shop):
    apply_snapshot(shop=shop, snapshot=replace(SHIPPED, tracking=({"number": "6A1"}, {"number": "6A2"})))

    assert apply_part(shop=shop, part=OrderPart("1042", {"delivered_at": TUESDAY + 3 * HOUR})) == []


def test_jump_tells_everything_in_between(shop):
    events = apply_snapshot(shop=shop, snapshot=SHIPPED)

    assert keys(events) == ["order.placed:1042", "order.paid:1042", "order.shipped:1042"]


def test_older_version_never_overwrites_a_newer(shop):
    apply_snapshot(shop=shop, snapshot=replace(SHIPPED, total=6000))
    apply_snapshot(shop=shop, snapshot=PLACED)

    order = Order.objects.get()
    assert (order.total, order.version, order.shipped_at) == (6000, 3_000, SHIPPED.shipped_at)


def test_newer_version_does_not_unset_what_has_happened(shop):
    apply_snapshot(shop=shop, snapshot=PAID)
    apply_snapshot(shop=shop, snapshot=replace(PLACED, version=9_000))

    assert Order.objects.get().paid_at == PAID.paid_at


def test_same_version_fills_gaps_only(shop):
    apply_snapshot(shop=shop, snapshot=replace(PLACED, status_url="https://shop.example/42", phones=()))
    apply_snapshot(shop=shop, snapshot=PLACED)

    order = Order.objects.get()
    assert (order.status_url, order.contact.phone) == ("https://shop.example/42", "+33639981234")


def test_order_from_before_the_connection_is_a_backfill(shop):
    old = replace(PLACED, placed_at=shop.connected_at - HOUR)

    [event] = apply_snapshot(shop=shop, snapshot=old)

    assert event.is_backfill


def test_test_order_is_nobodys(shop):
    apply_snapshot(shop=shop, snapshot=replace(PLACED, is_test=True))

    assert (Order.objects.get().contact, Contact.objects.exists()) == (None, False)


def test_same_order_number_in_two_shops_is_two_orders(shop, other_workspace):
    apply_snapshot(shop=shop, snapshot=PLACED)

    told = apply_snapshot(shop=make_shop(other_workspace), snapshot=PLACED)

    assert keys(told) == ["order.placed:1042"]
    with scope(workspace=other_workspace):
        assert Order.objects.get().contact.phone == "+33639981234"
    assert Order.objects.get().shop == shop


@pytest.mark.parametrize(
    ("snapshot", "later", "expected"),
    [
        (PLACED, HOUR, ""),
        (replace(PLACED, is_test=True), HOUR, "test order"),
        (PLACED, 7 * HOUR, "too old"),
        (replace(PLACED, is_backfill=True), HOUR, "from before the shop was connected"),
        (replace(PLACED, phones=PLACED.phones[:1]), HOUR, "no mobile"),
    ],
)
def test_reason_not_to_send_is_readable(shop, snapshot, later, expected):
    [event] = apply_snapshot(shop=shop, snapshot=snapshot)

    assert why_not_to_send(event=event, now=TUESDAY + later) == expected


def snapshots() -> st.SearchStrategy[OrderSnapshot]:
    """Bodies of one order as a careless shop may send them: same versions, facts that come and go."""
    times = st.sampled_from([TUESDAY, TUESDAY + HOUR, TUESDAY + 2 * HOUR])
    phones = st.lists(st.sampled_from(["06 39 98 12 34", "0639980002", "0261910001", "x"]), max_size=2)
    refunds = st.sets(st.sampled_from([("1", 100), ("2", 250), ("3", 0)]))
    return st.builds(
        replace,
        st.just(PLACED),
        version=st.integers(1, 3),
        number=st.sampled_from(["A", "B"]),
        placed_at=times,
        total=st.integers(0, 2),
        paid_at=st.none() | times,
        shipped_at=st.none() | times,
        ready_at=st.none() | times,
        cancelled_at=st.none() | times,
        is_test=st.sampled_from([False, False, True]),
        status_url=st.sampled_from(["", "https://shop.example/42"]),
        phones=phones.map(lambda numbers: tuple(PhoneCandidate(number, "FR") for number in numbers)),
        refunds=refunds.map(lambda found: tuple(Refund(id_, amount, TUESDAY) for id_, amount in sorted(found))),
    )


@given(data=st.data())
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_order_of_arrival_ends_in_the_same_place(shop, data):
    sent = data.draw(st.lists(snapshots(), min_size=1, max_size=5))
    duplicates = data.draw(st.lists(st.sampled_from(sent), max_size=3))
    shuffled = data.draw(st.permutations([*sent, *duplicates]))

    assert result_of(shop, sent) == result_of(shop, shuffled)


def result_of(shop: ShopConnection, arriving: list[OrderSnapshot]) -> tuple:
    with undone():
        told = [key for each in arriving for key in keys(apply_snapshot(shop=shop, snapshot=each))]
        order = Order.objects.select_related("contact").get()
        values = {field.name: getattr(order, field.name) for field in Order._meta.fields}
        values |= {"id": None, "contact": order.contact and order.contact.phone}
        assert len(told) == len(set(told))
        return values, sorted(told)


@contextmanager
def undone():
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
