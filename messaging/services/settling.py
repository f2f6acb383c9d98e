"""Writes what became of messages, from all attempts and reports there are."""

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef

from integrations.models import GatewayAccount
from messaging.models import Attempt, Message, ProviderId, ReportEvent
from messaging.states import HANDED_OVER, Report, finished_at, highest, state_of_attempt

Outcome = Attempt.Outcome
FIELDS = ["state", "reason", "accepted_at", "finished_at", "lease_until", "claimed_by"]


def lock(message_ids: Iterable[int]) -> dict[int, Message]:
    """The messages, locked in one order everywhere."""
    locked = Message.objects.filter(pk__in=set(message_ids)).order_by("pk").select_for_update()
    return {message.pk: message for message in locked}


def settle(message_ids: Collection[int], *, now: datetime) -> None:
    """Bring messages to the state that their attempts and reports add up to. Runs in a transaction."""
    messages = lock(message_ids)
    attempts = Attempt.objects.filter(message__in=messages).prefetch_related("provider_ids", "reports")
    changed, proven = [], []
    for message in messages.values():
        mine = [attempt for attempt in attempts if attempt.message_id == message.pk]
        proven += [attempt for attempt in mine if _is_proven(attempt)]
        if _apply(message, mine, now):
            changed.append(message)
    Message.objects.bulk_update(changed, FIELDS, batch_size=200)
    Attempt.objects.filter(pk__in=[attempt.pk for attempt in proven]).update(
        outcome=Outcome.ACCEPTED, reconcile_at=None, finished_at=now
    )


def _is_proven(attempt: Attempt) -> bool:
    """A report exists, so the provider took it, whatever we believed."""
    return attempt.outcome != Outcome.ACCEPTED and bool(attempt.reports.all())


def _apply(message: Message, attempts: Collection[Attempt], now: datetime) -> bool:
    known = {attempt: _state(attempt) for attempt in attempts}
    states = [state for state in known.values() if state]
    if not states:
        return False
    state = highest(states)
    if state == message.state:
        return False
    reports = [report for attempt in attempts for report in _reports(attempt)]
    message.state, message.reason = state, ""
    message.finished_at = finished_at(state, reports)
    if state in HANDED_OVER:
        message.accepted_at = message.accepted_at or now
        message.lease_until, message.claimed_by = None, ""
    return True


def _state(attempt: Attempt) -> str | None:
    return state_of_attempt(attempt.outcome, [row.value for row in attempt.provider_ids.all()], _reports(attempt))


def _reports(attempt: Attempt) -> list[Report]:
    return [Report(row.status, row.occurred_at, row.provider_id) for row in attempt.reports.all()]


def learn_ids(attempt: Attempt, values: Collection[str]) -> None:
    """Remember what the provider calls an attempt, and give it the reports that came before."""
    rows = [
        ProviderId(workspace_id=attempt.workspace_id, account_id=attempt.account_id, attempt=attempt, value=value[:120])
        for value in values
    ]
    ProviderId.objects.bulk_create(rows, ignore_conflicts=True)
    orphans = ReportEvent.objects.filter(account=attempt.account_id, attempt=None, provider_id__in=values)
    orphans.update(attempt=attempt)


def adopt_orphans(account: GatewayAccount, *, since: datetime, now: datetime) -> int:
    """Give reports that came too early to the attempts that have their ids by now; how many."""
    known = ProviderId.objects.filter(account=account, value=OuterRef("provider_id"))
    orphans = list(
        ReportEvent.objects.filter(Exists(known), account=account, attempt=None, received_at__gt=since)[:500]
    )
    owners = owners_of_ids(account, {orphan.provider_id for orphan in orphans})
    for orphan in orphans:
        orphan.attempt_id = owners[orphan.provider_id][0]
    ReportEvent.objects.bulk_update(orphans, ["attempt"])
    settle({owners[orphan.provider_id][1] for orphan in orphans}, now=now)
    return len(orphans)


def owners_of_ids(account: GatewayAccount, values: Collection[str]) -> dict[str, tuple[UUID, int]]:
    """Attempt and message of each provider id."""
    rows = ProviderId.objects.filter(account=account, value__in=values)
    return {
        value: (attempt, message)
        for value, attempt, message in rows.values_list("value", "attempt", "attempt__message")
    }
