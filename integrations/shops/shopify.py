"""Shopify: one HMAC of the app's client secret over the raw body, orders as REST resources.

https://shopify.dev/docs/apps/build/webhooks
"""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django import forms
from django.utils.translation import gettext_lazy as _

from integrations.gateways.base import WebhookCall
from integrations.shops.base import OrderSnapshot, PhoneCandidate, Refund, Refusal, Shop
from integrations.shops.reading import Fields, clean, load, milliseconds
from integrations.shops.rewriting import rewrite

# Each carries the whole order. A refund or a fulfilment changes the order too, and comes as orders/updated;
# the bodies of refunds/create, fulfillments/* and orders/edited are parts or differences, and are not needed.
ORDER_TOPICS = frozenset(
    f"orders/{change}" for change in ("create", "paid", "updated", "cancelled", "fulfilled", "partially_fulfilled")
)
# https://shopify.dev/docs/api/admin-graphql/latest/enums/CustomerSmsMarketingState
CUSTOMER_TOPICS = frozenset({"customers/create", "customers/update", "customers_marketing_consent/update"})
REFUSED = "unsubscribed"
PAID = frozenset({"paid", "partially_refunded", "refunded"})
# Obligatory topics: https://shopify.dev/docs/apps/build/compliance/privacy-law-compliance
COMPLIANCE = {
    "customers/data_request": "to do within 30 days: give the customer's data to the merchant",
    "customers/redact": "to do within 30 days: erase the customer's data",
    "shop/redact": "to do within 30 days: erase the shop's data",
}
# Set by hand-over from a short link (docs/short-links.md) in the cart's attributes or the landing address.
CLICK_ID = "smsc"


class ShopifyForm(forms.Form):
    client_secret = forms.CharField(
        label=_("Client secret of the app"), max_length=200, widget=forms.PasswordInput(attrs={"autocomplete": "off"})
    )


class Shopify(Shop):
    slug = "shopify"
    label = "Shopify"
    steps = (
        _("In the Shopify Dev Dashboard, open your app and copy its client secret."),
        _("Give the app the scope read_orders."),
        _("Subscribe to orders/create, orders/paid, orders/updated, orders/cancelled and orders/fulfilled."),
        _(
            "Give it read_customers too, and subscribe to customers_marketing_consent/update: "
            "who unsubscribes gets no offers."
        ),
        _("Use the webhook address that this site gives you for these and for the three compliance webhooks."),
    )
    config_form = ShopifyForm

    def verify(self, call: WebhookCall, now: datetime) -> bool:
        """The old secret counts as well: Shopify signs with it while a new one is introduced."""
        given = _header(call, "hmac-sha256").encode(errors="replace")
        return any(hmac.compare_digest(given, _signature(secret, call.body)) for secret in self._secrets())

    def _secrets(self) -> list[str]:
        names = ("client_secret", "previous_client_secret")
        return [secret for name in names if (secret := self.credentials.get(name))]

    def topic(self, call: WebhookCall) -> str:
        return clean(_header(call, "topic"))[:80]

    def dedup_key(self, call: WebhookCall) -> str:
        """An event reaches us once by topic, over all subscriptions; without its id, a delivery does."""
        event, webhook = _header(call, "event-id"), _header(call, "webhook-id")
        news = f"{_header(call, 'topic')}\n{event or webhook or hashlib.sha256(call.body).hexdigest()}"
        return hashlib.sha256(news.encode(errors="replace")).hexdigest()

    def parse(self, topic: str, body: bytes) -> list[OrderSnapshot]:
        return [read_order(load(body))] if topic in ORDER_TOPICS else []

    def refusals(self, topic: str, body: bytes) -> list[Refusal]:
        return list(_refusals(load(body))) if topic in CUSTOMER_TOPICS else []

    def note(self, topic: str, body: bytes) -> str:
        return "" if topic in ORDER_TOPICS | CUSTOMER_TOPICS else COMPLIANCE.get(topic, "not used")

    def sign(self, body: bytes, topic: str, now: datetime) -> dict[str, str]:
        return {
            "Content-Type": "application/json",
            "X-Shopify-Topic": topic,
            "X-Shopify-Webhook-Id": hashlib.sha256(body).hexdigest(),
            "X-Shopify-Triggered-At": now.isoformat(),
            "X-Shopify-Hmac-Sha256": _signature(self._secrets()[0], body).decode(),
        }

    def freshen(self, body: bytes, topic: str, now: datetime) -> bytes:
        new_id = secrets.randbelow(10**13)

        def change(name: str, value: Any) -> Any:
            if name == "test":
                return False
            if name.endswith("_at") and value:
                return now.isoformat()
            return secrets.randbelow(10**13) if name == "id" else value

        order = {**json.loads(rewrite(body, change)), "id": new_id, "name": f"#{new_id % 100_000}"}
        if topic == "orders/create":
            order |= {
                **dict.fromkeys(("cancelled_at", "closed_at", "cancel_reason")),
                "fulfillments": [],
                "refunds": [],
            }
        return json.dumps(order, ensure_ascii=False).encode()

    def with_phone(self, body: bytes, number: str) -> bytes:
        return rewrite(body, lambda name, value: number if name == "phone" else value)


