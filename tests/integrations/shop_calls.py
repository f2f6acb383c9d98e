"""Signed calls of every registered shop, for tests."""

from pathlib import Path

from integrations.gateways.base import WebhookCall
from integrations.shops.base import Shop
from tests.factories import TUESDAY

PAYLOADS = Path(__file__).resolve().parents[1] / "payloads"


def credentials_of(shop_class: type[Shop], secret: str = "first-secret") -> dict[str, str]:
    """What we make, or what the merchant would type."""
    typed = {name: secret for name, field in shop_class.config_form.base_fields.items() if field.required}
    return shop_class.new_credentials() | typed


def payload(platform: str, name: str) -> bytes:
    return (PAYLOADS / platform / f"{name}.json").read_bytes()


def signed_call(shop: Shop, body: bytes, topic: str = "orders/create", now=TUESDAY) -> WebhookCall:
    headers = {name.lower(): value for name, value in shop.sign(body, topic, now).items()}
    return WebhookCall(method="POST", query={}, headers=headers, body=body)
