import json
from datetime import timedelta

import pytest
from django.db import connection
from django_scopes import scope

from audience.ledger.sealing import SETTLES_IN, seal_ledger
from audience.models import Consent
from audience.services import record_opt_out
from integrations.models import InboundDelivery, Order, ShopConnection, ShopCustomer
from integrations.queries import shop_webhook_url
from integrations.services import inbox, shopify
from integrations.services.customers import apply_customer
from integrations.shops.base import CustomerSnapshot, PhoneCandidate
from integrations.shops.shopify import client as shopify_client
from integrations.shops.shopify import graphql
from integrations.shops.shopify.client import Client, ShopifyTrouble, root_of
from tests.factories import TUESDAY, make_shop
from tests.integrations.fake_shopify import THROTTLED, fake_shopify

HOUR = timedelta(hours=1)
PHONE = "+33639981234"
MONEY = {"shopMoney": {"amount": "54.90"}}
ORDER = {
    "legacyResourceId": "820982911946154508",
    "name": "#1042",
    "createdAt": "2026-11-24T09:00:00Z",
    "updatedAt": "2026-11-24T09:20:00Z",
    "cancelledAt": None,
    "test": False,
    "currencyCode": "EUR",
    "customerLocale": "fr",
    "phone": None,
    "displayFinancialStatus": "PARTIALLY_REFUNDED",
    "discountCodes": ["BIENVENUE"],
    "statusPageUrl": "https://shop.example/status",
    "customAttributes": [{"key": "smsc", "value": "k7"}],
    "totalPriceSet": MONEY,
    "shippingAddress": {"phone": "06 39 98 12 34", "firstName": "Camille", "countryCodeV2": "FR"},
    "billingAddress": None,
    "customer": {"firstName": "Camille", "defaultPhoneNumber": None},
    "customerJourneySummary": None,
    "fulfillments": [
        {
            "status": "SUCCESS",
            "displayStatus": "OUT_FOR_DELIVERY",
            "createdAt": "2026-11-24T09:10:00Z",
            "updatedAt": "2026-11-24T09:20:00Z",
            "trackingInfo": [{"number": "6A1", "url": "https://suivi.example/6A1", "company": "Colissimo"}],
        }
    ],
    "refunds": [
        {
            "legacyResourceId": "77",
            "createdAt": "2026-11-24T09:20:00Z",
            "transactions": {
                "nodes": [
                    {"kind": "REFUND", "status": "SUCCESS", "amountSet": {"shopMoney": {"amount": "12.50"}}},
                    {"kind": "REFUND", "status": "FAILURE", "amountSet": {"shopMoney": {"amount": "99.00"}}},
                ]
            },
        }
    ],
}


@pytest.fixture
def fake(monkeypatch):
    with fake_shopify() as found:
        monkeypatch.setattr(shopify_client, "root_of", lambda domain: found.url)
        yield found


@pytest.fixture
def shop(in_workspace):
    shop = make_shop(in_workspace, "shopify", shop_key="maison-lambert.myshopify.com")
    shop.credentials |= {"client_id": "app", "access_token": "shpat_1", "token_expires_at": "2027-01-01T00:00:00+00:00"}
    shop.save()
    return shop


def page_of(name: str, *pages: list) -> object:
    """A connection with these pages."""

    def data(query: str, variables: dict) -> dict:
        place = int(variables["after"] or 0)
        info = {"hasNextPage": place + 1 < len(pages), "endCursor": str(place + 1)}
        return {name: {"pageInfo": info, "nodes": pages[place]}}

    return data


@pytest.mark.parametrize(
    "domain",
    ["", "shop.example", "a.myshopify.com.evil.example", "a.myshopify.com/x", "-a.myshopify.com", "a@b.myshopify.com"],
)
def test_token_goes_to_shops_of_shopify_only(domain):
    with pytest.raises(ShopifyTrouble):
        root_of(domain)


def test_client_waits_as_long_as_the_budget_takes_to_come_back(fake):
    slept = []
    fake.script = [THROTTLED, (429, {"Retry-After": "2.0"}, {}), (502, {}, b"bad gateway")]
    fake.data = lambda query, variables: {"shop": {"name": "Maison"}}

    told = Client("x", lambda: "shpat_1", slept.append).ask("query", {})

    assert (told, slept) == ({"shop": {"name": "Maison"}}, [1.0, 2.0, 2.0])


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ((401, {}, {}), "Shopify refuses our token"),
        ((200, {}, b"<html>"), "Shopify’s answer could not be understood"),
        ((200, {}, []), "Shopify’s answer could not be understood"),
        (
            (200, {}, {"errors": [{"message": "Access denied"}]}),
            "Shopify could not answer: a scope of the app may be missing",
        ),
    ],
)
def test_trouble_is_told_in_words(fake, answer, expected):
    fake.script = [answer]

    with pytest.raises(ShopifyTrouble) as error:
        Client("x", lambda: "shpat_1").ask("query", {})

    assert str(error.value) == expected


