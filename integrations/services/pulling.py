"""Shops that are silent are asked for what waits there: one without a scheduled task, or whose visitors have left."""

from datetime import datetime, timedelta

from django_scopes import scopes_disabled

from integrations.http import Call, request_all
from integrations.models import ShopConnection
from integrations.shops.registry import UnknownShop, shop_of

SILENT_FOR = timedelta(minutes=5)
SIDE_BY_SIDE = 20
# The shop delivers up to three calls, of four seconds each, before it answers.
DEADLINE_SECONDS = 15.0


def wake_shops(*, now: datetime) -> int:
    """Ask each; how many answered. What a shop has to say comes by its own signed calls."""
    calls = [call for shop in silent_shops(now) if (call := _call(shop, now))]
    pieces = [calls[start : start + SIDE_BY_SIDE] for start in range(0, len(calls), SIDE_BY_SIDE)]
    answers = [answer for piece in pieces for answer in request_all(piece, deadline_seconds=DEADLINE_SECONDS)]
    return sum(getattr(answer, "status_code", 0) == 200 for answer in answers)


def silent_shops(now: datetime) -> list[ShopConnection]:
    """Those that have called before and could be asked, of every workspace."""
    with scopes_disabled():
        shops = ShopConnection.objects.filter(is_enabled=True, last_delivery_at__lt=now - SILENT_FOR)
        return list(shops.exclude(wake_url="").order_by("pk"))


def _call(shop: ShopConnection, now: datetime) -> Call | None:
    try:
        headers = shop_of(shop).waking(now)
    except UnknownShop:
        return None
    return Call("POST", shop.wake_url, {"headers": headers, "content": b""}, only_public=True) if headers else None
