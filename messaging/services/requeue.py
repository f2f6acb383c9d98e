"""Back into the queue: only ever for what the provider certainly did not take."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F

from messaging.models import Attempt, Batch, Message
from messaging.reasons import Reason


def requeue(message: Message, *, states: Collection[str], reason: str, due_at: datetime | None = None) -> None:
    """The message waits again, if it is still in one of `states`; its parts are not spent."""
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


def give_back(message: Message) -> None:
    budgeted = Batch.objects.filter(pk=message.batch_id, budget_parts__isnull=False, spent_parts__gte=message.parts)
    budgeted.update(spent_parts=F("spent_parts") - message.parts)


@transaction.atomic
def recall(attempts: Sequence[Attempt], *, now: datetime) -> None:
    """They were to leave, and whoever was to send them has not: an attempt that somebody gave up stays as it is."""
    for attempt in attempts:
        mine = Attempt.objects.filter(pk=attempt.pk, outcome=Attempt.Outcome.OPEN)
        if mine.update(outcome=Attempt.Outcome.ABSENT, finished_at=now):
            requeue(attempt.message, states=[Message.State.SUBMITTING], reason=Reason.PAUSED)
