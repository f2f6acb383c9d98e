"""Back into the queue: only ever for what the provider certainly did not take."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction

from messaging.models import Attempt, Message
from messaging.reasons import Reason
from messaging.services.rations import give_turn_back
from messaging.services.spending import bill


def requeue(message: Message, *, states: Collection[str], reason: str, due_at: datetime | None = None) -> bool:
    """The message waits again, if it is still in one of `states`: its cost is then to be given back."""
    waiting = Message.objects.filter(pk=message.pk, state__in=states).update(
        state=Message.State.QUEUED,
        reason=reason,
        due_at=due_at or message.due_at,
        submitted_at=None,
        lease_until=None,
        claimed_by="",
    )
    if waiting:
        give_turn_back(message.batch_id)
    return bool(waiting)


@transaction.atomic
def recall(attempts: Sequence[Attempt], *, now: datetime) -> None:
    """They were to leave, and whoever was to send them has not: an attempt that somebody gave up stays as it is."""
    waiting = []
    for attempt in attempts:
        mine = Attempt.objects.filter(pk=attempt.pk, outcome=Attempt.Outcome.OPEN)
        is_closed = mine.update(outcome=Attempt.Outcome.ABSENT, finished_at=now)
        if is_closed and requeue(attempt.message, states=[Message.State.SUBMITTING], reason=Reason.PAUSED):
            waiting.append(attempt.message)
    bill(dict.fromkeys(waiting, 0))
