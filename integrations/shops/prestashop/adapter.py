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
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext_lazy as _
from standardwebhooks import Webhook

from integrations.gateways.base import WebhookCall
from integrations.shops.base import BadShopPayload, Greeting, News, Package, Shop
from integrations.shops.module_zip import module_file_name, module_zip
from integrations.shops.prestashop.bodies import READERS, shop_key_of
from integrations.shops.reading import Fields, load, milliseconds
from integrations.shops.rewriting import rewrite
from integrations.signing import is_signed, new_secret, signature_of

LARGEST_BATCH = 50
HELLO = "shop.hello"


class PrestaShop(Shop):
    slug = "prestashop"
    label = "PrestaShop"
    needs = _("PrestaShop 1.7.8 to 9: a module to install, and a token to paste into it.")
    steps = (
        _("Download the module, and upload it in PrestaShop’s back office: Modules, Module Manager, Upload a module."),
        _("Press Configure there, paste the connection token, and press Connect."),
        _("The shop says hello at once, and its page here shows it."),
    )
    pairing_label = _("Connection token")

    @classmethod
    def new_credentials(cls) -> dict[str, str]:
        return {"secret": new_secret()}

    @classmethod
    def package(cls) -> Package:
        return Package(module_file_name(), module_zip())

    def pairing(self, webhook_url: str) -> list[str]:
        """One token with the address, the secret, and a checksum that shows an incomplete copy."""
        content = json.dumps({"url": webhook_url, "secret": self.credentials["secret"]}).encode()
        text = base64.urlsafe_b64encode(content).decode().rstrip("=")
        return [f"chappe1.{text}.{hashlib.sha256(text.encode()).hexdigest()[:8]}"]

    def __init__(self, credentials: Mapping[str, Any]) -> None:
        super().__init__(credentials)
        # Of one call, topic, key and answer are read one after the other.
        self._envelope = lru_cache(maxsize=1)(load)

    def verify(self, call: WebhookCall, now: datetime) -> bool:
        return is_signed(call, self._secrets(), now)

    def _secrets(self) -> list[str]:
        return [secret for name in ("secret", "previous_secret") if (secret := self.credentials.get(name))]

    def topic(self, call: WebhookCall) -> str:
        try:
            kinds = [event.text("kind", 40) for event in self._events(call.body)]
        except BadShopPayload:
            return "unreadable"
        return ", ".join(dict.fromkeys(kinds))[:80]

    def dedup_key(self, call: WebhookCall) -> str:
        return hashlib.sha256(call.headers.get("webhook-id", "").encode(errors="replace")).hexdigest()

    def parse(self, topic: str, body: bytes) -> list[News]:
        """One bad event does not block the rest: the answer has told the module which."""
        usable = [event for event in self._events(body) if not _problem(event) and event.value["kind"] in READERS]
        told = [READERS[event.value["kind"]](event) for event in usable]
        key = shop_key_of(self._envelope(body))
        return [replace(each, shop_key=key) if isinstance(each, Greeting) else each for each in told]

    def note(self, topic: str, body: bytes) -> str:
        events = self._events(body)
        hellos = ["connected" for event in events if event.value.get("kind") == HELLO]
        unreadable = sum(bool(_problem(event)) for event in events)
        return "; ".join([*hellos[:1], *([f"unreadable events: {unreadable}"] if unreadable else [])])

    def answer(self, body: bytes) -> dict[str, Any]:
        try:
            events = self._events(body)
        except BadShopPayload as error:
            return {"accepted": [], "refused": [], "problem": str(error)}
        answers = [(event.value.get("id"), _problem(event)) for event in events]
        return {
            "accepted": [id_ for id_, problem in answers if not problem],
            "refused": [{"id": id_, "reason": problem} for id_, problem in answers if problem],
        }

    def shop_key(self, call: WebhookCall) -> str:
        try:
            return shop_key_of(self._envelope(call.body))
        except BadShopPayload:
            return ""

    def introduces(self, topic: str) -> bool:
        return HELLO in topic.split(", ")

    def _events(self, body: bytes) -> list[Fields]:
        content = self._envelope(body)
        if content.value.get("schema") != 1:
            raise BadShopPayload("This version of the format is not known.")
        events = content.parts("events")
        if len(events) > LARGEST_BATCH:
            raise BadShopPayload(f"More than {LARGEST_BATCH} events in a call.")
        return events

    def sign(self, body: bytes, topic: str, now: datetime) -> dict[str, str]:
        headers = {
            "webhook-id": f"msg_{hashlib.sha256(body).hexdigest()[:32]}",
            "webhook-timestamp": str(int(now.timestamp())),
        }
        call = WebhookCall(method="POST", query={}, headers=headers, body=body)
        signature = signature_of(self._secrets()[0], call, now)
        return {"Content-Type": "application/json", **headers, "webhook-signature": signature}

    def waking(self, now: datetime, body: bytes = b"") -> dict[str, str]:
        """Signed with a key of its own: nobody can send a shop what the shop itself has signed."""
        secret = base64.b64decode(self.credentials["secret"].removeprefix("whsec_"))
        key = "whsec_" + base64.b64encode(hmac.digest(secret, b"to the shop", "sha256")).decode()
        headers = {"webhook-id": f"msg_{uuid.uuid4().hex}", "webhook-timestamp": str(int(now.timestamp()))}
        return {**headers, "webhook-signature": Webhook(key).sign(headers["webhook-id"], now, body.decode())}

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


def _problem(event: Fields) -> str:
    """Why an event can't be used; "" when it can, or when its kind is none of ours."""
    try:
        event.identifier("id")
        if reader := READERS.get(event.identifier("kind")):
            reader(event)
    except BadShopPayload as error:
        return str(error)
    return ""


def _fresh_leaf(now: datetime) -> Any:
    flags = {"is_test": False, "is_backfill": False}
    return lambda name, value: now.isoformat() if name.endswith("_at") and value else flags.get(name, value)


def _number_of(seed: str) -> str:
    """Nine letters, as PrestaShop makes them."""
    return "".join(string.ascii_uppercase[byte % 26] for byte in hashlib.sha256(seed.encode()).digest()[:9])
