"""Writes what became of messages, from all attempts and reports there are."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Exists, OuterRef

from accounts.queries import current_workspace
from integrations.models import GatewayAccount
from messaging.bulk import update_messages
from messaging.models import Attempt, Message, ProviderId, ReportEvent
from messaging.states import HANDED_OVER, Report, finished_at, highest, state_of_attempt

Outcome = Attempt.Outcome
FIELDS = ["state", "reason", "accepted_at", "finished_at", "lease_until", "claimed_by"]
# What else whoever locks a message looks at.
READ = ["workspace", "batch", "contact", "team_number", "due_at"]


def lock(message_ids: Iterable[int]) -> dict[int, Message]:
    """The messages, locked in one order everywhere."""
    locked = Message.objects.filter(pk__among=set(message_ids)).only(*FIELDS, *READ).order_by("pk").select_for_update()
    return {message.pk: message for message in locked}


def settle(message_ids: Collection[int], *, now: datetime) -> None:
    """Bring messages to the state that their attempts and reports add up to. Runs in a transaction."""
    settle_locked(lock(message_ids), now=now)


class Try(NamedTuple):
    """What settling reads of an attempt."""

    pk: UUID
    message_id: int
    outcome: str


def settle_locked(messages: Mapping[int, Message], *, now: datetime) -> None:
    """`settle` for messages as `lock` gave them: nobody has written to them since."""
    tries = list(map(Try._make, Attempt.objects.filter(message__among=messages).values_list(*Try._fields)))
    heard, by_message = _heard({each.pk for each in tries}), defaultdict(list)
    for each in tries:
        by_message[each.message_id].append(each)
    changed = [message for message in messages.values() if _apply(message, by_message[message.pk], heard, now)]
    update_messages(workspace_id=current_workspace().pk, messages=changed, names=FIELDS)
    # A report exists, so the provider took it, whatever we believed.
    proven = [each.pk for each in tries if each.pk in heard and each.outcome != Outcome.ACCEPTED]
    if proven:
        Attempt.objects.filter(pk__in=proven).update(outcome=Outcome.ACCEPTED, reconcile_at=None, finished_at=now)


@dataclass
class Heard:
    """The reports of an attempt, and the ids of its parts."""

    reports: list[Report] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)


NOTHING = Heard()


def _heard(attempts: Collection[UUID]) -> dict[UUID, Heard]:
    """Of each attempt that has reports."""
    heard: dict[UUID, Heard] = defaultdict(Heard)
    rows = ReportEvent.objects.filter(attempt__among=attempts)
    for attempt, status, occurred_at, provider_id in rows.values_list(
        "attempt", "status", "occurred_at", "provider_id"
    ):
        heard[attempt].reports.append(Report(status, occurred_at, provider_id))
    ids = ProviderId.objects.filter(attempt__among=set(heard)).order_by("pk").values_list("attempt", "value")
    for attempt, value in ids:
        heard[attempt].parts.append(value)
    return heard


def _apply(message: Message, attempts: Iterable[Try], heard: Mapping[UUID, Heard], now: datetime) -> bool:
    """Whether the message changed."""
    told = {attempt: heard.get(attempt.pk, NOTHING) for attempt in attempts}
    states = [state_of_attempt(each.outcome, of_it.parts, of_it.reports) for each, of_it in told.items()]
    known = [state for state in states if state]
    if not known or highest(known) == message.state:
        return False
    state = highest(known)
    message.state, message.reason = state, ""
    message.finished_at = finished_at(state, [report for of_it in told.values() for report in of_it.reports])
    if state in HANDED_OVER:
        message.accepted_at = message.accepted_at or now
        message.lease_until, message.claimed_by = None, ""
    return True


def learn_ids(account: GatewayAccount, ids: Mapping[UUID, Collection[str]]) -> None:
    """Remember what the provider calls each attempt, and give them the reports that came before."""
    rows = [
        ProviderId(workspace_id=account.workspace_id, account=account, attempt_id=attempt, value=value[:120])
        for attempt, values in ids.items()
        for value in values
    ]
    ProviderId.objects.bulk_create(rows, ignore_conflicts=True)
    owners = {row.value: row.attempt_id for row in rows}
    orphans = list(ReportEvent.objects.filter(account=account, attempt=None, provider_id__among=owners))
    for orphan in orphans:
        orphan.attempt_id = owners[orphan.provider_id]
    ReportEvent.objects.bulk_update(orphans, ["attempt"])


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
    rows = ProviderId.objects.filter(account=account, value__among=set(values))
    return {
        value: (attempt, message)
        for value, attempt, message in rows.values_list("value", "attempt", "attempt__message")
    }
