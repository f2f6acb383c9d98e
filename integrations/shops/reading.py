"""JSON from outside, read with suspicion: a getter returns what it promises or raises BadShopPayload."""

import json
import re
import unicodedata
from datetime import UTC, datetime
from typing import Any

from integrations.shops.base import BadShopPayload
from integrations.shops.money import BadAmount, smallest_unit

OLDEST, NEWEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
LARGEST_WHOLE = 2**53
# Control characters and lone surrogates: legal in JSON, refused by databases.
UNWRITABLE = {"Cc", "Cs"}


class Fields:
    """The fields of one JSON object. A missing field and `null` are the same."""

    def __init__(self, value: Any) -> None:
        if not isinstance(value, dict):
            raise BadShopPayload("An object was expected.")
        self.value = value

    def has(self, name: str) -> bool:
        return self.value.get(name) is not None

    def text(self, name: str, limit: int) -> str:
        """Cleaned and cut to the limit; "" when missing."""
        value = self.value.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise BadShopPayload(f"{name} is not text.")
        return clean(value)[:limit]

    def identifier(self, name: str, limit: int = 80) -> str:
        """A text or a number that must be there, whole."""
        value = self.value.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**64:
            value = str(value)
        found = clean(value) if isinstance(value, str) else ""
        if not 0 < len(found) <= limit:
            raise BadShopPayload(f"{name} is missing or too long.")
        return found

    def whole(self, name: str) -> int:
        value = self.value.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < LARGEST_WHOLE:
            raise BadShopPayload(f"{name} is not a whole number.")
        return value

    def flag(self, name: str) -> bool:
        return self.value.get(name) is True

    def moment(self, name: str) -> datetime | None:
        value = self.text(name, 40)
        return moment_of(value, name) if value else None

    def needed_moment(self, name: str) -> datetime:
        moment = self.moment(name)
        if moment is None:
            raise BadShopPayload(f"{name} is missing.")
        return moment

    def currency(self, name: str) -> str:
        value = self.text(name, 10)
        if not re.fullmatch("[A-Z]{3}", value):
            raise BadShopPayload(f"{name} is not a currency.")
        return value

    def money(self, name: str, currency: str) -> int:
        value = self.value.get(name)
        if isinstance(value, bool) or not isinstance(value, str | int | float) or len(text := str(value)) > 40:
            raise BadShopPayload(f"{name} is not an amount.")
        try:
            return smallest_unit(text, currency)
        except BadAmount:
            raise BadShopPayload(f"{name} is not an amount.") from None

    def country(self, name: str) -> str:
        value = self.text(name, 10).upper()
        return value if re.fullmatch("[A-Z]{2}", value) else ""

    def language(self, name: str) -> str:
        """`pt-BR` is `pt`."""
        value = re.split("[-_]", self.text(name, 20).lower())[0]
        return value if re.fullmatch("[a-z]{2,3}", value) else ""

    def address(self, name: str, limit: int = 2000) -> str:
        """A web address, or ""; a cut one would lead nowhere."""
        value = self.text(name, limit + 1)
        return value if re.fullmatch(r"https?://[^\s<>\"]+", value) and len(value) <= limit else ""

    def code(self, name: str, limit: int = 40) -> str:
        """An opaque id in letters, digits, - and _; else ""."""
        value = self.text(name, limit + 1)
        return value if re.fullmatch(r"[A-Za-z0-9_-]+", value) and len(value) <= limit else ""

    def part(self, name: str) -> "Fields":
        return Fields(self.value[name]) if self.has(name) else Fields({})

    def items(self, name: str) -> list[Any]:
        value = self.value.get(name)
        if value is not None and not isinstance(value, list):
            raise BadShopPayload(f"{name} is not a list.")
        return value or []

    def parts(self, name: str) -> list["Fields"]:
        return [Fields(item) for item in self.items(name)]


def load(body: bytes) -> Fields:
    """The object in a body. Raises BadShopPayload."""
    try:
        return Fields(json.loads(body))
    except (ValueError, RecursionError):
        raise BadShopPayload("The body is not JSON.") from None


def clean(text: str) -> str:
    if text.isprintable():
        return text.strip()
    return "".join(letter for letter in text if unicodedata.category(letter) not in UNWRITABLE).strip()


def moment_of(text: str, name: str) -> datetime:
    """A time with its offset, in UTC. Raises BadShopPayload."""
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None or not OLDEST < moment < NEWEST:
            raise ValueError
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadShopPayload(f"{name} is not a time with an offset.") from None


def milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
