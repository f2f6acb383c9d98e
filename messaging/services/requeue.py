"""Back into the queue: only ever for what the provider certainly did not take."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import F

from messaging.models import Batch, Message


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
