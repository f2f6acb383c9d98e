from dataclasses import replace
from datetime import timedelta

import pytest
from django_scopes import scope

from audience.models import Contact
from audience.services import grant_consent
from integrations.models import DataRequest, InboundDelivery, Order, ShopCustomer
from integrations.services import inbox, privacy
from integrations.services.customers import apply_customer
from integrations.services.orders import apply_snapshot
from integrations.services.privacy import act
from integrations.shops.base import CustomerSnapshot, OrderSnapshot, PhoneCandidate, PrivacyRequest
from integrations.shops.registry import shop_of
from tests.factories import TUESDAY, make_shop
from tests.integrations.shop_calls import payload, signed_call

PHONES = (PhoneCandidate("06 39 98 12 34", "FR"),)
ORDER = OrderSnapshot("1042", "A", 1_000, TUESDAY, "EUR", 5490, "Camille", PHONES)
CUSTOMER = CustomerSnapshot("311", 1_000, "Camille", PHONES)
REDACT = PrivacyRequest(True, "311", ("1042",), PHONES)


@pytest.fixture
def shop(in_workspace):
    return make_shop(in_workspace)


@pytest.fixture
def delivery(shop):
    call = signed_call(shop_of(shop), payload("prestashop", "customer_erased"))
    inbox.store_call(origin=shop, topic="customer.erased", dedup_key="k", call=call, now=TUESDAY)
    return InboundDelivery.objects.get()


def ask(shop, delivery, request: PrivacyRequest) -> str:
    return act(shop=shop, request=request, delivery=delivery, now=TUESDAY)


def test_customer_whom_the_shop_brought_is_erased_and_does_not_come_back(shop, delivery):
    apply_snapshot(shop=shop, snapshot=ORDER)
    apply_customer(shop=shop, snapshot=CUSTOMER, now=TUESDAY)

    assert ask(shop, delivery, REDACT) == "erased: the customer"
    apply_snapshot(shop=shop, snapshot=replace(ORDER, version=2_000))
    apply_customer(shop=shop, snapshot=replace(CUSTOMER, version=2_000), now=TUESDAY)

    order = Order.objects.get()
    assert (order.total, order.customer, order.contact, Contact.objects.count()) == (5490, {}, None, 0)


def test_body_that_asked_for_it_is_emptied(shop, delivery):
    ask(shop, delivery, REDACT)

    delivery.refresh_from_db()
    assert bytes(delivery.body) == b""


def test_customer_who_agreed_elsewhere_stays_without_what_the_shop_told(shop, delivery):
    apply_snapshot(shop=shop, snapshot=ORDER)
    grant_consent(
        workspace=shop.workspace, contact=Contact.objects.get(), purpose="marketing", source="form",
        wording="Yes.", occurred_at=TUESDAY, now=TUESDAY,
    )  # fmt: skip

    ask(shop, delivery, REDACT)

    assert (Contact.objects.get().orders.count(), Order.objects.get().customer) == (0, {})


def test_customer_whom_nobody_knew_yet_does_not_come_later(shop, delivery):
    ask(shop, delivery, REDACT)

    assert apply_customer(shop=shop, snapshot=CUSTOMER, now=TUESDAY) == ["not used: this customer was erased"]
    assert not Contact.objects.exists()


def test_request_for_data_is_kept_for_the_merchant_once(shop, delivery):
    apply_snapshot(shop=shop, snapshot=ORDER)

    outcomes = {ask(shop, delivery, replace(REDACT, erases=False)) for _ in range(2)}

    request = DataRequest.objects.get()
    assert outcomes == {"to do within 30 days: give the customer's data to the merchant"}
    assert (request.contact.phone, request.due_at) == ("+33639981234", TUESDAY + timedelta(days=30))


def test_end_of_a_shop_erases_its_people_and_nobody_else(shop, delivery, other_workspace):
    other = make_shop(other_workspace)
    second = make_shop(shop.workspace, name="Second")
    apply_snapshot(shop=shop, snapshot=ORDER)
    apply_snapshot(shop=second, snapshot=replace(ORDER, phones=(PhoneCandidate("06 39 98 00 02", "FR"),)))
    apply_snapshot(shop=other, snapshot=ORDER)

    assert ask(shop, delivery, PrivacyRequest(True)) == "erased: the people of this shop"

    assert [contact.phone for contact in Contact.objects.all()] == ["+33639980002"]
    assert list(Order.objects.order_by("pk").values_list("erased_at", flat=True)) == [TUESDAY, None]
    with scope(workspace=other_workspace):
        assert (Contact.objects.count(), Order.objects.get().erased_at) == (1, None)


def test_end_of_a_shop_takes_its_people_a_few_at_a_time_and_keeps_the_delivery_to_itself(shop, delivery, monkeypatch):
    monkeypatch.setattr(privacy, "AT_A_TIME", 2)
    for number in range(5):
        phones = (PhoneCandidate(f"06 39 98 00 0{number}", "FR"),)
        apply_snapshot(shop=shop, snapshot=replace(ORDER, external_id=str(number), phones=phones))
    apply_customer(shop=shop, snapshot=CUSTOMER, now=TUESDAY)
    held = delivery.next_attempt_at

    ask(shop, delivery, PrivacyRequest(True))

    delivery.refresh_from_db()
    assert (Contact.objects.count(), Order.objects.filter(erased_at=TUESDAY).count()) == (0, 5)
    assert (ShopCustomer.objects.get().erased_at, delivery.next_attempt_at != held) == (TUESDAY, True)


def test_customer_known_to_two_shops_stays_with_the_other(shop, delivery):
    second = make_shop(shop.workspace, name="Second")
    for each in (shop, second):
        apply_snapshot(shop=each, snapshot=ORDER)

    ask(shop, delivery, PrivacyRequest(True))

    assert Contact.objects.get().orders.get().shop == second
    assert not ShopCustomer.objects.exclude(erased_at=None).exists()
