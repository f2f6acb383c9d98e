"""How an account fares, told from the last messages that were handed over to it."""

from collections import Counter

from integrations.health import Health
from integrations.models import GatewayAccount
from messaging.models import Attempt

LATEST = 1_000
Outcome = Attempt.Outcome


def health_of(account: GatewayAccount) -> Health:
    latest = Attempt.objects.filter(account=account).order_by("-started_at")
    rows = list(latest.values_list("outcome", "finished_at")[:LATEST])
    counts = Counter(outcome for outcome, _finished_at in rows)
    accepted = (finished_at for outcome, finished_at in rows if outcome == Outcome.ACCEPTED and finished_at)
    return Health(
        accepted_at=next(accepted, None),
        attempts=len(rows) - counts[Outcome.OPEN],
        refused=counts[Outcome.REJECTED],
        unknown=counts[Outcome.UNKNOWN],
    )
