"""Batches that leave little by little: so many an hour, or a first share until somebody has looked (a pilot)."""

import sys
from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from django.db.models import F

from messaging.models import Batch, Message
from messaging.reasons import Reason

HOUR_SECONDS = 3_600
# After a standstill nobody gets more than a minute's worth at once.
BUCKET_SECONDS = 60
PLENTY = sys.maxsize


def ration_of(batch: Batch, now: datetime) -> int:
    """How many of its messages may leave now."""
    an_hour = PLENTY if batch.per_hour is None else int(turns_of(batch, now) + 1e-6)
    return min(an_hour, PLENTY if batch.pilot_left is None else batch.pilot_left)


def turns_of(batch: Batch, now: datetime) -> float:
    """A bucket that fills at the rate of the hour; the first message leaves at once."""
    assert batch.per_hour is not None  # its callers have looked
    if batch.turns_at is None:
        return 1.0
    a_second = batch.per_hour / HOUR_SECONDS
    passed = max(0.0, (now - batch.turns_at).total_seconds())
    return min(max(1.0, a_second * BUCKET_SECONDS), batch.turns + passed * a_second)


def use_rations(submitted: Iterable[Message], now: datetime) -> None:
    """Count what leaves. Runs in the transaction of the gate."""
    counts = Counter(message.batch_id for message in submitted if message.batch.is_rationed)
    for batch in Batch.objects.filter(pk__in=counts).order_by("pk").select_for_update():
        count = counts[batch.pk]
        if batch.per_hour is not None:
            batch.turns, batch.turns_at = max(0.0, turns_of(batch, now) - count), now
        if batch.pilot_left is not None:
            batch.pilot_left = max(0, batch.pilot_left - count)
        batch.save(update_fields=["turns", "turns_at", "pilot_left"])


def give_turn_back(batch_id: int) -> None:
    """What waits again was no part of a pilot, unless somebody looks at that already."""
    pilots = Batch.objects.filter(pk=batch_id, pilot_left__isnull=False)
    pilots.exclude(paused_because=Reason.PILOT).update(pilot_left=F("pilot_left") + 1)


def pause_after_pilots(due: Iterable[Batch], now: datetime) -> None:
    """Where a first share has left and more is due, the batch waits for somebody to look."""
    over = [batch.pk for batch in due if batch.pilot_left == 0]
    if over:
        running = Batch.objects.filter(pk__in=over, state=Batch.State.RUNNING, pilot_left=0)
        running.update(state=Batch.State.PAUSED, state_changed_at=now, state_changed_by="", paused_because=Reason.PILOT)


def end_pilot(batch: Batch) -> None:
    """Somebody has looked: before the batch goes on."""
    Batch.objects.filter(pk=batch.pk, paused_because=Reason.PILOT).update(pilot_left=None)
