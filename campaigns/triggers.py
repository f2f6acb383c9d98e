"""What starts an automation. One class per trigger, its name in `settings.TRIGGERS`.

A trigger says which happenings it listens to, what it offers to the text, and its purpose: service or marketing is
never a choice of whoever writes the text.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from accounts.templatetags.ch import money
from campaigns import decided, typed
from campaigns.hours import first_hour
from campaigns.models import Automation, Occasion
from campaigns.notice import notice_of
from integrations.models import Order, ShopEvent
from integrations.queries import why_not_to_send
from messaging.clock import workspace_now
from messaging.models import BatchPurpose
from messaging.rules import limits_of

Kind = ShopEvent.Kind
Words = Mapping[str, str | Promise]

# A price in French has narrow no-break spaces: each of them would double the price of the message.
PLAIN_SPACES = str.maketrans({"\u202f": " ", "\u00a0": " "})
TRACKING_LINK = "tracking_link"


# What a program tells, or somebody sends by a form, is news for so long.
NEWS_KEEPS = timedelta(hours=24)


class UnknownTrigger(LookupError):
    """No class of settings.TRIGGERS has this name."""


class Trigger(ABC):
    """A kind of happening, and what a text may say about it."""

    slug: ClassVar[str]
    label: ClassVar[str | Promise]
    kind: ClassVar[ShopEvent.Kind | Occasion.Kind]
    purpose: ClassVar[BatchPurpose]
    # Merge fields that the event fills, with an example of each.
    fields: ClassVar[Words]
    # Those that some events leave empty: a text has words for that, `{carrier|the carrier}`.
    optional: ClassVar[Words] = {}
    # Triggers whose news this one makes old: of the same order, what still waits there is not sent.
    supersedes: ClassVar[frozenset[str]] = frozenset()
    # Links that lead each recipient to an address of their own, with what they are.
    links: ClassVar[Words] = {}
    # Somebody waits for it at this very moment: no clock holds it back, and it goes before all others.
    is_immediate: ClassVar[bool] = False
    # What its form asks besides: columns of an automation.
    asks: ClassVar[tuple[str, ...]] = ()

    @property
    def is_of_orders(self) -> bool:
        """It can be tried with one of the past."""
        return isinstance(self, OrderTrigger)

    @property
    def is_of_occasions(self) -> bool:
        """It can be tried with what a program, or a form, has told."""
        return isinstance(self, OccasionTrigger) and not self.is_of_dates

    @property
    def is_of_dates(self) -> bool:
        """Somebody can say today whom it will write to."""
        return self.kind == Occasion.Kind.DATE

    @abstractmethod
    def values(self, happening: Any) -> dict[str, str]:
        """The happening's merge values, one for each of `fields` and `optional`."""

    def optional_of(self, automation: Automation) -> Words:
        """`optional`, and what this automation says its happenings may bring."""
        return self.optional

    def targets(self, happening: Any) -> dict[str, str]:
        """Where each of `links` leads this recipient; a link that leads nowhere is left out."""
        return {}

    @abstractmethod
    def obstacle(self, automation: Automation, happening: Any, heard_at: datetime) -> str:
        """What the law of such happenings says against a message, as a sentence of the log; "" for nothing."""


class ShopTrigger(Trigger):
    """Something happened in a shop."""

    asks: ClassVar[tuple[str, ...]] = (
        *("shop", "least_total", "most_total", "countries", "languages", "products", "history"),
        *("delay_minutes", "max_age_hours", "gives_way"),
    )

    def obstacle(self, automation: Automation, happening: ShopEvent, heard_at: datetime) -> str:
        reason = why_not_to_send(event=happening, now=heard_at)
        return f"not sent: {reason}" if reason else ""


class OrderTrigger(ShopTrigger):
    """Something happened to an order. Whoever ordered wants to know: a service message."""

    purpose = BatchPurpose.SERVICE
    fields: ClassVar[Words] = {"order_number": "XKBKNABJK", "total": "54,90 €", "shop_name": _("Our shop")}

    def values(self, event: ShopEvent) -> dict[str, str]:
        order = order_of(event)
        return {"order_number": order.number, "total": price(order.total, order), "shop_name": event.shop.name}