def test_client_gives_up_when_it_is_told_to_wait_for_ever(fake):
    fake.script = [THROTTLED] * 10

    with pytest.raises(ShopifyTrouble, match="asks us to wait"):
        Client("x", lambda: "shpat_1", lambda seconds: None).ask("query", {})


def test_token_is_granted_once_and_kept_sealed(fake, shop):
    ShopConnection.objects.update(credentials={"client_id": "app", "client_secret": "app-secret"})
    one, other = (ShopConnection.objects.select_related("workspace").get() for _ in range(2))

    tokens = [shopify.token_of(each, TUESDAY) for each in (one, other, one)]

    assert tokens == ["shpat_1"] * 3
    assert fake.grants == [{"client_id": "app", "client_secret": "app-secret", "grant_type": "client_credentials"}]
    assert b"shpat_1" not in bytes(raw_credentials())


def test_nothing_is_locked_while_shopify_is_asked_for_a_token(fake, shop, monkeypatch):
    depths = []
    ask = shopify.new_token
    monkeypatch.setattr(shopify, "new_token", lambda *told: depths.append(len(connection.savepoint_ids)) or ask(*told))
    ShopConnection.objects.update(credentials={"client_id": "app", "client_secret": "app-secret"})
    outside = len(connection.savepoint_ids)

    shopify.token_of(ShopConnection.objects.get(), TUESDAY)

    assert (depths, ShopConnection.objects.get().renewing_until) == ([outside], None)


def test_whoever_finds_the_token_being_renewed_waits_for_it_and_takes_over_from_the_dead(fake, shop, monkeypatch):
    ShopConnection.objects.update(
        credentials={"client_id": "app", "client_secret": "app-secret"}, renewing_until=TUESDAY + HOUR
    )
    renewed = {"access_token": "shpat_2", "token_expires_at": "2027-01-01T00:00:00+00:00"}
    monkeypatch.setattr(
        shopify.time, "sleep", lambda seconds: ShopConnection.objects.update(credentials=renewed) if seconds else None
    )

    waited = shopify.token_of(ShopConnection.objects.get(), TUESDAY)
    ShopConnection.objects.update(credentials={"client_id": "app", "client_secret": "app-secret"})
    taken_over = shopify.token_of(ShopConnection.objects.get(), TUESDAY + HOUR)

    assert (waited, taken_over, len(fake.grants)) == ("shpat_2", "shpat_1", 1)


def test_token_that_was_refused_leaves_the_way_free(fake, shop):
    ShopConnection.objects.update(credentials={"client_id": "app", "client_secret": "wrong"})

    with pytest.raises(ShopifyTrouble):
        shopify.token_of(ShopConnection.objects.get(), TUESDAY)

    assert ShopConnection.objects.get().renewing_until is None


def raw_credentials() -> bytes:
    with connection.cursor() as cursor:
        cursor.execute("SELECT credentials FROM integrations_shopconnection")
        return cursor.fetchone()[0]


def test_token_that_is_about_to_end_is_renewed_with_the_refresh_token_where_there_is_one(fake, shop):
    shop.credentials |= {"refresh_token": "shprt_1", "token_expires_at": (TUESDAY + HOUR / 30).isoformat()}
    shop.save()

    shopify.token_of(shop, TUESDAY)

    assert [(each["grant_type"], each["refresh_token"]) for each in fake.grants] == [("refresh_token", "shprt_1")]


def test_wrong_secret_of_the_app_stands_on_the_shops_page(fake, shop):
    shop.credentials = {"client_id": "app", "client_secret": "wrong"}
    shop.save()

    shopify.for_each_shop(shopify.fetch_orders, now=TUESDAY)

    shop.refresh_from_db()
    assert shop.trouble == "Shopify refuses the app’s client id and secret"


def test_order_that_no_call_told_goes_the_way_of_those_that_were(fake, shop):
    fake.data = page_of("orders", [ORDER], [])

    counts = [shopify.for_each_shop(shopify.fetch_orders, now=TUESDAY + each * HOUR) for each in (0, 1)]
    inbox.sweep(now=TUESDAY + 2 * HOUR)

    order = Order.objects.get()
    assert counts == [1, 0]
    assert (order.external_id, order.number) == ("820982911946154508", "#1042")
    assert (order.total, order.refunded_total) == (5490, 1250)
    assert (order.contact.phone, order.click_id, order.tracking[0]["number"]) == (PHONE, "k7", "6A1")
    assert [event.kind for event in order.events.order_by("pk")] == [
        "order.placed",
        "order.paid",
        "order.shipped",
        "order.out_for_delivery",
        "order.refunded",
    ]
    assert [each["query"] for each in fake.asked][::2] == [
        "updated_at:>='2026-11-23T09:30:00+00:00'",
        "updated_at:>='2026-11-24T09:20:00+00:00'",
    ]


