"""Signed calls as Standard Webhooks has them: https://github.com/standard-webhooks/standard-webhooks."""

import base64
import hmac
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from standardwebhooks import Webhook

from integrations.gateways.base import WebhookCall

TOLERANCE = timedelta(minutes=5)


def new_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def is_signed(call: WebhookCall, by: Iterable[str], now: datetime) -> bool:
    """Whether one of these secrets signed the call, lately: in constant time, never raises."""
    signed_at = _signed_at(call)
    if signed_at is None or abs(now - signed_at) > TOLERANCE:
        return False
    try:
        expected = [signature_of(secret, call, signed_at).encode() for secret in by]
    except UnicodeError:
        return False
    given = [each.encode(errors="replace") for each in call.headers.get("webhook-signature", "").split()[:10]]
    return any(hmac.compare_digest(ours, theirs) for ours in expected for theirs in given)


def signature_of(secret: str, call: WebhookCall, signed_at: datetime) -> str:
    """Raises UnicodeError where the body is no text."""
    return Webhook(secret).sign(call.headers.get("webhook-id", ""), signed_at, call.body.decode())


def _signed_at(call: WebhookCall) -> datetime | None:
    text = call.headers.get("webhook-timestamp", "")
    if not (text.isascii() and text.isdecimal() and len(text) <= 11 and call.headers.get("webhook-id")):
        return None
    return datetime.fromtimestamp(int(text), UTC)
