"""What starts an automation. One class per trigger, its name in `settings.TRIGGERS`.

A trigger says which shop event it listens to, what it offers to the text, and its purpose: service or marketing is
never a choice of whoever writes the text.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from accounts.templatetags.ch import money
from integrations.models import ShopEvent
from messaging.models import BatchPurpose

# A price in French has narrow no-break spaces: each of them would double the price of the message.
PLAIN_SPACES = str.maketrans({"\u202f": " ", "\u00a0": " "})


class UnknownTrigger(LookupError):
    """No class of settings.TRIGGERS has this name."""


class Trigger(ABC):
    """A kind of event, and what a text may say about it."""

    slug: ClassVar[str]
    label: ClassVar[str | Promise]
    kind: ClassVar[ShopEvent.Kind]
    purpose: ClassVar[BatchPurpose]
    # Merge fields that the event fills, with an example of each.
    fields: ClassVar[Mapping[str, str | Promise]]

    @abstractmethod
    def values(self, event: ShopEvent) -> dict[str, str]:
        """The event's merge values, one for each of `fields`."""


class OrderPlaced(Trigger):
    slug = "order_placed"
    label = _("An order is placed")
    kind = ShopEvent.Kind.ORDER_PLACED
    purpose = BatchPurpose.SERVICE
    fields: ClassVar[Mapping[str, str | Promise]] = {
        "order_number": "XKBKNABJK",
        "total": "54,90 €",
        "shop_name": _("Our shop"),
    }

    def values(self, event: ShopEvent) -> dict[str, str]:
        order = event.order
        assert order is not None  # an order was placed
        with override(order.language or None):
            total = money(order.total, order.currency).translate(PLAIN_SPACES)
        return {"order_number": order.number, "total": total, "shop_name": event.shop.name}


def triggers() -> dict[str, Trigger]:
    """The triggers that are switched on in the settings, by name."""
    known = {each.slug: each for each in Trigger.__subclasses__()}
    return {slug: known[slug]() for slug in settings.TRIGGERS}


def trigger_of(slug: str) -> Trigger:
    """Raises UnknownTrigger."""
    try:
        return triggers()[slug]
    except KeyError as error:
        raise UnknownTrigger(slug) from error
