"""How an account fares, told from the last messages that were handed over to it and from what its breaker says."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.health import Breaker, Health
from integrations.models import GatewayAccount
from messaging.models import Attempt, Pace
from messaging.reasons import reason_label
from messaging.services.pace import rate_of

LATEST = 1_000
Outcome = Attempt.Outcome


@dataclass(frozen=True)
class Standing:
    """Whether and how fast messages go to the provider now, over all workers."""

    breaker: Breaker
    rate_per_second: float
    # Since when the breaker is open, and why, in words.
    opened_at: datetime | None = None
    because: str = ""


def health_of(account: GatewayAccount) -> Health:
    latest = Attempt.objects.filter(account=account).order_by("-started_at")
    rows = list(latest.values_list("outcome", "finished_at")[:LATEST])
    counts = Counter(outcome for outcome, _finished_at in rows)
    accepted = (finished_at for outcome, finished_at in rows if outcome == Outcome.ACCEPTED and finished_at)
    standing = standing_of(account, timezone.now())
    return Health(
        accepted_at=next(accepted, None),
        attempts=len(rows) - counts[Outcome.OPEN],
        refused=counts[Outcome.REJECTED],
        unknown=counts[Outcome.UNKNOWN],
        breaker=standing.breaker,
        because=standing.because,
        rate_share=standing.rate_per_second / max(1, account.rate_per_second),
    )


def standing_of(account: GatewayAccount, now: datetime) -> Standing:
    """Runs in the account's scope. An account that never sent anything is well."""
    pace = Pace.objects.filter(account=account).first()
    if pace is None:
        return Standing(Breaker.CLOSED, account.rate_per_second)
    return Standing(_breaker(pace, account, now), rate_of(pace, account, now), pace.opened_at, _because(pace.opened_by))


def _breaker(pace: Pace, account: GatewayAccount, now: datetime) -> Breaker:
    if pace.opened_at is None:
        return Breaker.CLOSED
    is_paused = account.paused_until is not None and account.paused_until > now
    return Breaker.OPEN if is_paused else Breaker.HALF_OPEN


def _because(code: str) -> str:
    return _("Waits: the provider does not answer") if code == "unknown" else reason_label(code)
