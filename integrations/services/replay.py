"""Posting a payload to the running site as a shop would: for trying things out, and for looking into trouble."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import PurePath
from time import sleep

from django_scopes import scope, scopes_disabled

from integrations import http
from integrations.gateways.base import WebhookCall
from integrations.models import InboundDelivery, ShopConnection
from integrations.shops.registry import shop_of

PATIENCE = timedelta(seconds=10)
POLL_SECONDS = 0.1


class NoSuchShop(Exception):
    """No shop, or more than one, answers to this name."""


class SiteRefused(Exception):
    """The site did not take the call."""


@dataclass(frozen=True)
class Replay:
    """A call of this shop, ready to be signed."""

    shop: ShopConnection
    topic: str
    body: bytes


def find_shop(name: str) -> ShopConnection:
    """The shop with this id, name or platform, over all workspaces. Raises NoSuchShop."""
    with scopes_disabled():
        shops = list(ShopConnection.objects.select_related("workspace").order_by("pk"))
    found = [shop for shop in shops if name in {str(shop.pk), shop.name, shop.platform}]
    if len(found) == 1:
        return found[0]
    known = ", ".join(f"{shop.pk} ({shop.name}, {shop.platform})" for shop in found or shops)
    raise NoSuchShop(f"Give the id of one shop: {known or 'none is connected yet'}.")


def topic_of(file_name: str) -> str:
    """`webhook_orders-create.json` is `orders/create`; a bare order is one just placed."""
    match = re.fullmatch(r"(?:webhook|compliance)_(\w+)-(\w+)\.json", PurePath(file_name).name)
    return f"{match[1]}/{match[2]}" if match else "orders/create"


def prepare(*, shop: ShopConnection, body: bytes, topic: str, phone: str, is_fresh: bool, now: datetime) -> Replay:
    """The payload as asked: as it is, to one number, as if it happened now."""
    adapter = shop_of(shop)
    if is_fresh:
        body = adapter.freshen(body, topic, now)
    if phone:
        body = adapter.with_phone(body, phone)
    return Replay(shop, topic, body)


def post(*, replay: Replay, url: str, now: datetime) -> InboundDelivery:
    """Sign and post; the delivery that the site stored, or had stored before. Raises SiteRefused."""
    adapter = shop_of(replay.shop)
    headers = adapter.sign(replay.body, replay.topic, now)
    try:
        response = http.request("POST", url, content=replay.body, headers=headers)
    except http.CallFailed as error:
        raise SiteRefused(f"Nothing answers at {url}: start the site, or say --url.") from error
    if response.status_code != HTTPStatus.OK:
        raise SiteRefused(f"The site answered {response.status_code}.")
    sent = {name.lower(): value for name, value in headers.items()}
    key = adapter.dedup_key(WebhookCall(method="POST", query={}, headers=sent, body=replay.body))
    with scope(workspace=replay.shop.workspace):
        return InboundDelivery.objects.get(shop=replay.shop, dedup_key=key)


def wait_for_outcome(*, delivery: InboundDelivery) -> str:
    """What came of the delivery, as soon as a worker has seen to it; "" when none did in time."""
    with scope(workspace=delivery.workspace):
        for _ in range(int(PATIENCE.total_seconds() / POLL_SECONDS)):
            delivery.refresh_from_db(fields=["state", "outcome"])
            if delivery.state != InboundDelivery.State.NEW:
                return delivery.outcome
            sleep(POLL_SECONDS)
    return ""
