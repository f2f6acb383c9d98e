"""The sweeper: finds what was not woken, frees what the dead held, closes what is over."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django_scopes import scope, scopes_disabled

from accounts.models import Workspace
from integrations.models import GatewayAccount
from messaging.clock import workspace_now
from messaging.models import Attempt, Batch, Message, ReportEvent
from messaging.services.batches import close_cancelled
from messaging.services.reconciliation import RECONCILE_AFTER
from messaging.services.settling import adopt_orphans, lock, settle
from messaging.services.waiting import due_batches

State = Message.State
CHUNK = 500
# Providers repeat their reports for so long; what fits nothing by then never will.
ORPHANS_LIVE = timedelta(hours=72)


def sweep(*, now: datetime) -> list[int]:
    """Put everything right; the accounts that have work."""
    with scopes_disabled():
        free_claims(now=now)
        expired = _expired(now)
        batches = list(_closing_batches().select_related("workspace"))
        lonely = list(_accounts_with_orphans(now).select_related("workspace"))
    for workspace, message_ids in expired.items():
        with scope(workspace=workspace):
            give_up(message_ids=message_ids, now=now)
    for batch in batches:
        with scope(workspace=batch.workspace):
            _close(batch, now)
    for account in lonely:
        with scope(workspace=account.workspace):
            _adopt(account, now)
    return accounts_with_work(now=now)


def free_claims(*, now: datetime) -> int:
    """Claimed by somebody who died: nothing has left, so they are simply queued again."""
    dead = Message.objects.filter(state=State.CLAIMED, lease_until__lte=now)
    return dead.update(state=State.QUEUED, claimed_by="", lease_until=None)


def _expired(now: datetime) -> dict[Workspace, list[int]]:
    dead = Message.objects.filter(state=State.SUBMITTING, lease_until__lte=now).select_related("workspace")
    by_workspace: dict[Workspace, list[int]] = {}
    for message in dead.only("pk", "workspace").order_by("pk")[:CHUNK]:
        by_workspace.setdefault(message.workspace, []).append(message.pk)
    return by_workspace


@transaction.atomic
def give_up(*, message_ids: list[int], now: datetime) -> None:
    """Handed over by somebody who died before writing down the answer: unknown, never simply queued again."""
    locked = lock(message_ids)
    dead = [pk for pk, message in locked.items() if message.state == State.SUBMITTING and _is_expired(message, now)]
    Attempt.objects.filter(message__in=dead, outcome=Attempt.Outcome.OPEN).update(
        outcome=Attempt.Outcome.UNKNOWN, detail="lease expired", finished_at=now, reconcile_at=now + RECONCILE_AFTER[0]
    )
    settle(dead, now=now)


def _is_expired(message: Message, now: datetime) -> bool:
    return message.lease_until is None or message.lease_until <= now


def _closing_batches() -> QuerySet[Batch]:
    """Cancelled ones with messages waiting, and running ones with nothing left to do."""
    mine = Message.objects.filter(batch=OuterRef("pk"))
    queued = Exists(mine.filter(state=State.QUEUED))
    open_ = Exists(mine.filter(state__in=[State.QUEUED, State.CLAIMED, State.SUBMITTING]))
    asked = Attempt.objects.filter(
        message__batch=OuterRef("pk"), message__state=State.UNKNOWN, reconcile_at__isnull=False
    )
    is_over = Q(state=Batch.State.RUNNING, is_standing=False) & ~open_ & ~Exists(asked)
    return Batch.objects.filter(is_over | (Q(state=Batch.State.CANCELLED) & queued))


def _close(batch: Batch, now: datetime) -> None:
    if batch.state == Batch.State.CANCELLED:
        close_cancelled(batch=batch, now=now)
    else:
        Batch.objects.filter(pk=batch.pk, state=Batch.State.RUNNING).update(
            state=Batch.State.DONE, state_changed_at=now, state_changed_by=""
        )


def _accounts_with_orphans(now: datetime) -> QuerySet[GatewayAccount]:
    orphans = ReportEvent.objects.filter(attempt=None, received_at__gt=now - ORPHANS_LIVE)
    return GatewayAccount.objects.filter(pk__in=orphans.values("account"))


@transaction.atomic
def _adopt(account: GatewayAccount, now: datetime) -> None:
    adopt_orphans(account, since=now - ORPHANS_LIVE, now=now)


def accounts_with_work(*, now: datetime) -> list[int]:
    """Open accounts at which something is due on the clock of their workspace, and nobody is at work."""
    with scopes_disabled():
        accounts = GatewayAccount.objects.filter(is_enabled=True).exclude(paused_until__gt=now)
        waiting = Message.objects.filter(account=OuterRef("pk"), state=State.QUEUED).values("pk")[:1]
        accounts = accounts.annotate(waiting=Subquery(waiting)).filter(waiting__isnull=False)
        accounts = accounts.exclude(pace__claimer_until__gt=now).select_related("workspace")
        return [account.pk for account in accounts if _has_due(account, now)]


def _has_due(account: GatewayAccount, now: datetime) -> bool:
    return due_batches(account, workspace_now(account.workspace, now)).exists()
