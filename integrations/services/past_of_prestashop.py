"""The past of a PrestaShop shop: its module is asked to note a page, and tells it by its own signed calls."""

from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from integrations.http import CallFailed, request
from integrations.models import Backfill, ShopConnection
from integrations.services.past_pages import CannotAsk, Page
from integrations.shops.registry import shop_of

# The module delivers up to three calls, of four seconds each, before it answers.
DEADLINE_SECONDS = 20.0


def next_page(backfill: Backfill, shop: ShopConnection, now: datetime) -> Page:
    """Ask for what follows the cursor, an id of the shop's. Raises CannotAsk."""
    after = int(backfill.cursor or 0)
    told = _ask(shop, urlencode({"past": backfill.stage, "after": after}).encode(), now)
    past = told.get("past")
    if not isinstance(past, dict):
        raise CannotAsk("the module in the shop is too old: install the one offered here")
    noted, last, total = (_whole(past.get(name)) for name in ("noted", "last", "total"))
    is_waiting = _whole(told.get("waiting")) > 0
    return Page(
        told=noted,
        cursor=str(max(last, after)),
        is_last=noted == 0 and not is_waiting,
        total=total,
        is_busy=noted == 0 and is_waiting,
    )


def _ask(shop: ShopConnection, body: bytes, now: datetime) -> dict[str, Any]:
    headers = shop_of(shop).waking(now, body) | {"Content-Type": "application/x-www-form-urlencoded"}
    try:
        answer = request(
            "POST", shop.wake_url, headers=headers, content=body, only_public=True, deadline_seconds=DEADLINE_SECONDS
        )
    except CallFailed as error:
        raise CannotAsk("the shop can’t be reached") from error
    if answer.status_code == HTTPStatus.UNAUTHORIZED:
        raise CannotAsk("the shop refuses our call: connect it again")
    try:
        told = answer.json()
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise CannotAsk("the shop’s answer could not be understood")
    return told


def _whole(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31:
        return value
    raise CannotAsk("the shop’s answer could not be understood")
