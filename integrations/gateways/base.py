"""What a gateway is. One class per provider, one file per class, one line in `settings.GATEWAYS`."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from django import forms
from django.utils.functional import Promise


class ErrorClass(StrEnum):
    """Why a provider did not take a message, in our words (reference: gateway error table in docs/gateways.md)."""

    THROTTLED = "throttled"
    GATEWAY_DOWN = "gateway_down"
    AUTH = "auth"
    CREDIT = "insufficient_credit"
    RECIPIENT = "invalid_recipient"
    SENDER = "invalid_sender"
    OPTED_OUT = "recipient_opted_out"
    CONTENT = "content_rejected"
    EXPIRED = "expired"

    @property
    def is_retryable(self) -> bool:
        """The provider certainly did not take it, and may take it later."""
        return self in {ErrorClass.THROTTLED, ErrorClass.GATEWAY_DOWN}


class ReportStatus(StrEnum):
    """What a delivery report says, normalised. An unlisted provider code changes nothing."""

    ACCEPTED = "accepted"
    HELD = "held"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    EXPIRED = "expired"
    REJECTED = "rejected"


@dataclass(frozen=True)
class Outgoing:
    """One message on its way out. `reference` is ours (an attempt id) and comes back in reports."""

    reference: str
    to: str
    sender: str
    text: str
    is_marketing: bool


@dataclass(frozen=True)
class Accepted:
    """The provider took it. `provider_ids` holds one id a message, or one a part; `parts` what it bills."""

    provider_ids: tuple[str, ...]
    parts: int | None = None


@dataclass(frozen=True)
class Rejected:
    """The provider certainly did not take it."""

    error: ErrorClass
    code: str = ""
    detail: str = ""
    retry_after_seconds: float | None = None


@dataclass(frozen=True)
class Unknown:
    """It can't be proven either way: never resent, reconciled."""

    detail: str = ""


SendResult = Accepted | Rejected | Unknown


@dataclass(frozen=True)
class Found:
    """The provider knows our reference."""

    provider_ids: tuple[str, ...]
    status: ReportStatus = ReportStatus.ACCEPTED


@dataclass(frozen=True)
class Absent:
    """The provider certainly never took our reference: it may be queued again."""


@dataclass(frozen=True)
class Undecidable:
    """The provider can't be asked, or did not answer."""


Reconciliation = Found | Absent | Undecidable


@dataclass(frozen=True)
class DeliveryReport:
    """One report. It names the message by `provider_id`, by `reference`, or by both."""

    status: ReportStatus
    occurred_at: datetime
    provider_id: str = ""
    reference: str = ""
    code: str = ""


@dataclass(frozen=True)
class IncomingMessage:
    """Somebody wrote to us. `sender` is their number as the provider gives it."""

    sender: str
    text: str
    received_at: datetime
    provider_id: str
    recipient: str = ""


@dataclass(frozen=True)
class WebhookCall:
    """A provider's call, raw: verification and parsing read nothing else."""

    method: str
    query: Mapping[str, str]
    headers: Mapping[str, str]  # lower-case names
    body: bytes
    # Any of these may have signed the call (two while a secret is being changed).
    secrets: tuple[str, ...] = field(default=(), repr=False)

    def with_secrets(self, *secrets: str) -> "WebhookCall":
        return replace(self, secrets=secrets)


class BadWebhook(Exception):
    """The call is signed by somebody who knows the secret, but its body can't be read."""


class StopHandling(StrEnum):
    PROVIDER = "provider"
    OURS = "ours"
    NONE = "none"


@dataclass(frozen=True)
class Capabilities:
    """What an adapter can do; the engine asks here and never by name."""

    max_batch: int = 1
    can_reconcile: bool = False
    stop: StopHandling = StopHandling.NONE
    # Text that the provider appends to marketing by itself; counted, and never written twice.
    appended_stop_clause: str = ""
    is_simulator: bool = False


class Gateway(ABC):
    """An SMS provider's adapter: an instance for each account, no state between calls.

    `send` returns one result for each `Outgoing`, in order, and never raises for one of them. What it can't
    prove to be refused is `Unknown`. It never repeats a request by itself.
    """

    slug: ClassVar[str]
    label: ClassVar[str | Promise]
    capabilities: ClassVar[Capabilities] = Capabilities()
    # Fields of the account's credentials; secrets use forms.PasswordInput.
    config_form: ClassVar[type[forms.Form]] = forms.Form
    # Our path segments of its webhooks: {"report": …} by default one address takes all kinds.
    webhook_kinds: ClassVar[tuple[str, ...]] = ("events",)

    def __init__(self, credentials: Mapping[str, Any], *, account_id: str) -> None:
        self.credentials = credentials
        # The account's public id: part of its webhook address.
        self.account_id = account_id

    @abstractmethod
    def send(self, batch: Sequence[Outgoing]) -> list[SendResult]: ...

    def reconcile(self, reference: str, to: str) -> Reconciliation:
        """Ask the provider whether it took `reference`."""
        return Undecidable()

    @abstractmethod
    def verify(self, kind: str, call: WebhookCall) -> bool:
        """Whether the call comes from the provider; secrets are compared in constant time."""

    @abstractmethod
    def dedup_key(self, kind: str, call: WebhookCall) -> str:
        """The same for a repeated delivery of the same news, different for different news; ≤ 200 characters."""

    @abstractmethod
    def parse(self, kind: str, call: WebhookCall) -> list[DeliveryReport | IncomingMessage]:
        """The news in a stored call, possibly many; raises BadWebhook when it can't be read."""
