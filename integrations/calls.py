"""What a program of the merchant's own tells by signed call: docs/signed-calls.md is its manual."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from audience.phone import NotAMobile, parse_mobile
from integrations.shops.base import BadShopPayload
from integrations.shops.reading import Fields, clean, load

EVENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,59}", re.ASCII)
FIELD = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
CODE = re.compile(r"(?=.{4,12}$)[A-Za-z0-9]+(?:[ -][A-Za-z0-9]+)*", re.ASCII)
MOST_FIELDS, LONGEST_VALUE = 20, 200
# A clock over there may be ahead of ours by this much.
SKEW = timedelta(minutes=5)
# Names that a text fills from elsewhere.
TAKEN = {"code", "first_name", "last_name", "city", "link"}


class BadCall(Exception):
    """The call is well signed, but can't be used; the message says why, to whoever writes the program."""


@dataclass(frozen=True)
class Told:
    """Something happened: what, to whom, when. The same `id` is the same event."""

    event: str
    id: str
    occurred_at: datetime
    phone: str = ""
    external_id: str = ""
    first_name: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    # A one-time code. Sealed like all of it until it was worked on, and never shown.
    code: str = field(default="", repr=False)

    def written(self) -> bytes:
        """As it is stored."""
        return json.dumps({**vars(self), "occurred_at": self.occurred_at.isoformat()}).encode()


def read_call(body: bytes, *, country: str, now: datetime) -> Told:
    """Raises BadCall, for whatever a body may hold."""
    try:
        return _told(load(body), country, now)
    except BadShopPayload as error:
        raise BadCall(str(error)) from error


def read_stored(body: bytes) -> Told:
    """What `written` wrote."""
    told = json.loads(body)
    return Told(**{**told, "occurred_at": datetime.fromisoformat(told["occurred_at"])})


def _told(content: Fields, country: str, now: datetime) -> Told:
    event = content.identifier("event", 60)
    if not EVENT.fullmatch(event):
        raise BadCall("event may have letters, digits, and _ . : - only.")
    phone, external_id = _phone(content, country), content.text("external_id", 81)
    if not phone and not external_id:
        raise BadCall("phone is missing: without it, external_id must name somebody you have told us before.")
    if len(external_id) > 80:
        raise BadCall("external_id is longer than 80 characters.")
    occurred_at = content.moment("occurred_at") or now
    if occurred_at > now + SKEW:
        raise BadCall("occurred_at is in the future.")
    return Told(
        event=event,
        id=content.identifier("id"),
        occurred_at=occurred_at,
        phone=phone,
        external_id=external_id,
        first_name=content.text("first_name", 80),
        fields=_fields(content.part("fields").value),
        code=_code(content),
    )


def _code(content: Fields) -> str:
    """As it is typed again: letters and digits, in groups if need be. The refusal does not repeat it."""
    if not content.has("code"):
        return ""
    if not isinstance(content.value["code"], str) or not CODE.fullmatch(content.value["code"]):
        raise BadCall("code is not a text of 4 to 12 letters and digits.")
    return str(content.value["code"])


def _phone(content: Fields, country: str) -> str:
    """In E.164; "" where none is given."""
    written = content.text("phone", 41)
    if not written:
        return ""
    try:
        return parse_mobile(written, country).e164
    except NotAMobile as error:
        raise BadCall(f"phone can't be used: {error.code.value}.") from None


def _fields(given: Mapping[str, Any]) -> dict[str, str]:
    if len(given) > MOST_FIELDS:
        raise BadCall(f"fields has more than {MOST_FIELDS} names.")
    return {_name(name): _value(name, value) for name, value in given.items() if value is not None}


def _name(name: str) -> str:
    if not FIELD.fullmatch(name) or name in TAKEN or name.endswith("_link"):
        raise BadCall("A name in fields is not allowed: letters a-z, digits and _, and none that texts fill already.")
    return name


def _value(name: str, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise BadCall(f"fields.{name} is neither text nor number.")
    if isinstance(value, float) and not math.isfinite(value):
        raise BadCall(f"fields.{name} is not a number.")
    text = clean(str(value)) if not isinstance(value, int) or abs(value) < 10**30 else ""
    if (not text and value != "") or len(text) > LONGEST_VALUE:
        raise BadCall(f"fields.{name} is longer than {LONGEST_VALUE} characters.")
    return text
