"""What the answers and calls of providers have in common."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qsl

import httpx

from integrations.gateways.base import BadWebhook, ErrorClass, Rejected, WebhookCall

# What these say is the same everywhere: the request was judged and not taken.
OF_STATUS: Mapping[int, ErrorClass] = {
    401: ErrorClass.AUTH,
    402: ErrorClass.CREDIT,
    403: ErrorClass.AUTH,
    429: ErrorClass.THROTTLED,
}
# Refused too, for a reason that only the answer's text tells.
REFUSALS = frozenset({400, 404, 422})
# Seconds until the next request may come: the standard's name first, then Brevo's.
WAITS = ("retry-after", "x-sib-ratelimit-reset")
NUMBER = re.compile(r"(?:\+|00)?[1-9]\d{8,14}|0[1-9]\d{8}")


def object_of(response: httpx.Response) -> dict[str, Any] | None:
    """The JSON object that was answered; None for everything else: HTML, half a text, a list."""
    try:
        answer = response.json()
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) else None


def refusal_by_status(response: httpx.Response, code: str = "", detail: str = "") -> Rejected | None:
    """What the status alone proves; None if it proves nothing."""
    error = OF_STATUS.get(response.status_code)
    if error is None:
        return None
    wait = wait_seconds(response, datetime.now(UTC)) if error == ErrorClass.THROTTLED else None
    return Rejected(error, code or str(response.status_code), detail, wait)


def wait_seconds(response: httpx.Response, now: datetime) -> float | None:
    """How long the provider asks us to wait: seconds, or until a date. None if it does not say, or nonsense."""
    said = next((response.headers[name] for name in WAITS if name in response.headers), "").strip()
    if said.isascii() and said.isdigit():
        return float(said[:9])
    try:
        return max(0.0, (parsedate_to_datetime(said) - now).total_seconds())
    except (ValueError, TypeError):
        return None


def fields_of(call: WebhookCall) -> dict[str, str]:
    """What a call says, by query, form or JSON object: names as they are, values as text. Raises BadWebhook."""
    return {**call.query, **_body_fields(call)}


def _body_fields(call: WebhookCall) -> dict[str, str]:
    try:
        text = call.body.decode().strip()
    except UnicodeDecodeError:
        raise BadWebhook("the body is not UTF-8") from None
    if not text:
        return {}
    if text[0] not in '{["':
        return dict(parse_qsl(text, keep_blank_values=True))
    return {name: str(value) for name, value in read_object(text).items() if isinstance(value, str | int | float)}


def read_object(text: str | bytes) -> dict[str, Any]:
    """Raises BadWebhook."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise BadWebhook("the body is not JSON") from None
    if not isinstance(found, dict):
        raise BadWebhook("the body is not a JSON object")
    return found


def first_of(fields: Mapping[str, str], *names: str) -> str:
    """The value of the first of these that says anything."""
    return next((fields[name].strip() for name in names if fields.get(name, "").strip()), "")


def international(number: str) -> str:
    """`33639980001` and `0033639980001` → `+33639980001`; a national number stays as it is."""
    digits = re.sub(r"[\s().-]", "", number)
    if digits.startswith("00"):
        return f"+{digits[2:]}"
    return digits if digits.startswith(("+", "0")) else f"+{digits}"


def moment_of(said: str, otherwise: datetime, zone: tzinfo = UTC) -> datetime:
    """A time in ISO 8601, digits (`20261124103000`) or seconds since 1970; one without offset is of `zone`."""
    try:
        if said.isascii() and said.isdigit() and len(said) == 10:
            return datetime.fromtimestamp(int(said), UTC)
        is_compact = said.isascii() and said.isdigit() and len(said) == 14
        moment = datetime.fromisoformat(f"{said[:8]}T{said[8:]}" if is_compact else said)
    except (ValueError, OverflowError):
        return otherwise
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)
