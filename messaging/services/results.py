"""What a provider answered to our handing over."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django_scopes import scope

from audience.bulk import commit_without_waiting
from audience.models import OptOutScope
from integrations.gateways.base import Accepted, ErrorClass, Rejected, ReportStatus, SendResult, Unknown
from integrations.models import GatewayAccount
from messaging.clock import offset_of
from messaging.models import Attempt, Message, ReportEvent
from messaging.services.breaker import RETRIED, note_results
from messaging.services.opt_out import opt_out
from messaging.services.reconciliation import RECONCILE_AFTER
from messaging.services.requeue import requeue
from messaging.services.settling import learn_ids, lock, settle, settle_locked
from messaging.services.spending import bill

Outcome = Attempt.Outcome
WITH_PROVIDER = (Message.State.SUBMITTING, Message.State.UNKNOWN)
MOST_TRIES = 8
# Others go first after a refusal, so that one number can't hold up an account.
STEP_BACK = timedelta(seconds=30)


@transaction.atomic
def record_results(
    *, account: GatewayAccount, attempts: Sequence[Attempt], results: Sequence[SendResult], now: datetime
) -> None:
    """Write down each answer; a report that came before it keeps its word.

    The disk isn't waited for where all were taken: an attempt whose answer a crash of the database forgot is unknown,
    as if the worker had died before it was written, and is asked for at the provider.
    """
    all_taken = all(isinstance(result, Accepted) for result in results)
    with scope(workspace=account.workspace):
        if all_taken:
            commit_without_waiting(workspace_id=account.workspace_id)
        messages = lock(attempt.message_id for attempt in attempts)
        answers = list(zip(attempts, results, strict=True))
        _accept({attempt: result for attempt, result in answers if isinstance(result, Accepted)}, account, now)
        not_taken = [
            attempt.message
            for attempt, result in answers
            if _record(attempt, messages[attempt.message_id], result, now)
        ]
        bill(_counted_otherwise(answers) | dict.fromkeys(not_taken, 0))
        if all_taken:
            settle_locked(messages, now=now)
        else:  # some were written to
            settle(messages, now=now)
        note_results(account=account, results=results, now=now)


def _accept(accepted: Mapping[Attempt, Accepted], account: GatewayAccount, now: datetime) -> None:
    """All at once: this is what happens nearly always."""
    if not accepted:
        return
    Attempt.objects.filter(pk__among={attempt.pk for attempt in accepted}).update(
        outcome=Outcome.ACCEPTED, finished_at=now, reconcile_at=None
    )
    learn_ids(account, {attempt.pk: result.provider_ids for attempt, result in accepted.items()})
    _note_held([attempt for attempt, result in accepted.items() if result.is_held], account, now)


def _counted_otherwise(answers: Iterable[tuple[Attempt, SendResult]]) -> dict[Message, int]:
    """The provider's own count of parts, where it is not ours: it is the provider who bills."""
    accepted = [(attempt.message, result) for attempt, result in answers if isinstance(result, Accepted)]
    return {message: result.parts for message, result in accepted if result.parts not in {None, message.parts}}


def _note_held(attempts: Sequence[Attempt], account: GatewayAccount, now: datetime) -> None:
    """The provider waits for its own hours: neither late nor lost until it reports."""
    held = {"account": account, "status": ReportStatus.HELD, "occurred_at": now, "received_at": now}
    ReportEvent.objects.bulk_create(
        [
            ReportEvent(workspace_id=each.workspace_id, attempt=each, reference=str(each.pk), **held)
            for each in attempts
        ],
        ignore_conflicts=True,
    )


def _record(attempt: Attempt, message: Message, result: SendResult, now: datetime) -> bool:
    """Whether the provider certainly did not take it."""
    match result:
        case Rejected():
            detail = f"{result.code} {result.detail}".strip()[:200]
            is_mine = _close(attempt, Outcome.REJECTED, now, error=result.error, detail=detail)
            return is_mine and _reject(message, result, now)
        case Unknown():
            _close(attempt, Outcome.UNKNOWN, now, detail=result.detail[:200], reconcile_at=now + RECONCILE_AFTER[0])
    return False


def _close(attempt: Attempt, outcome: str, now: datetime, **fields: object) -> bool:
    """Whether the answer still matters: an attempt that is proven, or proven absent, only learns of acceptance.

    A message is queued again only when its attempt is closed, so an open attempt is always the latest one.
    """
    mine = Attempt.objects.filter(pk=attempt.pk, outcome__in=[Outcome.OPEN, Outcome.UNKNOWN])
    return bool(mine.update(outcome=outcome, finished_at=now, **({"reconcile_at": None} | fields)))


def _reject(message: Message, result: Rejected, now: datetime) -> bool:
    """Back into the queue where the message may yet be taken; the end of it otherwise. Whether either was needed."""
    owner = message.contact or message.team_number
    if result.error == ErrorClass.OPTED_OUT and owner:
        opt_out(workspace=message.workspace, phone=owner.phone, scope=OptOutScope.MARKETING, source="provider", now=now)
    if result.error in RETRIED and message.attempts.count() < MOST_TRIES:
        is_throttled = result.error == ErrorClass.THROTTLED
        due_at = now + offset_of(message.workspace) + STEP_BACK if is_throttled else None
        return requeue(message, states=WITH_PROVIDER, reason=result.error, due_at=due_at)
    ended = Message.objects.filter(pk=message.pk, state__in=WITH_PROVIDER).update(
        state=Message.State.REJECTED, reason=result.error, finished_at=now, lease_until=None
    )
    return bool(ended)
