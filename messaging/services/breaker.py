"""What a provider's answers mean for its account: pauses, a slower rate, and a breaker that stops hammering.

Closed is the ordinary state. Refused credentials and an empty purse open it at once, a provider that is down or
does not answer after `OPENS_AFTER` calls in a row. When the pause of an open breaker is over, one message goes ahead
of the others (half-open): it closes the breaker or opens it again. Kept in the database: every worker sees the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from integrations.gateways.base import Accepted, ErrorClass, Rejected, SendResult, Unknown
from integrations.models import GatewayAccount
from messaging.models import Pace
from messaging.services.pace import lock_pace, slow_down

OPENS_AFTER = 5
FIRST_PAUSE = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(minutes=5)
# Wrong credentials and an empty purse need a person.
CLOSED_PAUSE = timedelta(minutes=15)
NEEDS_PERSON = frozenset({ErrorClass.AUTH, ErrorClass.CREDIT})
# Certainly not taken, and no fault of the message: it waits for the account to recover.
RETRIED = frozenset({ErrorClass.THROTTLED, ErrorClass.GATEWAY_DOWN}) | NEEDS_PERSON
# Nobody else tries while one message is ahead; longer than a gateway's deadline for a call.
PROBE_PATIENCE = timedelta(seconds=60)


@dataclass(frozen=True)
class Trouble:
    """What went wrong in a call; without an error, the provider said nothing that could be understood."""

    error: ErrorClass | None = None
    retry_after_seconds: float | None = None


def is_half_open(pace: Pace) -> bool:
    """Asked at a claim, which only an account that is not paused gets to."""
    return pace.opened_at is not None


def send_ahead(account: GatewayAccount, now: datetime) -> None:
    """The one message of a half-open breaker is under way: everybody else waits for what becomes of it."""
    GatewayAccount.objects.filter(pk=account.pk).update(paused_until=now + PROBE_PATIENCE)


def call_back(account: GatewayAccount) -> None:
    """The message that was to go ahead did not leave: the next one may."""
    GatewayAccount.objects.filter(pk=account.pk).update(paused_until=None)


def note_results(*, account: GatewayAccount, results: Sequence[SendResult], now: datetime) -> None:
    """Draw the consequences of a call's answers. Runs in a transaction."""
    pace = lock_pace(account, now)
    trouble = _trouble_in(results)
    if any(map(_is_answer, results)) and (pace.troubles or pace.opened_at):
        _close(pace, account)
        pace.save()
    if trouble:
        _suffer(pace, account, trouble, now)
        pace.save()


def _is_answer(result: SendResult) -> bool:
    """The provider works and knows us, whatever it said about one message."""
    return isinstance(result, Accepted) or (isinstance(result, Rejected) and result.error not in RETRIED)


def _trouble_in(results: Sequence[SendResult]) -> Trouble | None:
    troubles = [result for result in results if isinstance(result, Rejected) and result.error in RETRIED]
    if troubles:
        waits = [each.retry_after_seconds for each in troubles if each.retry_after_seconds is not None]
        return Trouble(troubles[0].error, max(waits, default=None))
    return Trouble() if all(isinstance(result, Unknown) for result in results) else None


def _close(pace: Pace, account: GatewayAccount) -> None:
    pace.troubles = 0
    if pace.opened_at is not None:
        pace.opened_at, pace.opened_by = None, ""
        GatewayAccount.objects.filter(pk=account.pk).update(paused_until=None)


def _suffer(pace: Pace, account: GatewayAccount, trouble: Trouble, now: datetime) -> None:
    """Pause the account: as long as the provider asks, or twice as long as last time."""
    pace.troubles = min(pace.troubles + 1, 1_000)
    is_throttled = trouble.error == ErrorClass.THROTTLED
    if is_throttled:
        slow_down(pace, now)
    if trouble.error in NEEDS_PERSON or (pace.troubles >= OPENS_AFTER and not is_throttled):
        pace.opened_at, pace.opened_by = pace.opened_at or now, trouble.error or "unknown"
    pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(pace.troubles - 1, 10))
    if trouble.error in NEEDS_PERSON:
        pause = CLOSED_PAUSE
    elif trouble.retry_after_seconds is not None:
        pause = min(LONGEST_PAUSE, timedelta(seconds=trouble.retry_after_seconds))
    GatewayAccount.objects.filter(pk=account.pk).update(paused_until=now + pause)
