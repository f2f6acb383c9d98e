"""Messages that are taken back one by one, before they leave."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from messaging.models import Message
from messaging.reasons import Reason


@transaction.atomic
def withdraw(*, messages: Collection[int], now: datetime) -> list[int]:
    """Keys of those that had not begun to leave, and now never will; what a worker holds already goes its way."""
    waiting = Message.objects.filter(pk__in=messages, state=Message.State.QUEUED).order_by("pk").select_for_update()
    keys = list(waiting.values_list("pk", flat=True))
    Message.objects.filter(pk__in=keys).update(state=Message.State.CANCELLED, reason=Reason.CANCELLED, finished_at=now)
    return keys
