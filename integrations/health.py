"""How an account fares: the room that sends knows, and registers what it knows."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.figures import Rate
from integrations.models import GatewayAccount


class Breaker(TextChoices):
    """Whether messages go to the provider."""

    CLOSED = "closed", pgettext_lazy("provider", "Working")
    OPEN = "open", pgettext_lazy("provider", "Stopped")
    HALF_OPEN = "half_open", _("One message goes ahead")


@dataclass(frozen=True)
class Health:
    """Of the last messages handed over: when one was last accepted, how many were refused, how many are unknown."""

    accepted_at: datetime | None = None
    attempts: int = 0
    refused: int = 0
    unknown: int = 0
    # What its breaker says, and why in words; how much of its rate throttling left to the account.
    breaker: Breaker = Breaker.CLOSED
    because: str = ""
    rate_share: float = 1.0

    @property
    def error_rate(self) -> Rate:
        return Rate(self.refused + self.unknown, self.attempts)


_readers: list[Callable[[GatewayAccount], Health]] = []


def register_health(reader: Callable[[GatewayAccount], Health]) -> None:
    """Called when the room starts."""
    _readers[:] = [reader]


def health_of(account: GatewayAccount) -> Health:
    return _readers[0](account) if _readers else Health()