def test_shop_that_can_not_be_asked_keeps_no_other_from_being_asked(fake, shop, other_workspace):
    second = make_shop(other_workspace, "shopify", shop_key="second.myshopify.com")
    with scope(workspace=other_workspace):
        ShopConnection.objects.filter(pk=second.pk).update(
            credentials={"client_id": "app", "client_secret": "app-secret"}
        )
    fake.script = [(200, {}, {"data": {"orders": {"nodes": [{"name": "#1"}]}}})]
    fake.data = page_of("orders", [ORDER])

    assert shopify.for_each_shop(shopify.fetch_orders, now=TUESDAY) == 1

    shop.refresh_from_db()
    assert (shop.trouble, shop.reconciled_at) == ("Shopify’s answer could not be understood", None)
    with scope(workspace=other_workspace):
        assert InboundDelivery.objects.get().shop == second


def test_missing_subscriptions_are_made_and_those_that_are_there_left(fake, shop):
    there = [
        {"topic": "ORDERS_CREATE", "uri": shop_webhook_url(shop)},
        {"topic": "ORDERS_PAID", "uri": "https://x.example"},
    ]
    listed = page_of("webhookSubscriptions", there)
    fake.data = lambda query, variables: (
        listed(query, variables) if "after" in variables else {"webhookSubscriptionCreate": {"userErrors": []}}
    )

    made = shopify.for_each_shop(shopify.subscribe, now=TUESDAY)

    topics = [each["topic"] for each in fake.asked if "topic" in each]
    assert (made, len(topics), "ORDERS_CREATE" in topics, "ORDERS_PAID" in topics) == (
        len(graphql.TOPICS) - 1,
        len(graphql.TOPICS) - 1,
        False,
        True,
    )


def test_what_shopify_has_against_it_stands_on_the_shops_page(fake, shop):
    fake.data = lambda query, variables: {
        "webhookSubscriptions": {"nodes": []},
        "webhookSubscriptionCreate": {"userErrors": [{"message": "Address is not allowed"}]},
    }

    shopify.for_each_shop(shopify.subscribe, now=TUESDAY)

    shop.refresh_from_db()
    assert shop.trouble == "Address is not allowed"


def seal() -> None:
    workspace = Consent.objects.first().workspace
    for at in (TUESDAY, TUESDAY + SETTLES_IN):
        seal_ledger(workspace=workspace, now=at)


@pytest.fixture
def customer(shop):
    apply_customer(shop=shop, snapshot=CustomerSnapshot("311", 1, phones=(PhoneCandidate(PHONE, "FR"),)), now=TUESDAY)
    return ShopCustomer.objects.get()


@pytest.mark.usefixtures("no_transaction_may_still_write")
def test_our_stop_is_written_back_once(fake, shop, customer):
    fake.data = lambda query, variables: {"customerSmsMarketingConsentUpdate": {"userErrors": []}}
    record_opt_out(workspace=shop.workspace, phone=PHONE, scope="marketing", source="SMS", now=TUESDAY)
    seal()

    counts = [shopify.for_each_shop(shopify.push_refusals, now=TUESDAY) for _ in range(2)]

    assert (counts, len(fake.asked)) == ([1, 0], 1)
    assert fake.asked[0]["input"] == {
        "customerId": "gid://shopify/Customer/311",
        "smsMarketingConsent": {
            "marketingState": "UNSUBSCRIBED",
            "marketingOptInLevel": "SINGLE_OPT_IN",
            "consentUpdatedAt": "2026-11-24T09:30:00+00:00",
        },
    }


@pytest.mark.usefixtures("no_transaction_may_still_write")
def test_stop_is_written_back_later_when_shopify_was_away(fake, shop, customer):
    record_opt_out(workspace=shop.workspace, phone=PHONE, scope="marketing", source="SMS", now=TUESDAY)
    seal()
    fake.script = [(401, {}, {})]
    fake.data = lambda query, variables: {"customerSmsMarketingConsentUpdate": {"userErrors": []}}

    assert [shopify.for_each_shop(shopify.push_refusals, now=TUESDAY) for _ in range(2)] == [0, 1]


def test_what_the_shop_said_itself_is_not_said_back(fake, shop, customer):
    ShopCustomer.objects.update(said="no", said_at=TUESDAY)
    record_opt_out(workspace=shop.workspace, phone=PHONE, scope="marketing", source="shop", now=TUESDAY)
    seal()

    assert (shopify.for_each_shop(shopify.push_refusals, now=TUESDAY), fake.asked) == (0, [])


def test_merchant_names_the_shop_and_the_app(owner_client, workspace):
    address = "/admin/integrations/shops/new/?platform=shopify"
    typed = {"name": "Boutique", "client_secret": "s", "client_id": "app", "shop_domain": "maison.myshopify.com"}

    refused = owner_client.post(address, typed | {"shop_domain": "evil.example"})
    owner_client.post(address, typed)

    assert "shop_domain" in refused.context["form"].errors
    with scope(workspace=workspace):
        assert ShopConnection.objects.get().shop_key == "maison.myshopify.com"


def test_body_made_of_graphql_is_json():
    assert json.loads(json.dumps(graphql.as_webhook(ORDER)))["id"] == 820982911946154508
