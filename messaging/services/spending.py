"""Money: what is handed over is charged to its batch and its month, what was not taken is given back."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models import F
from django_scopes import scope

from accounts.models import Workspace
from accounts.queries import current_workspace
from integrations.prices import Meter
from messaging.bulk import update_messages
from messaging.models import Batch, Message, SendingMinute, Spending, SpendingLimit
from messaging.spending import limit_of, meter_of, month_of, territory_of


class Place(NamedTuple):
    """Where a message's cost is written down."""

    workspace_id: int
    account_id: int
    month: date
    territory: str
    purpose: str


@dataclass(frozen=True)
class Entry:
    batch_id: int
    place: Place
    parts: int
    cost: int


def charge(messages: Iterable[Message], now: datetime) -> None:
    """What these have been priced at, when they are handed over. Runs in that transaction."""
    entries = [_entry(message, message.parts, message.cost_micros or 0, at=now) for message in messages]
    _book(entries)
    for (workspace, batch), number in sorted(
        Counter((each.place.workspace_id, each.batch_id) for each in entries).items()
    ):
        _count(workspace, batch, number, now.replace(second=0, microsecond=0))


def _count(workspace_id: int, batch_id: int, number: int, minute: datetime) -> None:
    rows = SendingMinute.objects.filter(batch=batch_id, minute=minute)
    if not rows.update(messages=F("messages") + number):
        row = SendingMinute(workspace_id=workspace_id, batch_id=batch_id, minute=minute)
        SendingMinute.objects.bulk_create([row], ignore_conflicts=True)
        rows.update(messages=F("messages") + number)


def bill(billed: Mapping[Message, int]) -> None:
    """How many parts of each the provider bills: none of what it certainly did not take.

    The messages are as they were handed over. Called once in a transaction: two that change their batches and months
    in different orders would wait for each other.
    """
    meters: dict[date, Meter] = {}
    changes = {message: _billed(message, parts, meters) for message, parts in billed.items() if message.submitted_at}
    for message, entry in changes.items():
        message.cost_micros = (message.cost_micros or 0) + entry.cost if billed[message] else None
        message.parts += entry.parts if billed[message] else 0
    update_messages(workspace_id=current_workspace().pk, messages=list(changes), names=("parts", "cost_micros"))
    _book(changes.values())


def _billed(message: Message, parts: int, meters: dict[date, Meter]) -> Entry:
    assert message.submitted_at is not None  # it was handed over
    month, territory = month_of(message.submitted_at), territory_of(message)
    if parts and month not in meters:
        meters[month] = meter_of(message.account, message.submitted_at)
    if parts:
        meters[month].take(territory, -message.parts)
    cost = meters[month].take(territory, parts) if parts else 0
    return _entry(message, parts - message.parts, cost - (message.cost_micros or 0), at=message.submitted_at)


def _entry(message: Message, parts: int, cost: int, *, at: datetime) -> Entry:
    place = Place(message.workspace_id, message.account_id, month_of(at), territory_of(message), message.batch.purpose)
    return Entry(message.batch_id, place, parts, cost)


def _book(entries: Iterable[Entry]) -> None:
    """In one order everywhere: batches, then months."""
    by_batch, parts, costs = Counter[int](), Counter[Place](), Counter[Place]()
    for entry in entries:
        by_batch[entry.batch_id] += entry.cost
        parts[entry.place] += entry.parts
        costs[entry.place] += entry.cost
    for batch, cost in sorted(by_batch.items()):
        Batch.objects.filter(pk=batch).update(spent_micros=F("spent_micros") + cost)
    for place in sorted(parts):
        _add_to_month(place, parts[place], costs[place])


def _add_to_month(place: Place, parts: int, cost: int) -> None:
    rows = Spending.objects.filter(**place._asdict())
    change = {"parts": F("parts") + parts, "cost_micros": F("cost_micros") + cost}
    if not rows.update(**change):
        Spending.objects.bulk_create([Spending(**place._asdict())], ignore_conflicts=True)
        rows.update(**change)


def stop_at_budget(messages: Iterable[Message], now: datetime) -> None:
    """Pause the batches whose messages found no budget left; what never ends waits without a pause."""
    reasons = {message.batch_id: message.reason for message in messages}
    for batch, reason in sorted(reasons.items()):
        Batch.objects.filter(pk=batch, state=Batch.State.RUNNING, is_standing=False).update(
            state=Batch.State.PAUSED, state_changed_at=now, state_changed_by="", paused_because=reason
        )


def set_batch_budget(*, batch: Batch, budget_micros: int | None) -> Batch:
    """What the batch may cost from now on, what it has cost included; None for any amount."""
    with scope(workspace=batch.workspace):
        Batch.objects.filter(pk=batch.pk).update(budget_micros=budget_micros)
        batch.refresh_from_db()
    return batch


@transaction.atomic
def set_month_budget(*, workspace: Workspace, month_budget: int | None, warn_percent: int) -> SpendingLimit:
    """`month_budget` is in the smallest unit of the workspace's currency; None for any amount."""
    with scope(workspace=workspace):
        Workspace.objects.select_for_update().get(pk=workspace.pk)
        limit = limit_of(workspace)
        limit.month_budget, limit.warn_percent = month_budget, warn_percent
        limit.save()
    return limit
