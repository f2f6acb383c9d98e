"""PrestaShop, through the module of ours that shops install: Standard Webhooks, batches of snapshots.

The body is ours to define: docs/prestashop-webhook.md and docs/schemas/prestashop-events.schema.json.
"""

import base64
import hashlib
import hmac
import json
import secrets
import string
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _
from standardwebhooks import Webhook

from integrations.gateways.base import WebhookCall
from integrations.shops.base import BadShopPayload, News, OrderSnapshot, Package, PhoneCandidate, Refund, Shop
from integrations.shops.module_zip import module_file_name, module_zip
from integrations.shops.reading import Fields, load, milliseconds
from integrations.shops.rewriting import rewrite

TOLERANCE = timedelta(minutes=5)
LARGEST_BATCH = 50
ORDER, HELLO = "order.changed", "shop.hello"


class PrestaShop(Shop):
    slug = "prestashop"
    label = "PrestaShop"
    steps = (
        _("Download the module, and upload it in PrestaShop’s back office: Modules, Module Manager, Upload a module."),
        _("Press Configure there, paste the connection token, and save."),
        _("The shop says hello at once, and its page here shows it."),
    )
    pairing_label = _("Connection token")

    @classmethod
    def new_credentials(cls) -> dict[str, str]:
        return {"secret": "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()}

    @classmethod
    def package(cls) -> Package:
        return Package(module_file_name(), module_zip())

    def pairing(self, webhook_url: str) -> list[str]:
        """One token with the address, the secret, and a checksum that shows an incomplete copy."""
        content = json.dumps({"url": webhook_url, "secret": self.credentials["secret"]}).encode()
        text = base64.urlsafe_b64encode(content).decode().rstrip("=")
        return [f"chappe1.{text}.{hashlib.sha256(text.encode()).hexdigest()[:8]}"]

    def verify(self, call: WebhookCall, now: datetime) -> bool:
        """Standard Webhooks, against our own idea of `now`."""
        signed_at = _signed_at(call)
        if signed_at is None or abs(now - signed_at) > TOLERANCE:
            return False
        try:
            expected = [self._signature(secret, call, signed_at).encode() for secret in self._secrets()]
        except UnicodeError:
            return False
        given = [each.encode(errors="replace") for each in call.headers.get("webhook-signature", "").split()[:10]]
        return any(hmac.compare_digest(ours, theirs) for ours in expected for theirs in given)

    def _secrets(self) -> list[str]:
        return [secret for name in ("secret", "previous_secret") if (secret := self.credentials.get(name))]

    def _signature(self, secret: str, call: WebhookCall, signed_at: datetime) -> str:
        return Webhook(secret).sign(call.headers.get("webhook-id", ""), signed_at, call.body.decode())

    def topic(self, call: WebhookCall) -> str:
        try:
            kinds = [event.text("kind", 40) for event in _events(call.body)]
        except BadShopPayload:
            return "unreadable"
        return ", ".join(dict.fromkeys(kinds))[:80]

    def dedup_key(self, call: WebhookCall) -> str:
        return hashlib.sha256(call.headers.get("webhook-id", "").encode(errors="replace")).hexdigest()

    def parse(self, topic: str, body: bytes) -> list[News]:
        """One bad event does not block the rest: the answer has told the module which."""
        events = [event for event in _events(body) if not _problem(event)]
        return [read_event(event) for event in events if event.value["kind"] == ORDER]

    def note(self, topic: str, body: bytes) -> str:
        events = _events(body)
        hellos = ["connected" for event in events if event.value.get("kind") == HELLO]
        unreadable = sum(bool(_problem(event)) for event in events)
        return "; ".join([*hellos[:1], *([f"unreadable events: {unreadable}"] if unreadable else [])])

    def answer(self, body: bytes) -> dict[str, Any]:
        try:
            events = _events(body)
        except BadShopPayload as error:
            return {"accepted": [], "refused": [], "problem": str(error)}
        answers = [(event.value.get("id"), _problem(event)) for event in events]
        return {
            "accepted": [id_ for id_, problem in answers if not problem],
            "refused": [{"id": id_, "reason": problem} for id_, problem in answers if problem],
        }

    def sign(self, body: bytes, topic: str, now: datetime) -> dict[str, str]:
        headers = {
            "webhook-id": f"msg_{hashlib.sha256(body).hexdigest()[:32]}",
            "webhook-timestamp": str(int(now.timestamp())),
        }
        call = WebhookCall(method="POST", query={}, headers=headers, body=body)
        signature = self._signature(self._secrets()[0], call, now)
        return {"Content-Type": "application/json", **headers, "webhook-signature": signature}

    def freshen(self, body: bytes, topic: str, now: datetime) -> bytes:
        content = json.loads(rewrite(body, _fresh_leaf(now)))
        new_ids: dict[str, str] = {}
        for position, event in enumerate(content["events"]):
            event |= {"id": str(uuid.uuid4())}
            if order := event.get("order"):
                new_id = new_ids.setdefault(order["id"], str(secrets.randbelow(10**9)))
                order |= {"id": new_id, "number": _number_of(new_id), "version": milliseconds(now) + position}
        return json.dumps(content, ensure_ascii=False).encode()

    def with_phone(self, body: bytes, number: str) -> bytes:
        content = json.loads(body)
        for event in content["events"]:
            customer = event.get("order", {}).setdefault("customer", {})
            phones = customer.get("phones") or [{"country": "FR"}]
            customer["phones"] = [{**phone, "number": number} for phone in phones]
        return json.dumps(content, ensure_ascii=False).encode()


def _signed_at(call: WebhookCall) -> datetime | None:
    text = call.headers.get("webhook-timestamp", "")
    if not (text.isascii() and text.isdecimal() and len(text) <= 11 and call.headers.get("webhook-id")):
        return None
    return datetime.fromtimestamp(int(text), UTC)


def _events(body: bytes) -> list[Fields]:
    content = load(body)
    if content.value.get("schema") != 1:
        raise BadShopPayload("This version of the format is not known.")
    events = content.parts("events")
    if len(events) > LARGEST_BATCH:
        raise BadShopPayload(f"More than {LARGEST_BATCH} events in a call.")
    return events


def _problem(event: Fields) -> str:
    """Why an event can't be used; "" when it can, or when its kind is none of ours."""
    try:
        event.identifier("id")
        if event.identifier("kind") == ORDER:
            read_event(event)
    except BadShopPayload as error:
        return str(error)
    return ""


def read_event(event: Fields) -> OrderSnapshot:
    """The snapshot in an `order.changed` event. Raises BadShopPayload."""
    order, currency = event.part("order"), event.part("order").currency("currency")
    customer = order.part("customer")
    return OrderSnapshot(
        external_id=order.identifier("id"),
        number=order.identifier("number"),
        version=order.whole("version"),
        placed_at=order.needed_moment("placed_at"),
        paid_at=order.moment("paid_at"),
        shipped_at=order.moment("shipped_at"),
        delayed_at=order.moment("delayed_at"),
        out_for_delivery_at=order.moment("out_for_delivery_at"),
        ready_at=order.moment("ready_at"),
        delivered_at=order.moment("delivered_at"),
        cancelled_at=order.moment("cancelled_at"),
        currency=currency,
        total=order.money("total", currency),
        first_name=customer.text("first_name", 80),
        phones=tuple(
            PhoneCandidate(phone.text("number", 40), phone.country("country"))
            for phone in customer.parts("phones")[:6]
            if phone.has("number")
        ),
        country=order.country("country"),
        language=order.language("language"),
        discount_codes=tuple(Fields({"code": code}).text("code", 80) for code in order.items("discount_codes")[:20]),
        tracking=tuple(_tracking(parcel) for parcel in order.parts("tracking")[:20]),
        refunds=tuple(_refund(refund, currency) for refund in order.parts("refunds")[:50]),
        status_url=order.address("status_url"),
        click_id=order.code("click_id"),
        is_test=order.flag("is_test"),
        is_backfill=event.flag("is_backfill"),
    )


def _tracking(parcel: Fields) -> dict[str, str]:
    return {
        "number": parcel.text("number", 80),
        "url": parcel.address("url"),
        "carrier": parcel.text("carrier", 80),
    }


def _refund(refund: Fields, currency: str) -> Refund:
    return Refund(refund.identifier("id", 40), refund.money("amount", currency), refund.needed_moment("refunded_at"))


def _fresh_leaf(now: datetime) -> Any:
    flags = {"is_test": False, "is_backfill": False}
    return lambda name, value: now.isoformat() if name.endswith("_at") and value else flags.get(name, value)


def _number_of(seed: str) -> str:
    """Nine letters, as PrestaShop makes them."""
    return "".join(string.ascii_uppercase[byte % 26] for byte in hashlib.sha256(seed.encode()).digest()[:9])
