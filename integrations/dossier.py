"""What integrations knows of a contact: orders, and the calls that told of them."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.templatetags.ch import money
from audience.models import Contact
from audience.registry import Entry, follows, no_trace, register_erasure, register_export, register_timeline
from integrations.models import Cart, DataRequest, Order, ShopCustomer, ShopEvent, SourcePerson
from integrations.services.privacy import forget_orders

LATEST = 100


def register() -> None:
    register_timeline("orders", timeline)
    register_export("orders", export_orders)
    register_erasure(Order, erase_orders)
    register_erasure(ShopCustomer, erase_customers)
    register_erasure(Cart, erase_carts)
    register_erasure(SourcePerson, erase_source_people)
    no_trace(DataRequest)
    for model in (Order, ShopCustomer, Cart, DataRequest, SourcePerson):
        follows(model)


def timeline(contact: Contact) -> Iterator[Entry]:
    events = ShopEvent.objects.filter(order__contact=contact).select_related("order", "shop")
    for event in events.order_by("-occurred_at", "-pk")[:LATEST]:
        order = event.order
        assert order is not None  # of this filter
        title = _("%(event)s: no. %(number)s") % {"event": event.get_kind_display(), "number": order.number}
        yield Entry(event.occurred_at, "ch-shop", title, f"{money(order.total, order.currency)} · {event.shop}")


def export_orders(contact: Contact) -> list[dict[str, Any]]:
    orders = contact.orders.select_related("shop").prefetch_related("events").order_by("placed_at")
    return [
        {
            "shop": order.shop.name,
            "number": order.number,
            "customer": order.customer,
            "country": order.country,
            "currency": order.currency,
            "total_in_smallest_unit": order.total,
            "refunded_in_smallest_unit": order.refunded_total,
            "discount_codes": order.discount_codes,
            "items": order.items,
            "tracking": order.tracking,
            "events": [{"kind": event.kind, "at": event.occurred_at} for event in order.events.all()],
        }
        for order in orders
    ]


def erase_orders(*, contact: Contact, now: datetime) -> None:
    forget_orders(orders=contact.orders.all(), now=now)


def erase_customers(*, contact: Contact, now: datetime) -> None:
    """The rows stay, so that the shop's next word of them brings nobody back."""
    contact.shop_customers.update(no_mobile="", said="", said_at=None, erased_at=now)


def erase_carts(*, contact: Contact, now: datetime) -> None:
    contact.carts.all().delete()


def erase_source_people(*, contact: Contact, now: datetime) -> None:
    contact.source_people.all().delete()
