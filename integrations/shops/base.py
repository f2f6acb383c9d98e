"""What a shop platform is. One class per platform, one file per class, one line in `settings.SHOPS`."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from integrations.gateways.base import WebhookCall


@dataclass(frozen=True)
class PhoneCandidate:
    """A number as the shop holds it, with the country of the address it stands in."""

    number: str
    country: str


@dataclass(frozen=True)
class Refund:
    """Money given back, once. `external_id` is the refund's own, ≤ 40 characters."""

    external_id: str
    amount: int
    refunded_at: datetime


@dataclass(frozen=True)
class Answer:
    """What a customer said to the shop about offers by SMS; when, as far as the shop knows.

    A yes proves something only with the words that were agreed to.
    """

    is_yes: bool
    said_at: datetime | None = None
    wording: str = ""
    # Where in the shop ("registration"), and what else proves it: page, address.
    evidence: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ReachedState:
    """A state of the shop's own that an order has reached, and that the shop itself gives no meaning."""

    external_id: str
    name: str
    reached_at: datetime


@dataclass(frozen=True)
class StateOfShop:
    """A state that orders of the shop go through, and what the shop says it means (`OrderState.Meaning`)."""

    external_id: str
    name: str
    facts: tuple[str, ...] = ()


@dataclass(frozen=True)
class OrderSnapshot:
    """An order as the shop describes it at one moment. Money in the smallest unit, times in UTC."""

    external_id: str
    number: str
    version: int
    placed_at: datetime
    currency: str
    total: int
    first_name: str = ""
    phones: tuple[PhoneCandidate, ...] = ()
    country: str = ""
    language: str = ""
    discount_codes: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    tracking: tuple[Mapping[str, str], ...] = ()
    status_url: str = ""
    click_id: str = ""
    is_test: bool = False
    is_backfill: bool = False
    refunds: tuple[Refund, ...] = ()
    # What only the merchant can say the meaning of.
    states: tuple[ReachedState, ...] = ()
    paid_at: datetime | None = None
    shipped_at: datetime | None = None
    delayed_at: datetime | None = None
    out_for_delivery_at: datetime | None = None
    ready_at: datetime | None = None
    delivered_at: datetime | None = None
    cancelled_at: datetime | None = None


@dataclass(frozen=True)
class OrderPart:
    """News of an order that is not the order: a parcel, a refund. `facts` are times by a snapshot's field names."""

    external_id: str
    facts: Mapping[str, datetime] = field(default_factory=dict)
    tracking: tuple[Mapping[str, str], ...] = ()
    refunds: tuple[Refund, ...] = ()


@dataclass(frozen=True)
class CustomerSnapshot:
    """A customer as the shop describes them. `answer` is None where they were never asked, which is not a no."""

    external_id: str
    version: int
    first_name: str = ""
    phones: tuple[PhoneCandidate, ...] = ()
    language: str = ""
    answer: Answer | None = None
    is_backfill: bool = False


@dataclass(frozen=True)
class CartSnapshot:
    """A cart as it stands: `ordered_at` once it became an order."""

    external_id: str
    version: int
    changed_at: datetime
    currency: str
    total: int
    first_name: str = ""
    phones: tuple[PhoneCandidate, ...] = ()
    language: str = ""
    items: tuple[str, ...] = ()
    recovery_url: str = ""
    ordered_at: datetime | None = None
    is_backfill: bool = False


@dataclass(frozen=True)
class Greeting:
    """The shop introduces itself: what it calls itself, and where it is at home. Empty is unknown."""

    shop_key: str
    country: str = ""
    language: str = ""
    currency: str = ""
    wake_url: str = ""
    states: tuple[StateOfShop, ...] = ()


@dataclass(frozen=True)
class Farewell:
    """Our app or module was taken out of the shop: nothing is to be sent for it any more."""


@dataclass(frozen=True)
class PrivacyRequest:
    """The law asks: for what is kept of a customer, or for its erasure. Without a customer: everything of the shop."""

    erases: bool
    customer_id: str = ""
    order_ids: tuple[str, ...] = ()
    phones: tuple[PhoneCandidate, ...] = ()


