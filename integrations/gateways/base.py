"""What a gateway is. One class per provider, one file per class, one line in `settings.GATEWAYS`."""

import hmac
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django import forms
from django.utils.functional import Promise

from accounts.keys import keyed_index
from accounts.logs import mask_text

PARIS = ZoneInfo("Europe/Paris")
HIDDEN = "•••"


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
    """The provider took it. `provider_ids` holds one id a message, or one a part; `parts` what it bills.

    `is_held`: the provider keeps it back until its own hours begin.
    """

    provider_ids: tuple[str, ...]
    parts: int | None = None
    is_held: bool = False


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
class Balance:
    """What is left at the provider: an amount of `currency`, or of its own credits where that is empty."""

    amount: Decimal
    currency: str = ""


@dataclass(frozen=True)
class Connected:
    """The provider answered and knows the credentials. `advice` says what is still to be done there."""

    balance: Balance | None = None
    advice: tuple[str | Promise, ...] = ()


Check = Connected | Rejected | Unknown


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
    # For news that says no time of its own.
    received_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def with_secrets(self, *secrets: str) -> "WebhookCall":
        return replace(self, secrets=secrets)

    @property
    def digest(self) -> str:
        """The same for the same call on the same day. Keyed: numbers are short enough to be guessed."""
        said = [self.received_at.date().isoformat(), *(f"{name}={self.query[name]}" for name in sorted(self.query))]
        return keyed_index("\n".join([*said, self.body.hex()])).hex()


class BadWebhook(Exception):
    """The call is signed by somebody who knows the secret, but its body can't be read."""


class StopHandling(StrEnum):
    PROVIDER = "provider"
    OURS = "ours"
    NONE = "none"


@dataclass(frozen=True)
class Hold:
    """When a provider keeps marketing back by itself, whatever we ask: on Paris' clock, weekdays from Monday = 0."""

    from_hour: int
    until_hour: int
    weekdays: frozenset[int] = frozenset()

    def is_on(self, now: datetime) -> bool:
        there = now.astimezone(PARIS)
        is_night = there.hour >= self.from_hour or there.hour < self.until_hour
        return is_night or there.weekday() in self.weekdays


@dataclass(frozen=True)
class Capabilities:
    """What an adapter can do; the engine asks here and never by name."""

    max_batch: int = 1
    can_reconcile: bool = False
    stop: StopHandling = StopHandling.NONE
    # Text that the provider appends to marketing by itself; counted, and never written twice.
    appended_stop_clause: str = ""
    is_simulator: bool = False
    hold: Hold | None = None


class Gateway(ABC):
    """An SMS provider's adapter: an instance for each account, no state between calls.

    `send` returns one result for each `Outgoing`, in order, and never raises for one of them. What it can't
    prove to be refused is `Unknown`. It never repeats a request by itself.
    """

    # Templates read the class and would otherwise call it.
    do_not_call_in_templates: ClassVar[bool] = True
    slug: ClassVar[str]
    label: ClassVar[str | Promise]
    # An instance may replace them where they depend on the account: ask `gateway_of(account).capabilities`.
    capabilities: Capabilities = Capabilities()
    # Fields of the account's credentials; secrets use forms.PasswordInput and are never shown again.
    config_form: ClassVar[type[forms.Form]] = forms.Form
    # What to do at the provider, in order.
    steps: ClassVar[tuple[str | Promise, ...]] = ()
    # Our path segments of its webhooks; by default one address takes all kinds.
    webhook_kinds: ClassVar[tuple[str, ...]] = ("events",)
    # Those by which people speak: worked on before the call is answered, so that a STOP waits for no worker.
    spoken_kinds: ClassVar[frozenset[str]] = frozenset()
    # Those whose address somebody pastes at the provider, with what they are for.
    pasted_kinds: ClassVar[Mapping[str, str | Promise]] = {}

    def __init__(
        self,
        credentials: Mapping[str, Any],
        *,
        account_id: str,
        webhook_secret: str = "",
        address_of: Callable[[str], str] = str,
    ) -> None:
        self.credentials = credentials
        # The account's public id: part of its webhook address.
        self.account_id = account_id
        self.webhook_secret = webhook_secret
        # The address that the provider calls with news of a kind.
        self.address_of = address_of

    @property
    def identity(self) -> str:
        """Names the account at the provider, from the credentials: the same whoever typed them. "" if nothing does.

        One such account serves one workspace: a STOP that reaches the provider would be known to one of two only.
        """
        return ""

    def check(self) -> Check:
        """Ask the provider whether the credentials work; nothing is sent."""
        return Connected()

    def oppositions(self) -> Collection[str]:
        """Numbers that the provider knows a STOP of, for what its webhooks did not tell. Raises http.CallFailed."""
        return ()

    @classmethod
    def secret_names(cls) -> list[str]:
        """The credentials that nobody gets to see again."""
        fields = cls.config_form.base_fields
        return [name for name, field in fields.items() if isinstance(field.widget, forms.PasswordInput)]

    def redact(self, text: str) -> str:
        """Without our secrets and anybody's number: what a provider answers may quote both."""
        for secret in (self.webhook_secret, *(str(self.credentials.get(name) or "") for name in self.secret_names())):
            text = text.replace(secret, HIDDEN) if secret else text
        return mask_text(text)

    @abstractmethod
    def send(self, batch: Sequence[Outgoing]) -> list[SendResult]: ...

    def reconcile(self, reference: str, to: str) -> Reconciliation:
        """Ask the provider whether it took `reference`."""
        return Undecidable()

    @abstractmethod
    def verify(self, kind: str, call: WebhookCall) -> bool:
        """Whether the call comes from the provider; secrets are compared in constant time.

        The secret in the address has been compared before: a provider that proves nothing more answers True.
        """

    @abstractmethod
    def dedup_key(self, kind: str, call: WebhookCall) -> str:
        """The same for a repeated delivery of the same news, different for different news; ≤ 200 characters."""

    @abstractmethod
    def parse(self, kind: str, call: WebhookCall) -> list[DeliveryReport | IncomingMessage]:
        """The news in a stored call, possibly many; raises BadWebhook when it can't be read."""


def sign_reference(secret: str, reference: str) -> str:
    """Goes into the address that a provider calls about one message: that message and no other."""
    return hmac.digest(secret.encode(), b"reference " + reference.encode(), "sha256").hex()[:32]


def is_signed_reference(call: WebhookCall, reference: str, proof: str) -> bool:
    given = proof.encode()
    return any(hmac.compare_digest(sign_reference(each, reference).encode(), given) for each in call.secrets if each)
