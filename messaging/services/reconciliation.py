"""Unknown outcomes: the provider is asked, and what it can't tell is left to a person."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django_scopes import scope, scopes_disabled

from integrations.gateways.base import Absent, Found, Reconciliation, Undecidable
from integrations.gateways.registry import UnknownGateway, gateway_of
from messaging.models import Attempt, Message, ReportEvent
from messaging.services.requeue import requeue
from messaging.services.settling import learn_ids, lock, settle
from messaging.services.spending import bill

logger = logging.getLogger(__name__)

# After this long since the outcome became unknown.
RECONCILE_AFTER = (timedelta(minutes=2), timedelta(minutes=10), timedelta(minutes=60))
# Whoever asks the last question may die before the answer is written down: then it is asked once more.
ANSWER_LEASE = timedelta(minutes=5)
CHUNK = 100
Outcome = Attempt.Outcome


def reconcile_due(*, now: datetime) -> int:
    """Ask about every unknown outcome whose time has come; how many were asked about."""
    with scopes_disabled():
        due = Attempt.objects.filter(outcome=Outcome.UNKNOWN, reconcile_at__lte=now).order_by("reconcile_at")
        attempts = list(due.select_related("workspace", "account", "message__contact", "message__team_number")[:CHUNK])
    for attempt in attempts:
        with scope(workspace=attempt.workspace):
            reconcile(attempt=attempt, now=now)
    return len(attempts)


def reconcile(*, attempt: Attempt, now: datetime) -> None:
    """Ask once; whoever asks first moves the next question on, so that nobody asks twice."""
    asked = attempt.reconciled + 1
    first_asked = Attempt.objects.filter(pk=attempt.pk, outcome=Outcome.UNKNOWN, reconciled=attempt.reconciled)
    if first_asked.update(reconciled=asked, reconcile_at=_next_question(attempt, asked, now)):
        _record(attempt, _ask(attempt), now)


def _next_question(attempt: Attempt, asked: int, now: datetime) -> datetime:
    if asked >= len(RECONCILE_AFTER):
        return now + ANSWER_LEASE
    return max(now, (attempt.finished_at or now) + RECONCILE_AFTER[asked])


def _ask(attempt: Attempt) -> Reconciliation:
    owner = attempt.message.team_number or attempt.message.contact
    try:
        return gateway_of(attempt.account).reconcile(str(attempt.pk), owner.phone if owner else "")
    except UnknownGateway:
        return Undecidable()
    except Exception:
        logger.exception("Account %s could not be asked about an attempt.", attempt.account_id)
        return Undecidable()


@transaction.atomic
def _record(attempt: Attempt, answer: Reconciliation, now: datetime) -> None:
    lock([attempt.message_id])
    open_attempt = Attempt.objects.filter(pk=attempt.pk, outcome=Outcome.UNKNOWN)
    match answer:
        case Found():
            open_attempt.update(outcome=Outcome.ACCEPTED, reconcile_at=None, finished_at=now)
            learn_ids(attempt.account, {attempt.pk: answer.provider_ids})
            _keep_status(attempt, answer, now)
        case Absent() if open_attempt.update(outcome=Outcome.ABSENT, reconcile_at=None):
            if requeue(attempt.message, states=[Message.State.UNKNOWN], reason="absent"):
                bill({attempt.message: 0})
        case Undecidable() if attempt.reconciled + 1 >= len(RECONCILE_AFTER):
            open_attempt.update(reconcile_at=None)
    settle([attempt.message_id], now=now)


def _keep_status(attempt: Attempt, found: Found, now: datetime) -> None:
    ReportEvent.objects.get_or_create(
        account_id=attempt.account_id,
        provider_id="",
        reference=str(attempt.pk),
        status=found.status,
        occurred_at=now,
        defaults={"workspace_id": attempt.workspace_id, "attempt": attempt, "received_at": now},
    )