class ParcelTrigger(OrderTrigger):
    """Something happened on its way."""

    optional: ClassVar[Words] = {"carrier": "Colissimo", "tracking_number": "6A12345678901"}
    links: ClassVar[Words] = {TRACKING_LINK: _("where the parcel is")}

    def values(self, event: ShopEvent) -> dict[str, str]:
        parcel = parcel_of(order_of(event))
        own = {"carrier": parcel.get("carrier", ""), "tracking_number": parcel.get("number", "")}
        return super().values(event) | own

    def targets(self, event: ShopEvent) -> dict[str, str]:
        order = order_of(event)
        address = parcel_of(order).get("url") or order.status_url
        return {TRACKING_LINK: address} if address else {}


class OrderPlaced(OrderTrigger):
    slug = "order_placed"
    label = _("An order is placed")
    kind = Kind.ORDER_PLACED


class OrderPaid(OrderTrigger):
    slug = "order_paid"
    label = _("An order is paid")
    kind = Kind.ORDER_PAID
    supersedes = frozenset({"order_placed"})


class OrderShipped(ParcelTrigger):
    slug = "order_shipped"
    label = _("An order is shipped")
    kind = Kind.ORDER_SHIPPED
    supersedes = OrderPaid.supersedes | {"order_paid", "order_delayed"}


class OrderOutForDelivery(ParcelTrigger):
    slug = "order_out_for_delivery"
    label = _("An order is out for delivery")
    kind = Kind.ORDER_OUT_FOR_DELIVERY
    supersedes = OrderShipped.supersedes | {"order_shipped"}


class OrderReady(ParcelTrigger):
    slug = "order_ready"
    label = _("An order is ready for pickup")
    kind = Kind.ORDER_READY
    supersedes = OrderShipped.supersedes | {"order_shipped"}


class OrderDelivered(OrderTrigger):
    slug = "order_delivered"
    label = _("An order is delivered")
    kind = Kind.ORDER_DELIVERED
    supersedes = OrderShipped.supersedes | {"order_shipped", "order_out_for_delivery", "order_ready"}


class OrderDelayed(ParcelTrigger):
    slug = "order_delayed"
    label = _("An order is delayed")
    kind = Kind.ORDER_DELAYED


class OrderCancelled(OrderTrigger):
    slug = "order_cancelled"
    label = _("An order is cancelled")
    kind = Kind.ORDER_CANCELLED
    supersedes = OrderDelivered.supersedes


class OrderRefunded(OrderTrigger):
    slug = "order_refunded"
    label = _("An order is refunded")
    kind = Kind.ORDER_REFUNDED
    fields: ClassVar[Words] = {**OrderTrigger.fields, "refund": "18,50 €"}

    def values(self, event: ShopEvent) -> dict[str, str]:
        """Of several refunds each has an event: its key ends with the refund's own id."""
        order = order_of(event)
        amount = order.refunds.get(event.event_key.removeprefix(f"{event.kind}:"), 0)
        return super().values(event) | {"refund": price(amount, order)}


class OccasionTrigger(Trigger):
    """Something that no shop tells; what it fills a text with stands in the occasion."""

    purpose = BatchPurpose.SERVICE

    def values(self, happening: Occasion) -> dict[str, str]:
        return dict(happening.values)

    def obstacle(self, automation: Automation, happening: Occasion, heard_at: datetime) -> str:
        return "" if happening.contact else decided.NO_MOBILE


class SignedCall(OccasionTrigger):
    """A program of the merchant's own says that something happened to somebody (docs/signed-calls.md)."""

    slug = "signed_call"
    label = _("A program of yours tells an event")
    kind = Occasion.Kind.CALL
    fields: ClassVar[Words] = {}
    asks = ("event_name", "event_fields", "delay_minutes", "max_age_hours")

    def optional_of(self, automation: Automation) -> Words:
        return dict.fromkeys(automation.event_fields, "…")

    def obstacle(self, automation: Automation, happening: Occasion, heard_at: datetime) -> str:
        is_old = heard_at - happening.occurred_at > NEWS_KEEPS
        return decided.TOO_OLD if is_old else super().obstacle(automation, happening, heard_at)


