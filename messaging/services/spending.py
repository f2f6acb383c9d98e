"""Money: what is handed over is charged to its batch and its month, what was not taken is given back."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django_scopes import scope

from accounts.models import Workspace
from messaging.models import Batch, Message, Spending, SpendingLimit
from messaging.spending import limit_of, meter_of, month_of, territory_of


def charge(messages: Iterable[Message], now: datetime) -> None:
    """What these have been priced at, when they are handed over. Runs in that transaction."""
    by_batch, by_place = Counter[int](), Counter[tuple[int, int, str]]()
    parts = Counter[tuple[int, int, str]]()
    for message in messages:
        place = (message.workspace_id, message.account_id, territory_of(message))
        by_batch[message.batch_id] += message.cost_micros or 0
        by_place[place] += message.cost_micros or 0
        parts[place] += message.parts
    for batch, cost in sorted(by_batch.items()):
        Batch.objects.filter(pk=batch).update(spent_micros=F("spent_micros") + cost)
    for place in sorted(by_place):
        _book(place, parts[place], by_place[place], now)


def _book(place: tuple[int, int, str], parts: int, cost: int, at: datetime) -> None:
    workspace_id, account_id, territory = place
    month = {"account_id": account_id, "month": month_of(at), "territory": territory}
    rows = Spending.objects.filter(**month)
    change = {"parts": F("parts") + parts, "cost_micros": F("cost_micros") + cost}
    if not rows.update(**change):
        Spending.objects.bulk_create([Spending(workspace_id=workspace_id, **month)], ignore_conflicts=True)
        rows.update(**change)


def give_back(message: Message) -> None:
    """The provider certainly did not take it: it costs nothing. `message` is as it was handed over."""
    if message.cost_micros is None:
        return
    _rebook(message, -message.parts, -message.cost_micros)
    Message.objects.filter(pk=message.pk).update(cost_micros=None)


def correct_parts(message: Message, parts: int) -> None:
    """The provider counts otherwise, and it is the provider who bills."""
    assert message.submitted_at is not None  # it was taken
    meter = meter_of(message.account, message.submitted_at)
    meter.take(territory_of(message), -message.parts)
    cost = meter.price(territory_of(message), parts)
    _rebook(message, parts - message.parts, cost - (message.cost_micros or 0))
    Message.objects.filter(pk=message.pk).update(parts=parts, cost_micros=cost)


def _rebook(message: Message, parts: int, cost: int) -> None:
    assert message.submitted_at is not None  # it was handed over
    Batch.objects.filter(pk=message.batch_id).update(spent_micros=F("spent_micros") + cost)
    _book((message.workspace_id, message.account_id, territory_of(message)), parts, cost, message.submitted_at)


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
