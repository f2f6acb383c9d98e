"""Back into the queue: only ever for what the provider certainly did not take."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction

from messaging.models import Attempt, Message
from messaging.reasons import Reason
from messaging.services.spending import give_back


def requeue(message: Message, *, states: Collection[str], reason: str, due_at: datetime | None = None) -> None:
    """The message waits again, if it is still in one of `states`; its cost is given back."""
    waiting = Message.objects.filter(pk=message.pk, state__in=states).update(
        state=Message.State.QUEUED,
        reason=reason,
        due_at=due_at or message.due_at,
        submitted_at=None,
        lease_until=None,
        claimed_by="",
    )
    if waiting:
        give_back(message)


@transaction.atomic
def recall(attempts: Sequence[Attempt], *, now: datetime) -> None:
    """They were to leave, and whoever was to send them has not: an attempt that somebody gave up stays as it is."""
    for attempt in attempts:
        mine = Attempt.objects.filter(pk=attempt.pk, outcome=Attempt.Outcome.OPEN)
        if mine.update(outcome=Attempt.Outcome.ABSENT, finished_at=now):
            requeue(attempt.message, states=[Message.State.SUBMITTING], reason=Reason.PAUSED)
