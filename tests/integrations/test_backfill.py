import json
from datetime import timedelta

import httpx
import pytest
from django_scopes import scope

from audience.models import Consent, Contact
from campaigns.models import Decision
from integrations import http
from integrations.models import Backfill, InboundDelivery, Order, ShopCustomer, ShopEvent
from integrations.services import backfill, inbox, past_of_prestashop
from integrations.services.backfill import AlreadyRunning, cancel_backfill, continue_backfills, start_backfill
from integrations.shops.shopify import client as shopify_client
from tests.factories import TUESDAY, make_shop
from tests.integrations.fake_shopify import fake_shopify
from tests.integrations.test_asking_shopify import ORDER

SHOPS = "/admin/integrations/shops/"
CUSTOMER = {
    "legacyResourceId": "311",
    "updatedAt": "2026-11-20T09:00:00Z",
    "firstName": "Camille",
    "locale": "fr",
    "defaultPhoneNumber": {"phoneNumber": "+33639981234", "marketingState": "NOT_SUBSCRIBED"},
    "defaultAddress": {"phone": None, "firstName": "Camille", "countryCodeV2": "FR"},
}
LANDLINE = CUSTOMER | {
    "legacyResourceId": "312",
    "defaultPhoneNumber": None,
    "defaultAddress": {"phone": "02 61 91 00 01", "firstName": "Paul", "countryCodeV2": "FR"},
}
BROKEN = CUSTOMER | {"legacyResourceId": "313", "updatedAt": "yesterday"}
PAGES = {"customers": [[CUSTOMER, BROKEN], [LANDLINE]], "orders": [[ORDER]]}


@pytest.fixture
def fake(monkeypatch):
    with fake_shopify() as found:
        monkeypatch.setattr(shopify_client, "root_of", lambda domain: found.url)
        found.data = answer
        yield found


def answer(query: str, variables: dict) -> dict:
    name = "customers" if "ustomers" in query.split("{", maxsplit=1)[0] + query.split("(", maxsplit=1)[0] else "orders"
    if "counted" in query:
        return {"counted": {"count": sum(map(len, PAGES[name]))}}
    place, pages = int(variables["after"] or 0), PAGES[name]
    info = {"hasNextPage": place + 1 < len(pages), "endCursor": str(place + 1)}
    return {name: {"pageInfo": info, "nodes": pages[place]}}


@pytest.fixture
def shop(in_workspace):
    shop = make_shop(in_workspace, "shopify", shop_key="maison-lambert.myshopify.com")
    shop.credentials |= {"client_id": "app", "access_token": "shpat_1", "token_expires_at": "2027-01-01T00:00:00+00:00"}
    shop.save()
    return shop


class Clock:
    """A second passes whenever somebody looks."""

    def __init__(self) -> None:
        self.now = TUESDAY

    def __call__(self):
        self.now += timedelta(seconds=1)
        return self.now

    def pass_minutes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)


def go_on(clock: Clock, times: int = 3) -> None:
    """As the beat and the inbox do."""
    for _ in range(times):
        clock.pass_minutes(1)
        continue_backfills(clock=clock)
        inbox.work_off(clock=clock)


def test_customers_and_past_orders_become_contacts_and_figures_and_nothing_is_sent(fake, shop):
    start_backfill(shop=shop, now=TUESDAY)

    go_on(Clock())

    done, events = Backfill.objects.get(), ShopEvent.objects.count()
    assert (done.state, done.customers, done.customers_total, done.orders, done.orders_total) == ("done", 3, 3, 1, 1)
    assert done.report == {"customers": {"": 1, "landline": 1}, "orders": {"": 1}, "events": {"": events}}
    assert [customer.external_id for customer in ShopCustomer.objects.order_by("pk")] == ["311", "312"]
    assert (Contact.objects.count(), Consent.objects.count()) == (1, 0)
    assert (Order.objects.get().total, set(ShopEvent.objects.values_list("is_backfill", flat=True))) == (5490, {True})
    assert "unreadable events: 1" in InboundDelivery.objects.order_by("pk")[0].outcome
    assert Decision.objects.exclude(message=None).count() == 0