News = OrderSnapshot | OrderPart | CustomerSnapshot | CartSnapshot | Greeting | Farewell | PrivacyRequest


@dataclass(frozen=True)
class Package:
    """A zip file that the shop's back office installs."""

    file_name: str
    content: bytes


class BadShopPayload(Exception):
    """The call is well signed, but its body can't be read."""


class Shop(ABC):
    """A shop platform's adapter: an instance for each connection, no state between calls.

    `verify`, `topic` and `dedup_key` read the call as it came; `parse` and `note` read what was stored of it.
    """

    # Templates show classes: they must not make instances of them.
    do_not_call_in_templates: ClassVar[bool] = True
    slug: ClassVar[str]
    label: ClassVar[str | Promise]
    # What it takes to connect one, in a sentence, for whoever chooses a platform.
    needs: ClassVar[str | Promise] = ""
    # What the merchant does in their shop to connect it, one step a line.
    steps: ClassVar[tuple[str | Promise, ...]] = ()
    # What `pairing` is called on the shop's page.
    pairing_label: ClassVar[str | Promise] = _("Secret")
    # Credentials that the merchant brings from the platform; secrets use forms.PasswordInput.
    config_form: ClassVar[type[forms.Form]] = forms.Form

    def __init__(self, credentials: Mapping[str, Any]) -> None:
        self.credentials = credentials

    @classmethod
    def new_credentials(cls) -> dict[str, str]:
        """Credentials that we make and the merchant takes to the platform: shown once."""
        return {}

    @classmethod
    def package(cls) -> Package | None:
        """What the merchant installs in the shop, where there is something to install."""
        return None

    def pairing(self, webhook_url: str) -> list[str]:
        """What the merchant copies into the shop: by default the credentials that we made, one by one."""
        return [self.credentials[name] for name in self.new_credentials()]

    @classmethod
    def key_in(cls, credentials: Mapping[str, str]) -> str:
        """Which shop of the platform the merchant's credentials are for, where they say it (`shop_key`)."""
        return ""

    @abstractmethod
    def verify(self, call: WebhookCall, now: datetime) -> bool:
        """Whether the call is signed by this shop: on the raw bytes, in constant time; never raises."""

    @abstractmethod
    def topic(self, call: WebhookCall) -> str:
        """What the platform calls this news, ≤ 80 characters; never raises."""

    @abstractmethod
    def dedup_key(self, call: WebhookCall) -> str:
        """The same for a repeated delivery, different for different news; ≤ 200 characters; never raises."""

    @abstractmethod
    def parse(self, topic: str, body: bytes) -> list[News]:
        """What a stored call tells (nothing for topics we don't use); raises BadShopPayload."""

    def note(self, topic: str, body: bytes) -> str:
        """What there is to say about a stored call besides its news, in words a merchant reads."""
        return ""

    def shop_key(self, call: WebhookCall) -> str:
        """Which shop of the platform calls, or "" when the call does not say; never raises."""
        return ""

    def introduces(self, topic: str) -> bool:
        """Whether with news of this topic a shop says that from now on it is the one."""
        return False

    def outlives(self, topic: str) -> bool:
        """Whether news of this topic counts when the shop is switched off: what the law asks for does."""
        return False

    def answer(self, body: bytes) -> dict[str, Any]:
        """What our 200 says to the platform; never raises."""
        return {}

    def waking(self, now: datetime, body: bytes = b"") -> dict[str, str]:
        """Headers of a call to the shop's `wake_url`; an empty one asks it for what waits there."""
        return {}

    @abstractmethod
    def sign(self, body: bytes, topic: str, now: datetime) -> dict[str, str]:
        """Headers of a valid call with this body: for `replay_webhook` and tests. The same body has the same ids."""

    @abstractmethod
    def freshen(self, body: bytes, topic: str, now: datetime) -> bytes:
        """The same body as if it happened now, to somebody new: dates, ids, no test order."""

    @abstractmethod
    def with_phone(self, body: bytes, number: str) -> bytes:
        """The same body with this number wherever it holds a phone number."""
