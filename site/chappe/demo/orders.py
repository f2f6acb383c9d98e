"""The last weeks of the demo's shop: who ordered what, as a paired shop would have told it, by the front door."""

import json
import random
import string
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from audience.models import Contact
from campaigns.models import Campaign
from integrations.gateways.base import WebhookCall
from integrations.models import ShopConnection
from integrations.services import inbox
from integrations.services.shops import receive_shop_call
from integrations.shops.registry import shop_of
from messaging.models import Message
from shortlinks.models import Click, Verdict

CODE = "AUTOMNE10"
# What is sold, in cents.
CATALOGUE = [
    ("Robe Solène en lin", 11_900),
    ("Chemise Anna", 7_900),
    ("Gilet en laine mérinos", 9_500),
    ("Pantalon Nora", 8_900),
    ("Foulard rayé", 3_900),
    ("Ceinture tressée", 4_500),
]
# Orders: after a click, with the code, after a message that only arrived, and from before the campaign.
AFTER_A_CLICK, BY_CODE, AFTER_A_MESSAGE, BEFORE = 10, 5, 3, 12
LANDLINE = "02 61 91 00 07"
# Hours from an order to its parcel's way, and to its door.
SHIPPED, DELIVERED = timedelta(hours=26), timedelta(hours=71)


@dataclass(frozen=True)
class Purchase:
    contact: Contact
    placed_at: datetime
    codes: tuple[str, ...] = ()
    # The share of its total that was given back.
    given_back: float = 0
    is_cancelled: bool = False
    has_mobile: bool = True

    @property
    def phone(self) -> str:
        return f"0{self.contact.phone.removeprefix('+33')}" if self.has_mobile else LANDLINE


def tell_orders(*, shop: ShopConnection, campaign: Campaign, now: datetime) -> None:
    """The campaign has left; in the workspace's scope."""
    draw = random.Random(1907)  # noqa: S311 (fiction, not security)
    ShopConnection.objects.filter(pk=shop.pk).update(connected_at=now - timedelta(days=45))
    bought = sorted(_purchases(campaign, now, draw), key=lambda purchase: purchase.placed_at)
    for number, purchase in enumerate(bought, start=880):
        paid, latest = _order(number, purchase, now, draw)
        for state in [paid] if latest["version"] == paid["version"] else [paid, latest]:
            _tell(shop, state)


def _purchases(campaign: Campaign, now: datetime, draw: random.Random) -> Iterator[Purchase]:
    assert campaign.batch and campaign.sent_at
    delivered = Message.objects.filter(batch=campaign.batch, state=Message.State.DELIVERED).select_related("contact")
    readers = {message.position: message.contact for message in delivered if message.contact}
    clicks = Click.objects.filter(link=campaign.link, verdict=Verdict.HUMAN, clicked_at__lt=now - timedelta(hours=2))
    told = clicks.order_by("-clicked_at").values_list("position", "clicked_at")
    opened = {position: at for position, at in told if position is not None}
    for place, position in enumerate(draw.sample(sorted(opened), AFTER_A_CLICK)):
        at = opened[position] + timedelta(minutes=draw.uniform(4, 90))
        yield Purchase(
            readers[position], at, given_back={1: 1, 3: 0.25}.get(place, 0), is_cancelled=place == AFTER_A_CLICK - 1
        )
    silent = draw.sample(sorted(set(readers) - set(opened)), BY_CODE + AFTER_A_MESSAGE + BEFORE)
    for place, contact in enumerate(readers[position] for position in silent):
        if place < BY_CODE + AFTER_A_MESSAGE:
            at = campaign.sent_at + min(now - campaign.sent_at, timedelta(days=4)) * draw.uniform(0.05, 0.97)
            yield Purchase(contact, at, codes=(CODE,) if place < BY_CODE else ())
        else:
            at = campaign.sent_at - timedelta(days=draw.uniform(1, 20))
            yield Purchase(contact, at, has_mobile=place > BY_CODE + AFTER_A_MESSAGE)


def _order(number: int, purchase: Purchase, now: datetime, draw: random.Random) -> tuple[dict[str, Any], ...]:
    """As the module in the shop writes it when it is paid, and when all that happened to it has happened."""
    items = draw.sample(CATALOGUE, draw.choice([1, 1, 2, 3]))
    total = sum(price for _title, price in items) * (9 if purchase.codes else 10) // 10
    at = purchase.placed_at
    paid = {"placed_at": at, "paid_at": at + timedelta(minutes=2)}
    later = {"shipped_at": at + SHIPPED, "delivered_at": at + DELIVERED}
    if purchase.is_cancelled:
        later = {"cancelled_at": at + timedelta(minutes=50)}
    latest = paid | {name: moment for name, moment in later.items() if moment <= now}
    back = round(total * purchase.given_back)
    refund = {"id": f"R{number}", "amount": _euros(back), "refunded_at": max(latest.values()).isoformat()}
    order = {
        "id": str(number),
        "number": "".join(draw.choices(string.ascii_uppercase, k=9)),
        "currency": "EUR",
        "total": _euros(total),
        "country": "FR",
        "language": "fr",
        "customer": {
            "first_name": purchase.contact.first_name,
            "phones": [{"number": purchase.phone, "country": "FR"}],
        },
        "discount_codes": list(purchase.codes),
        "items": [title for title, _price in items],
    }
    return order | _reached(paid), order | _reached(latest) | {"refunds": [refund] if back else []}


def _reached(times: dict[str, datetime]) -> dict[str, Any]:
    written = {name: moment.isoformat() for name, moment in times.items()}
    return {**written, "version": round(max(times.values()).timestamp() * 1000)}


def _euros(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


def _tell(shop: ShopConnection, order: dict[str, Any]) -> None:
    """One signed call, worked on at the moment that its version names."""
    at = datetime.fromtimestamp(order["version"] / 1000, UTC)
    event = {
        "id": f"demo-{order['id']}-{order['version']}",
        "kind": "order.changed",
        "occurred_at": at.isoformat(),
        "order": order,
    }
    body = json.dumps({"schema": 1, "shop": {"installation": "demo", "id": 1}, "events": [event]}).encode()
    headers = {name.lower(): value for name, value in shop_of(shop).sign(body, "", at).items()}
    call = WebhookCall(method="POST", query={}, headers=headers, body=body)
    receive_shop_call(public_id=shop.public_id, call=call, now=at)
    inbox.work_off(clock=lambda: at)