def test_worker_that_died_is_replaced_and_no_page_counts_twice(fake, shop, monkeypatch):
    job, clock = start_backfill(shop=shop, now=TUESDAY), Clock()
    monkeypatch.setattr(backfill, "_move_on", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        continue_backfills(clock=clock)
    monkeypatch.undo()
    monkeypatch.setattr(shopify_client, "root_of", lambda domain: fake.url)
    stored = InboundDelivery.objects.count()

    early = continue_backfills(clock=clock)
    clock.pass_minutes(6)
    go_on(clock)

    job.refresh_from_db()
    assert (stored, early, job.state, job.customers) == (1, 0, "done", 3)
    assert InboundDelivery.objects.count() == 3


def test_nothing_more_is_asked_for_while_the_inbox_has_much_to_do(fake, shop, monkeypatch):
    monkeypatch.setattr(backfill, "MOST_WAITING", 0)
    start_backfill(shop=shop, now=TUESDAY)

    continue_backfills(clock=Clock())

    assert (Backfill.objects.get().cursor, InboundDelivery.objects.count()) == ("1", 1)


def test_trouble_is_said_in_words_and_it_tries_again(fake, shop):
    job, clock = start_backfill(shop=shop, now=TUESDAY), Clock()
    fake.script = [(401, {}, {})]

    continue_backfills(clock=clock)
    job.refresh_from_db()
    trouble = job.trouble
    go_on(clock)

    job.refresh_from_db()
    assert (trouble, job.trouble, job.state) == ("Shopify refuses our token", "", "done")


def test_one_runs_at_a_time_and_can_be_stopped(fake, shop):
    job = start_backfill(shop=shop, now=TUESDAY)
    with pytest.raises(AlreadyRunning):
        start_backfill(shop=shop, now=TUESDAY)

    cancel_backfill(shop=shop, now=TUESDAY)
    continue_backfills(clock=Clock())

    job.refresh_from_db()
    assert (job.state, fake.asked, start_backfill(shop=shop, now=TUESDAY).pk > job.pk) == ("cancelled", [], True)


@pytest.fixture
def module(in_workspace, monkeypatch):
    """A PrestaShop shop of 60 customers and 10 orders, whose module delivers a page before it is asked again."""
    shop = make_shop(in_workspace, wake_url="https://maison-lambert.example/health")
    totals, asked = {"customers": 60, "orders": 10}, []

    def request(method, url, *, headers, content, **options):
        asked.append(content.decode())
        what, after = content.decode().removeprefix("past=").split("&after=")
        noted = min(50, totals[what] - int(after))
        told = {"past": {"noted": noted, "last": int(after) + noted, "total": totals[what]}, "waiting": noted}
        return httpx.Response(200, content=json.dumps(told))

    monkeypatch.setattr(past_of_prestashop, "request", request)
    return shop, asked


def test_prestashop_is_asked_page_by_page_until_it_has_told_all(module):
    shop, asked = module
    start_backfill(shop=shop, now=TUESDAY)

    go_on(Clock())

    done = Backfill.objects.get()
    assert (done.state, done.customers, done.orders, done.customers_total) == ("done", 60, 10, 60)
    assert asked == [
        "past=customers&after=0",
        "past=customers&after=50",
        "past=customers&after=60",
        "past=orders&after=0",
        "past=orders&after=10",
    ]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (httpx.Response(401), "the shop refuses our call: connect it again"),
        (httpx.Response(200, content="<html>"), "the shop’s answer could not be understood"),
        (httpx.Response(200, content="{}"), "the module in the shop is too old: install the one offered here"),
        (
            httpx.Response(200, content='{"past": {"noted": -1, "last": 1, "total": 1}}'),
            "the shop’s answer could not be understood",
        ),
        (http.NoAnswer("ReadTimeout"), "the shop can’t be reached"),
    ],
)
def test_what_a_module_does_not_tell_stands_on_the_page(module, monkeypatch, told, expected):
    def request(*_args, **_options):
        if isinstance(told, Exception):
            raise told
        return told

    monkeypatch.setattr(past_of_prestashop, "request", request)
    start_backfill(shop=module[0], now=TUESDAY)

    continue_backfills(clock=Clock())

    job = Backfill.objects.get()
    assert (job.trouble, job.state, job.leased_until > TUESDAY + timedelta(minutes=1)) == (expected, "running", True)


def test_owner_starts_it_watches_it_and_stops_it(owner_client, workspace):
    shop = make_shop(workspace, wake_url="https://maison-lambert.example/", last_delivery_at=TUESDAY)
    before = owner_client.get(f"{SHOPS}inspect/{shop.pk}/").text

    owner_client.post(f"{SHOPS}past/{shop.pk}/start/")
    again = owner_client.post(f"{SHOPS}past/{shop.pk}/start/", follow=True)
    card = owner_client.get(f"{SHOPS}past/{shop.pk}/").text
    owner_client.post(f"{SHOPS}past/{shop.pk}/stop/")

    with scope(workspace=workspace):
        assert Backfill.objects.get().state == Backfill.State.CANCELLED
    assert [str(message) for message in again.context["messages"]] == ["This is under way already."]
    assert (f"past/{shop.pk}/start/" in before, "data-every" in card, f"past/{shop.pk}/stop/" in card) == (True,) * 3


def test_shop_that_can_not_be_asked_offers_nothing(owner_client, workspace):
    shop = make_shop(workspace, "shopify", last_delivery_at=TUESDAY)

    owner_client.post(f"{SHOPS}past/{shop.pk}/start/")

    assert "/start/" not in owner_client.get(f"{SHOPS}inspect/{shop.pk}/").text
    with scope(workspace=workspace):
        assert not Backfill.objects.exists()


def test_report_says_why_customers_and_orders_have_no_mobile(owner_client, workspace):
    shop = make_shop(workspace, wake_url="https://maison-lambert.example/", last_delivery_at=TUESDAY)
    with scope(workspace=workspace):
        start_backfill(shop=shop, now=TUESDAY)
        report = {"customers": {"": 3, "landline": 1}, "orders": {"no_number": 2}, "events": {"": 1_234}}
        Backfill.objects.update(state="done", report=report)

    page = owner_client.get(f"{SHOPS}inspect/{shop.pk}/").text

    assert ("This is a landline" in page, "There is no number" in page, "events from before" in page) == (True,) * 3
