"""What is due at an account, found batch by batch: one that waits, however large, is not read for another's sake."""

from datetime import datetime

from django.db.models import OuterRef, QuerySet, Subquery

from integrations.models import GatewayAccount
from messaging.models import Batch, Lane, Message
from messaging.services.rations import pause_after_pilots, ration_of


def due_batches(account: GatewayAccount, now: datetime) -> QuerySet[Batch]:
    """Running batches with messages that are due. `now` is on the workspace's clock."""
    queued = Message.objects.filter(batch=OuterRef("pk"), state=Message.State.QUEUED).order_by("due_at")
    # A value and no EXISTS: each batch costs one step into its index, whatever the database believes of the table.
    running = Batch.objects.filter(account=account, state=Batch.State.RUNNING)
    return running.annotate(next_due_at=Subquery(queued.values("due_at")[:1])).filter(next_due_at__lte=now)


def due_messages(account: GatewayAccount, room: int, *, clock: datetime, now: datetime) -> list[int]:
    """Keys of due messages, locked: codes first, then service, then marketing; `clock` is the workspace's."""
    batches = list(due_batches(account, clock).order_by("pk"))
    pause_after_pilots(batches, now)
    found: list[int] = []
    for lane in Lane.values:
        rows: list[tuple[datetime, int]] = []
        for batch in (each for each in batches if each.lane == lane):
            rows += _due_of(batch, min(room - len(found), ration_of(batch, now)), clock)
        found += [key for _due_at, key in sorted(rows)[: room - len(found)]]
    return found


def _due_of(batch: Batch, room: int, clock: datetime) -> list[tuple[datetime, int]]:
    due = Message.objects.filter(batch=batch, state=Message.State.QUEUED, due_at__lte=clock)
    due = due.order_by("due_at", "pk").select_for_update(skip_locked=True, of=("self",))
    return list(due.values_list("due_at", "pk")[: max(0, room)])