class OneTimeCode(OccasionTrigger):
    """A program of the merchant's own asks to send a code: it goes through the message, and is kept nowhere."""

    slug = "one_time_code"
    label = _("A program of yours asks to send a one-time code")
    kind = Occasion.Kind.CODE
    is_immediate = True
    fields: ClassVar[Words] = {"code": "482 915"}
    asks = ("event_name", "lifetime_minutes")

    def obstacle(self, automation: Automation, happening: Occasion, heard_at: datetime) -> str:
        is_over = heard_at - happening.occurred_at > timedelta(minutes=automation.lifetime_minutes)
        return decided.EXPIRED if is_over else super().obstacle(automation, happening, heard_at)


class FormSent(OccasionTrigger):
    """Somebody sent a form of a page: an invitation, a table, a contest. They get a word that it arrived."""

    slug = "form_sent"
    label = _("A form of a page is sent")
    kind = Occasion.Kind.FORM
    fields: ClassVar[Words] = {"page_title": _("Our evening")}
    asks = ("form_page", "delay_minutes", "max_age_hours")

    def obstacle(self, automation: Automation, happening: Occasion, heard_at: datetime) -> str:
        is_old = heard_at - happening.occurred_at > NEWS_KEEPS
        reason = decided.TOO_OLD if is_old else super().obstacle(automation, happening, heard_at)
        return reason or typed.refusal(happening, heard_at)


class Reminder(OccasionTrigger):
    """A date of theirs comes near: an appointment, an event, the end of a contract."""

    slug = "reminder"
    label = _("A date of theirs comes near")
    kind = Occasion.Kind.DATE
    fields: ClassVar[Words] = {"date": "24/11/2026"}
    optional: ClassVar[Words] = {"time": "14:30"}
    asks = ("date_attribute", "lead_hours", "at_time")

    def obstacle(self, automation: Automation, happening: Occasion, heard_at: datetime) -> str:
        if automation.date_attribute is None or happening.attribute_id != automation.date_attribute_id:
            return decided.NOT_READY
        if happening.contact is None:
            return decided.NO_MOBILE
        clock = workspace_now(automation.workspace, heard_at)
        limits = limits_of(automation.workspace, automation.sender.account)
        leaves_at = first_hour(happening.contact, self.purpose, clock, limits) or clock
        return decided.TOO_LATE if leaves_at > notice_of(automation).expires_at(happening.name) else ""


def order_of(event: ShopEvent) -> Order:
    assert event.order is not None  # something happened to it
    return event.order


def parcel_of(order: Order) -> Mapping[str, str]:
    """The latest parcel that can be followed, or else the latest."""
    followed = [parcel for parcel in order.tracking if parcel.get("url")]
    return (followed or order.tracking or [{}])[-1]


def price(amount: int, order: Order) -> str:
    """An amount in the order's currency, as its language writes it."""
    with override(order.language or None):
        return money(amount, order.currency).translate(PLAIN_SPACES)


def triggers() -> dict[str, Trigger]:
    """The triggers that are switched on in the settings, by name."""
    known = {each.slug: each for each in _classes(Trigger) if hasattr(each, "slug")}
    return {slug: known[slug]() for slug in settings.TRIGGERS}


def _classes(base: Any) -> Iterator[type[Trigger]]:
    for each in base.__subclasses__():
        yield each
        yield from _classes(each)


def asking() -> dict[str, set[str]]:
    """Which triggers ask for a field that not all of them ask for."""
    found: dict[str, set[str]] = {}
    for slug, trigger in triggers().items():
        for name in trigger.asks:
            found.setdefault(name, set()).add(slug)
    return found


def trigger_of(slug: str) -> Trigger:
    """Raises UnknownTrigger."""
    try:
        return triggers()[slug]
    except KeyError as error:
        raise UnknownTrigger(slug) from error