def _header(call: WebhookCall, name: str) -> str:
    """Shopify is dropping the `X-`: both are sent to somebody."""
    return call.headers.get(f"x-shopify-{name}") or call.headers.get(f"shopify-{name}") or ""


def _signature(secret: str, body: bytes) -> bytes:
    return base64.b64encode(hmac.digest(secret.encode(), body, "sha256"))


def read_order(order: Fields) -> OrderSnapshot:
    """A snapshot of an order body. Raises BadShopPayload."""
    currency = order.currency("currency")
    updated_at = order.needed_moment("updated_at")
    shipping, customer, billing = (order.part(name) for name in ("shipping_address", "customer", "billing_address"))
    shipments = [each for each in order.parts("fulfillments") if each.text("status", 20) == "success"]
    return OrderSnapshot(
        external_id=order.identifier("id"),
        number=order.identifier("name"),
        version=milliseconds(updated_at),
        placed_at=order.needed_moment("created_at"),
        # No time of payment in the body: paid when it first says so.
        paid_at=updated_at if order.text("financial_status", 40) in PAID else None,
        shipped_at=min((each.needed_moment("created_at") for each in shipments), default=None),
        delivered_at=_delivered_at(shipments),
        cancelled_at=order.moment("cancelled_at"),
        currency=currency,
        total=order.money("total_price", currency),
        first_name=next((name for each in (shipping, customer, billing) if (name := each.text("first_name", 80))), ""),
        phones=tuple(_phones(order, shipping, customer, billing)),
        country=shipping.country("country_code") or billing.country("country_code"),
        language=order.language("customer_locale"),
        discount_codes=tuple(each.text("code", 80) for each in order.parts("discount_codes")[:20]),
        tracking=tuple(_tracking(shipments))[:20],
        refunds=tuple(_refund(each, currency) for each in order.parts("refunds")),
        status_url=order.address("order_status_url"),
        click_id=_click_id(order),
        is_test=order.flag("test"),
    )


def _refusals(customer: Fields) -> Iterator[Refusal]:
    """Each state but one says nothing against offers: never asked, asked, or agreed."""
    consent, number = customer.part("sms_marketing_consent"), customer.text("phone", 40)
    if number and consent.text("state", 40).lower() == REFUSED:
        country = customer.part("default_address").country("country_code")
        yield Refusal(PhoneCandidate(number, country), consent.moment("consent_updated_at"))


def _phones(order: Fields, shipping: Fields, customer: Fields, billing: Fields) -> Iterator[PhoneCandidate]:
    """Whoever waits for the parcel first. A number without an address is read as of the parcel's country."""
    home = shipping.country("country_code") or billing.country("country_code")
    for fields in (shipping, order, customer, billing):
        number = fields.text("phone", 40)
        if number:
            yield PhoneCandidate(number, fields.country("country_code") or home)


def _delivered_at(shipments: list[Fields]) -> datetime | None:
    """When the last parcel arrived. Best effort: only carriers that Shopify follows say so."""
    if not shipments or any(each.text("shipment_status", 40) != "delivered" for each in shipments):
        return None
    return max(each.needed_moment("updated_at") for each in shipments)


def _tracking(shipments: list[Fields]) -> Iterator[dict[str, str]]:
    for shipment in shipments:
        number, url = shipment.text("tracking_number", 80), shipment.address("tracking_url")
        if number or url:
            yield {"number": number, "url": url, "carrier": shipment.text("tracking_company", 80)}


def _refund(refund: Fields, currency: str) -> Refund:
    """What was really paid back: other transactions are attempts, voids and exchanges."""
    paid_back = [
        each.money("amount", currency)
        for each in refund.parts("transactions")
        if each.text("kind", 20) == "refund" and each.text("status", 20) == "success"
    ]
    return Refund(refund.identifier("id", 40), sum(paid_back), refund.needed_moment("created_at"))


def _click_id(order: Fields) -> str:
    for attribute in order.parts("note_attributes"):
        if attribute.value.get("name") == CLICK_ID:
            return attribute.code("value")
    try:
        query = parse_qs(urlsplit(order.text("landing_site", 2000)).query, max_num_fields=50)
    except ValueError:
        return ""
    return Fields({"value": query.get(CLICK_ID, [""])[0]}).code("value")
