"""The door. Claim → rate tokens → *gate and `submitting` in one transaction* → send at once → results.

A crash before `submitting` is committed puts messages back into the queue; after it they are `unknown`, and
nothing sends them again unless the provider says that they never arrived.
"""

import logging
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from accounts.keys import CannotOpen, keyed_index, seal_many
from audience.bulk import append_rows, commit_to_disk, commit_without_waiting
from integrations.gateways.base import Outgoing, SendResult, Unknown
from integrations.gateways.registry import gateway_of
from integrations.models import GatewayAccount
from integrations.services.accounts import may_send
from messaging.bulk import update_messages
from messaging.clock import workspace_now
from messaging.gate import Admit, Cancel, Defer, No, Reason, Suppress, examine
from messaging.models import Attempt, Batch, BatchPurpose, Message, Pace
from messaging.services import breaker, pace
from messaging.services.rations import use_rations
from messaging.services.requeue import recall
from messaging.services.results import record_results
from messaging.services.spending import charge, stop_at_budget
from messaging.services.waiting import due_messages

logger = logging.getLogger(__name__)

State = Message.State
BUDGETS = frozenset({Reason.BUDGET, Reason.MONTH_BUDGET})
# A worker gets from claim to gate within a second; the lease allows for a slow call in between.
CLAIM_LEASE = timedelta(seconds=10)
# Longer than any gateway's deadline for a call, so that an expired one means a dead worker.
SUBMIT_LEASE = timedelta(seconds=90)
# Then it is the turn of other accounts, and of a STOP that waits for a thread of the same worker.
LOOP_SECONDS = 0.5
CHANGED = (
    *("state", "reason", "claimed_by", "lease_until"),
    *("finished_at", "submitted_at", "parts", "cost_micros", "due_at"),
)
# What the budget still had room for leaves, although it was the last before a pause.
STOPPED = Q(state=Batch.State.CANCELLED) | Q(state=Batch.State.PAUSED, paused_because="")


@dataclass(frozen=True)
class Claim:
    """What a claimer holds: at most a tenth of a second of the account's rate."""

    account: GatewayAccount
    claimer: str
    messages: tuple[int, ...]
    # The one message that a half-open breaker lets go.
    goes_ahead: bool = False


@dataclass(frozen=True)
class Submission:
    """Committed as `submitting`: it is sent at once, or never."""

    attempt: Attempt
    outgoing: Outgoing


def run(account_id: int, *, clock: Callable[[], datetime] = timezone.now, seconds: float = LOOP_SECONDS) -> bool:
    """Hand over what is due at this account, for as long as there is work; whether there is more."""
    with scopes_disabled():
        account = GatewayAccount.objects.select_related("workspace").filter(pk=account_id).first()
    if account is None:
        return False
    with scope(workspace=account.workspace):
        claimer = uuid.uuid4().hex
        try:
            return _loop(account, claimer, clock, time.monotonic() + seconds)
        finally:
            pace.resign(account, claimer)


def _loop(account: GatewayAccount, claimer: str, clock: Callable[[], datetime], deadline: float) -> bool:
    while (started := time.monotonic()) < deadline:
        handled = step(account=account, claimer=claimer, clock=clock)
        if handled is None:
            return False
        # The bucket has the next tokens when this much time is over.
        refilled = started + max(handled, 1) / _rate(account, clock())
        time.sleep(max(0.0, min(refilled, deadline) - time.monotonic()))
    return True


def _rate(account: GatewayAccount, now: datetime) -> float:
    row = Pace.objects.filter(account=account).first()
    return pace.rate_of(row, account, now) if row else account.rate_per_second


def step(*, account: GatewayAccount, claimer: str, clock: Callable[[], datetime]) -> int | None:
    """One claim handed over, how many messages it held; None when there is nothing to do here for this claimer."""
    account.refresh_from_db(fields=["is_enabled", "paused_until", "rate_per_second"])
    now = clock()
    if not is_open(account, now):
        return None
    claimed = claim(account=account, claimer=claimer, now=now)
    if claimed is None:
        return None
    submissions, moment = _admit_readable(claimed, now=now), clock()
    # A worker that slept longer than its lease has been given up: what it holds may be on its way a second time.
    is_mine = moment < now + SUBMIT_LEASE
    submissions = _not_stopped(submissions, moment) if is_mine else []
    if submissions:
        results = send(account, [submission.outgoing for submission in submissions])
        attempts = [submission.attempt for submission in submissions]
        record_results(account=account, attempts=attempts, results=results, now=clock())
    elif claimed.goes_ahead and is_mine:
        breaker.call_back(account)
    return len(claimed.messages)


def is_open(account: GatewayAccount, now: datetime) -> bool:
    """Whether messages may leave here now; what waits for real sending says so."""
    if not may_send(account):
        due = Message.objects.filter(account=account, state=State.QUEUED, reason="", due_at__lte=now)
        due.update(reason=Reason.NOT_LIVE)
        return False
    return account.paused_until is None or account.paused_until <= now


