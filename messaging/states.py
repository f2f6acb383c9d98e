"""What became of a message, told from everything that is known of its attempts.

Pure: the same facts give the same state, in whatever order and however often they arrived.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from messaging.models import Attempt, Message

State = Message.State

# A later-ranked state wins: a late "sent" never overwrites "delivered", and of contradictory ends the happy
# one wins, because a phone that confirmed a message has it.
RANK = {
    State.SUBMITTING: 0,
    State.UNKNOWN: 1,
    State.ACCEPTED: 2,
    State.HELD: 3,
    State.SENT: 4,
    State.EXPIRED: 5,
    State.REJECTED: 6,
    State.UNDELIVERED: 7,
    State.DELIVERED: 8,
}
FAILED = frozenset({State.EXPIRED, State.REJECTED, State.UNDELIVERED})
FINAL = FAILED | {State.DELIVERED}
# Provably with the provider.
HANDED_OVER = frozenset({State.ACCEPTED, State.HELD, State.SENT}) | FINAL
OF_OUTCOME = {
    Attempt.Outcome.OPEN: State.SUBMITTING,
    Attempt.Outcome.UNKNOWN: State.UNKNOWN,
    Attempt.Outcome.ACCEPTED: State.ACCEPTED,
}


@dataclass(frozen=True)
class Report:
    """One delivery report; without a provider id it speaks for all parts."""

    status: str
    occurred_at: datetime
    provider_id: str = ""


def highest(states: Iterable[str]) -> str:
    return max(states, key=lambda state: RANK[State(state)])


def state_of_attempt(outcome: str, provider_ids: Collection[str], reports: Collection[Report]) -> str | None:
    """None for an attempt that the provider certainly did not take."""
    base = OF_OUTCOME.get(Attempt.Outcome(outcome))
    if not reports:
        return base
    parts = [_state_of_part(part, reports) for part in provider_ids] or [_state_of_part(None, reports)]
    failed = [state for state in parts if state in FAILED]
    # Delivered when all parts are, failed when one is.
    return highest(failed) if failed else min(parts, key=lambda state: RANK[State(state)])


def _state_of_part(part: str | None, reports: Collection[Report]) -> str:
    heard = [report.status for report in reports if part is None or report.provider_id in {"", part}]
    return highest([State.ACCEPTED, *(status for status in heard if status in RANK)])


def finished_at(state: str, reports: Collection[Report]) -> datetime | None:
    """When the state that ends it was first told."""
    if state not in FINAL:
        return None
    return min((report.occurred_at for report in reports if report.status == state), default=None)
