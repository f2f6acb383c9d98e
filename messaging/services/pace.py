"""How fast an account goes: one bucket of tokens for all workers, one claimer at a time, pauses after trouble.

The bucket is a row, locked for a moment at every claim: it holds over any number of machines, needs no
other server, and can't be lost while the queue itself is there.
"""

from datetime import datetime, timedelta

from django.db.models import F

from integrations.gateways.base import ErrorClass
from integrations.models import GatewayAccount
from messaging.models import Pace

# A claimer that says nothing for so long is dead.
CLAIMER_LEASE = timedelta(seconds=5)
FIRST_PAUSE = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(minutes=5)
# Wrong credentials and an empty purse need a person.
CLOSED_PAUSE = timedelta(minutes=15)
NEEDS_PERSON = frozenset({ErrorClass.AUTH, ErrorClass.CREDIT})


def slice_size(account: GatewayAccount, max_batch: int) -> int:
    """A tenth of a second's worth: what one call may take, and how much the bucket holds."""
    return max(1, min(account.rate_per_second // 10, max_batch))


def lock_pace(account: GatewayAccount, now: datetime) -> Pace:
    """The account's row, locked until the transaction ends."""
    full = {"workspace": account.workspace, "refilled_at": now, "tokens": account.rate_per_second}
    Pace.objects.get_or_create(account=account, defaults=full)
    return Pace.objects.select_for_update().get(account=account)


def is_taken(pace: Pace, claimer: str, now: datetime) -> bool:
    """Whether somebody else is at work here."""
    return pace.claimer not in {"", claimer} and pace.claimer_until is not None and pace.claimer_until > now


def refill(pace: Pace, *, rate: int, size: int, now: datetime) -> int:
    """Whole tokens there are now."""
    seconds = max(0.0, (now - pace.refilled_at).total_seconds())
    pace.tokens = min(float(size), pace.tokens + seconds * rate)
    pace.refilled_at = max(now, pace.refilled_at)
    return int(pace.tokens + 1e-6)


def keep(pace: Pace, *, taken: int, claimer: str, now: datetime) -> None:
    pace.tokens = max(0.0, pace.tokens - taken)
    pace.claimer, pace.claimer_until = claimer, now + CLAIMER_LEASE
    pace.save(update_fields=["tokens", "refilled_at", "claimer", "claimer_until"])


def resign(account: GatewayAccount, claimer: str) -> None:
    """Let the next claimer in at once."""
    Pace.objects.filter(account=account, claimer=claimer).update(claimer="", claimer_until=None)


def note_success(account: GatewayAccount) -> None:
    Pace.objects.filter(account=account, troubles__gt=0).update(troubles=0)


def note_trouble(
    account: GatewayAccount, *, error: ErrorClass | None, retry_after_seconds: float | None, now: datetime
) -> None:
    """Pause the account: as long as the provider asks, or twice as long as last time."""
    Pace.objects.filter(account=account).update(troubles=F("troubles") + 1)
    troubles = Pace.objects.values_list("troubles", flat=True).get(account=account)
    pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(troubles - 1, 10))
    if error in NEEDS_PERSON:
        pause = CLOSED_PAUSE
    elif retry_after_seconds is not None:
        pause = min(LONGEST_PAUSE, timedelta(seconds=retry_after_seconds))
    GatewayAccount.objects.filter(pk=account.pk).update(paused_until=now + pause)