@transaction.atomic
def claim(*, account: GatewayAccount, claimer: str, now: datetime) -> Claim | None:
    """Take what is due, in the order of lanes, as far as the account's tokens go; None when nothing is due here.

    A claim that a crash of the database forgets was never made: the disk is waited for at the gate, not here.
    """
    commit_without_waiting(workspace_id=account.workspace_id)
    row = pace.lock_pace(account, now)
    if pace.is_taken(row, claimer, now):
        return None
    rate, goes_ahead = pace.rate_of(row, account, now), breaker.is_half_open(row)
    size = pace.slice_size(rate, 1 if goes_ahead else gateway_of(account).capabilities.max_batch)
    due = due_messages(account, size, clock=workspace_now(account.workspace, now), now=now)
    if not due:
        return None
    messages = due[: pace.take(account, row, wanted=len(due), rate=rate, size=size, now=now)]
    Message.objects.filter(pk__among=set(messages)).update(
        state=State.CLAIMED, claimed_by=claimer, lease_until=now + CLAIM_LEASE
    )
    pace.keep(row, claimer=claimer, now=now)
    if goes_ahead and messages:
        breaker.send_ahead(account, now)
    return Claim(account, claimer, tuple(messages), goes_ahead)


def _admit_readable(claimed: Claim, *, now: datetime) -> list[Submission]:
    """One message whose number or values can't be opened must not hold up the others of its account."""
    try:
        return admit(claimed, now=now)
    except CannotOpen:
        for key in claimed.messages:
            _set_aside_unreadable(key, claimed.claimer, now)
        return admit(claimed, now=now)


def _set_aside_unreadable(key: int, claimer: str, now: datetime) -> None:
    try:
        Message.objects.select_related("contact", "team_number").get(pk=key)
    except CannotOpen:
        logger.error("Message %s can't be opened with the keys there are.", key)
        Message.objects.filter(pk=key, state=State.CLAIMED, claimed_by=claimer).update(
            state=State.SUPPRESSED, reason=Reason.UNREADABLE, finished_at=now, claimed_by="", lease_until=None
        )


@transaction.atomic
def admit(claimed: Claim, *, now: datetime) -> list[Submission]:
    """Gate and `submitting` in one transaction: what it returns is committed, and must be sent at once.

    A database that forgot it in a crash would let the same messages leave a second time.
    """
    commit_to_disk(workspace_id=claimed.account.workspace_id)
    mine = Message.objects.filter(
        pk__among=set(claimed.messages), state=State.CLAIMED, claimed_by=claimed.claimer, lease_until__gt=now
    )
    messages = list(mine.order_by("pk").select_for_update())
    verdicts = examine(messages, account=claimed.account, now=now)
    submissions = []
    for message in messages:
        verdict = verdicts[message.pk]
        if isinstance(verdict, Admit):
            submissions.append(_submit(message, verdict, now))
        else:
            _refuse(message, verdict, now)
    update_messages(workspace_id=claimed.account.workspace_id, messages=messages, names=CHANGED)
    _keep([submission.attempt for submission in submissions])
    charge([message for message in messages if message.state == State.SUBMITTING], now)
    stop_at_budget([message for message in messages if message.reason in BUDGETS], now)
    use_rations([submission.attempt.message for submission in submissions], now)
    return submissions


def _submit(message: Message, admitted: Admit, now: datetime) -> Submission:
    message.state, message.reason, message.parts = State.SUBMITTING, "", admitted.parts
    message.cost_micros = admitted.cost_micros
    message.submitted_at, message.lease_until = now, now + SUBMIT_LEASE
    attempt = Attempt(
        workspace_id=message.workspace_id,
        message=message,
        account_id=message.account_id,
        body=admitted.kept or admitted.body,
        phone_index=keyed_index(admitted.to) if message.contact_id else None,
        started_at=now,
    )
    outgoing = Outgoing(
        reference=str(attempt.pk),
        to=admitted.to,
        sender=message.batch.sender_name,
        text=admitted.body,
        is_marketing=message.batch.purpose != BatchPurpose.SERVICE,
    )
    return Submission(attempt, outgoing)


def _keep(attempts: Sequence[Attempt]) -> None:
    if not attempts:
        return
    bodies = seal_many([attempt.body.encode() for attempt in attempts])
    append_rows(
        workspace_id=attempts[0].workspace_id,
        like=attempts[0],
        names=("id", "message_id", "body", "phone_index"),
        rows=[(each.pk, each.message_id, body, each.phone_index) for each, body in zip(attempts, bodies, strict=True)],
    )


def _refuse(message: Message, verdict: No, now: datetime) -> None:
    message.reason, message.claimed_by, message.lease_until = verdict.reason, "", None
    match verdict:
        case Suppress():
            message.state, message.finished_at = State.SUPPRESSED, now
        case Cancel():
            message.state, message.finished_at = State.CANCELLED, now
        case Defer():
            message.state, message.due_at = State.QUEUED, verdict.until or message.due_at


def _not_stopped(submissions: list[Submission], now: datetime) -> list[Submission]:
    """Without those whose batch was paused or cancelled while the gate was asking: nothing of them has left."""
    batches = {submission.attempt.message.batch_id for submission in submissions}
    stopped = set(Batch.objects.filter(STOPPED, pk__in=batches).values_list("pk", flat=True))
    if not stopped:
        return submissions
    recall([each.attempt for each in submissions if each.attempt.message.batch_id in stopped], now=now)
    return [each for each in submissions if each.attempt.message.batch_id not in stopped]


def send(account: GatewayAccount, batch: Sequence[Outgoing]) -> list[SendResult]:
    """Outside of any transaction. Whatever goes wrong here, what we can't prove is unknown."""
    try:
        results = gateway_of(account).send(batch)
    except Exception as error:
        logger.exception("The gateway of account %s broke its contract.", account.pk)
        return [Unknown(type(error).__name__)] * len(batch)
    return [*results[: len(batch)], *[Unknown("no result")] * (len(batch) - len(results))]
