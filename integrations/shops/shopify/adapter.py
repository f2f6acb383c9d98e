"""Shopify: one HMAC of the app's client secret over the raw body, orders as REST resources.

https://shopify.dev/docs/apps/build/webhooks
"""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from integrations.gateways.base import WebhookCall
from integrations.shops.base import BadShopPayload, CustomerSnapshot, News, OrderSnapshot, Shop
from integrations.shops.reading import Fields, clean, load
from integrations.shops.rewriting import rewrite
from integrations.shops.shopify.client import DOMAIN
from integrations.shops.shopify.orders import read_fulfillment, read_fulfillment_event, read_order, read_refund
from integrations.shops.shopify.people import (
    read_checkout,
    read_consent,
    read_customer,
    read_privacy,
    read_shop_redact,
    read_uninstalled,
)

# What a body is, by its topic. That of orders/edited is a difference, and comes as orders/updated as well.
READERS: dict[str, Callable[[Fields], News]] = {
    **dict.fromkeys(("orders/create", "orders/paid", "orders/updated", "orders/cancelled"), read_order),
    **dict.fromkeys(("orders/fulfilled", "orders/partially_fulfilled"), read_order),
    **dict.fromkeys(("fulfillments/create", "fulfillments/update"), read_fulfillment),
    "fulfillment_events/create": read_fulfillment_event,
    "refunds/create": read_refund,
    **dict.fromkeys(("customers/create", "customers/update"), read_customer),
    "customers_marketing_consent/update": read_consent,
    **dict.fromkeys(("checkouts/create", "checkouts/update"), read_checkout),
    "app/uninstalled": read_uninstalled,
}
# Obligatory topics: https://shopify.dev/docs/apps/build/compliance/privacy-law-compliance
COMPLIANCE: dict[str, Callable[[Fields], News]] = {
    "customers/data_request": partial(read_privacy, erases=False),
    "customers/redact": partial(read_privacy, erases=True),
    "shop/redact": read_shop_redact,
}
READERS |= COMPLIANCE
# What we asked for ourselves (`services.past_of_shopify`): a page of bodies as the webhooks have them.
PAST = "past/"
PastReader = Callable[[Fields], OrderSnapshot | CustomerSnapshot]
PAST_READERS: dict[str, PastReader] = {
    f"{PAST}orders": read_order,
    f"{PAST}customers": read_customer,
}


class ShopifyForm(forms.Form):
    """With the shop's address and the client id, we ask for what no call told, and write our STOPs back."""

    shop_domain = forms.RegexField(
        DOMAIN,
        label=_("Shopify’s name for the shop"),
        required=False,
        help_text=_("Such as my-shop.myshopify.com: under Settings, Domains in Shopify."),
        error_messages={"invalid": _("Write the address that ends in .myshopify.com.")},
    )
    client_id = forms.CharField(
        label=_("Client id of the app"),
        max_length=200,
        required=False,
        help_text=_(
            "With it we subscribe to the webhooks ourselves, ask every hour for orders that no webhook told, and write "
            "opt-outs back. The app must belong to the same organisation as the shop."
        ),
    )
    client_secret = forms.CharField(
        label=_("Client secret of the app"), max_length=200, widget=forms.PasswordInput(attrs={"autocomplete": "off"})
    )


class Shopify(Shop):
    slug = "shopify"
    label = "Shopify"
    needs = _("An app of yours in Shopify’s Dev Dashboard: its client id and its client secret.")
    steps = (
        _("In the Shopify Dev Dashboard, open your app and copy its client id and its client secret."),
        _("Give the app the scopes read_orders, read_fulfillments, read_customers and write_customers."),
        _(
            "With Shopify’s name for the shop and the client id given here, the webhooks are subscribed to by "
            "themselves. Without them, subscribe to orders/create, orders/paid, orders/updated, orders/cancelled, "
            "orders/fulfilled and customers_marketing_consent/update yourself."
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

    @classmethod
    def key_in(cls, credentials: Mapping[str, str]) -> str:
        return credentials.get("shop_domain", "")

    def topic(self, call: WebhookCall) -> str:
        return clean(_header(call, "topic"))[:80]

    def dedup_key(self, call: WebhookCall) -> str:
        """An event reaches us once by topic, over all subscriptions; without its id, a delivery does."""
        event, webhook = _header(call, "event-id"), _header(call, "webhook-id")
        news = f"{_header(call, 'topic')}\n{event or webhook or hashlib.sha256(call.body).hexdigest()}"
        return hashlib.sha256(news.encode(errors="replace")).hexdigest()

    def parse(self, topic: str, body: bytes) -> list[News]:
        if reader := PAST_READERS.get(topic):
            told = (_read_or_leave(reader, node) for node in load(body).parts("nodes"))
            return [replace(each, is_backfill=True) for each in told if each]
        reader_of_one = READERS.get(topic)
        return [reader_of_one(load(body))] if reader_of_one else []

    def note(self, topic: str, body: bytes) -> str:
        if reader := PAST_READERS.get(topic):
            unreadable = sum(_read_or_leave(reader, node) is None for node in load(body).parts("nodes"))
            return f"unreadable events: {unreadable}" if unreadable else ""
        return "" if topic in READERS else "not used"

    def shop_key(self, call: WebhookCall) -> str:
        return clean(_header(call, "shop-domain"))[:200].lower()

    def outlives(self, topic: str) -> bool:
        return topic in COMPLIANCE

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


def _read_or_leave(reader: PastReader, node: Fields) -> OrderSnapshot | CustomerSnapshot | None:
    """One bad row of a page does not block the rest."""
    try:
        return reader(node)
    except BadShopPayload:
        return None


def _header(call: WebhookCall, name: str) -> str:
    """Shopify is dropping the `X-`: both are sent to somebody."""
    return call.headers.get(f"x-shopify-{name}") or call.headers.get(f"shopify-{name}") or ""


def _signature(secret: str, body: bytes) -> bytes:
    return base64.b64encode(hmac.digest(secret.encode(), body, "sha256"))
