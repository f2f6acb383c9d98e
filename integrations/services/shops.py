"""Shops: connecting them, taking in their calls, and telling the rooms on our left what happened."""

import uuid
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError
from django_scopes import scope, scopes_disabled

from accounts.models import Workspace
from integrations.doorbook import remembered_shop, shop_now
from integrations.gateways.base import WebhookCall
from integrations.models import InboundDelivery, Order, ShopConnection, ShopEvent
from integrations.queries import why_not_to_send
from integrations.services import inbox
from integrations.services.taking import TAKERS
from integrations.shops.base import BadShopPayload, News, OrderPart, OrderSnapshot, Shop
from integrations.shops.registry import shop_class, shop_of
from integrations.signals import order_told, shop_event_received
from shortlinks.services import follow_shops

# An order of a few hundred lines is about a megabyte.
MAX_BODY_BYTES = 2 * 1024 * 1024
NOTED_EVERY = timedelta(minutes=1)


class UnknownConnection(Exception):
    """No shop is connected at this address."""


class Disconnected(Exception):
    """The shop was switched off here: it should stop calling."""


def connect_shop(
    *,
    workspace: Workspace,
    platform: str,
    name: str,
    credentials: Mapping[str, str],
    shop_key: str = "",
    web_address: str = "",
) -> ShopConnection:
    """A connection with the credentials that the merchant brought and those that we make. Raises UnknownShop."""
    made = shop_class(platform).new_credentials()
    with scope(workspace=workspace):
        shop = ShopConnection.objects.create(
            workspace=workspace,
            platform=platform,
            name=name,
            web_address=web_address,
            shop_key=shop_key or shop_class(platform).key_in(credentials),
            credentials={**credentials, **made},
            country=workspace.country,
            language=workspace.language,
            currency=workspace.currency,
        )
        follow_shops(workspace=workspace)
    return shop


def change_credentials(*, shop: ShopConnection, credentials: Mapping[str, str]) -> None:
    """Put new credentials in place; the ones they replace count until the next change (`previous_…`)."""
    changed = {name: value for name, value in credentials.items() if value != shop.credentials.get(name)}
    if changed:
        replaced = {f"previous_{name}": shop.credentials[name] for name in changed if name in shop.credentials}
        shop.credentials = {**shop.credentials, **replaced, **changed}
        shop.shop_key = shop_class(shop.platform).key_in(changed) or shop.shop_key
        shop.save(update_fields=["credentials", "shop_key"])


def pair_again(*, shop: ShopConnection) -> None:
    """New secrets where we make them, shown until the shop calls; the old ones count until the next change.

    A shop that was switched off, or said goodbye, is switched on by it.
    """
    if made := shop_of(shop).new_credentials():
        change_credentials(shop=shop, credentials=made)
        shop.last_delivery_at, shop.is_enabled = None, True
        shop.save(update_fields=["last_delivery_at", "is_enabled"])


def receive_shop_call(*, public_id: uuid.UUID, call: WebhookCall, now: datetime) -> dict[str, Any]:
    """Store a shop's call once; what the shop is answered. Raises UnknownConnection, RefusedWebhook, Disconnected."""
    with scopes_disabled():
        if shop := remembered_shop(public_id=public_id):
            # What is remembered may be a second old: who is turned away by it is judged again.
            with suppress(Disconnected, inbox.RefusedWebhook, IntegrityError):
                return _take(shop, call, now)
        shop = shop_now(public_id=public_id)
        if shop is None:
            raise UnknownConnection
        try:
            return _take(shop, call, now)
        except inbox.RefusedWebhook:
            inbox.count_refused(shop)
            raise


def _take(shop: ShopConnection, call: WebhookCall, now: datetime) -> dict[str, Any]:
    """Raises RefusedWebhook, Disconnected; IntegrityError where the shop is gone."""
    adapter = shop_of(shop)
    if not adapter.verify(call, now):
        raise inbox.RefusedWebhook
    topic = adapter.topic(call)
    if _is_another(shop, adapter, call) or not (shop.is_enabled or adapter.outlives(topic)):
        raise Disconnected
    if inbox.store_call(origin=shop, topic=topic, dedup_key=adapter.dedup_key(call), call=call, now=now):
        _note_call(shop, now)
    return adapter.answer(call.body)


def _is_another(shop: ShopConnection, adapter: Shop, call: WebhookCall) -> bool:
    """Two shops with one secret and address would mix their orders. Who introduces itself last is the one."""
    key = adapter.shop_key(call)
    return bool(shop.shop_key and key and key != shop.shop_key) and not adapter.introduces(adapter.topic(call))


def _note_call(shop: ShopConnection, now: datetime) -> None:
    """To the minute: a row that each call writes to would have them wait for one another."""
    if shop.last_delivery_at is None or now - shop.last_delivery_at >= NOTED_EVERY:
        ShopConnection.objects.filter(pk=shop.pk).update(last_delivery_at=now)
        shop.last_delivery_at = now


def announce_shop_news(delivery: InboundDelivery, now: datetime) -> str:
    """The handler of shops: compare snapshots, tell what happened, say in words what came of it.

    Events that an earlier try derived from this delivery are told again: their receivers hear them at least once.
    """
    shop = delivery.shop
    assert shop is not None
    shop.workspace = delivery.workspace
    adapter = shop_of(shop)
    if not delivery.body:
        raise inbox.CannotUse("its content was erased")
    try:
        told = adapter.parse(delivery.topic, delivery.body)
        note = adapter.note(delivery.topic, delivery.body)
    except BadShopPayload as error:
        raise inbox.CannotUse(f"unreadable: {error}") from error
    taken = [outcome for each in told for outcome in TAKERS[type(each)](each, shop, delivery, now)]
    events = list(delivery.events.select_related("order__contact").order_by("pk"))
    outcomes = [outcome for event in events for outcome in _tell(event, shop, now)] + taken
    _tell_orders(shop, told, events)
    return "; ".join(dict.fromkeys([*outcomes, *filter(None, [note])])) or "nothing new"


def _tell(event: ShopEvent, shop: ShopConnection, now: datetime) -> list[str]:
    """What the receivers made of the event; when none of them did anything, why, or that it was noted."""
    event.shop, event.workspace = shop, shop.workspace
    answers = [str(answer) for answer in inbox.announce(shop_event_received, event=event) if answer]
    if answers:
        return answers
    obstacle = why_not_to_send(event=event, now=now)
    return [f"not sent: {obstacle}" if obstacle else f"noted: {event.kind.replace('.', ' ').replace('_', ' ')}"]


def _tell_orders(shop: ShopConnection, told: Iterable[News], events: Iterable[ShopEvent]) -> None:
    """Last: nobody's message waits for what others make of the figures."""
    orders = {event.order.external_id: event.order for event in events if event.order}
    keys = {each.external_id for each in told if isinstance(each, OrderSnapshot | OrderPart)} - set(orders)
    for order in [*orders.values(), *Order.objects.filter(shop=shop, external_id__in=keys).only("workspace")]:
        order.workspace = shop.workspace
        inbox.announce(order_told, order=order)


def work_again(*, delivery: InboundDelivery, now: datetime) -> InboundDelivery:
    """Work on a stored call once more, whatever came of it; nothing is ever sent twice by that."""
    with scope(workspace=delivery.workspace):
        again = {"state": InboundDelivery.State.NEW, "attempts": 0, "next_attempt_at": now}
        InboundDelivery.objects.filter(pk=delivery.pk).update(**again)
    return inbox.work(delivery_id=delivery.pk, now=now) or delivery
