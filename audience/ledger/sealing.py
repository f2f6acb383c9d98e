"""Seals what nobody can write under any more, in id order, one worker at a time for each workspace.

Rows get their id before they are committed, so that a lower id may appear after a higher one. A run therefore only
notes how far the ledger reaches and which transactions may still be open; a later run seals up to that mark, when all
of them are over (docs/decisions/0010-the-ledgers-chain.md).
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import Workspace
from audience.ledger.bulk import newest_row, oldest_transaction, write_seals
from audience.ledger.form import GENESIS, SEALED, canonical, form_of, plain, seal_of
from audience.ledger.keys import sign
from audience.models import Consent, LedgerHead

CHUNK = 2_000
# A statement that has taken its ids writes its first row long before this.
SETTLES_IN = timedelta(seconds=10)


def seal_ledger(*, workspace: Workspace, now: datetime) -> int:
    """Seal what the last run marked and mark what has come since; how many rows are sealed. In the workspace's scope.

    Each piece is a transaction: a worker that dies goes on where it was, and a second one waits its turn.
    """
    sealed = 0
    while fresh := _seal_piece(workspace, now):
        sealed += fresh
        if fresh < CHUNK:
            break
    _mark(workspace, now)
    return sealed


@transaction.atomic
def _seal_piece(workspace: Workspace, now: datetime) -> int:
    head = _head(workspace, now)
    if now - head.marked_at < SETTLES_IN or oldest_transaction(workspace_id=workspace.pk) < head.mark_transaction:
        return 0
    rows = list(unsealed().filter(id__gt=head.last_id, id__lte=head.mark_id).values(*SEALED)[:CHUNK])
    if not rows:
        return 0
    seals = list(_chain(bytes(head.seal), rows))
    write_seals(workspace_id=workspace.pk, seals=seals)
    head.seal, head.last_id = seals[-1][1], seals[-1][2]
    head.rows += len(seals)
    head.sealed_at = now
    head.signature = sign(statement_of(head))
    head.save()
    return len(seals)


def unsealed() -> QuerySet[Consent]:
    return Consent.objects.filter(seal=None).order_by("pk")


def statement_of(head: LedgerHead) -> bytes:
    """What the head's signature says: so many rows, up to this one, under this seal."""
    end = (head.last_id, head.rows, plain(head.seal), plain(head.sealed_at))
    return canonical(["chappe-head-1", head.workspace_id, *end])


def _chain(seal: bytes, rows: list[dict[str, Any]]) -> Iterator[tuple[bytes, bytes, int]]:
    for row in rows:
        previous, seal = seal, seal_of(seal, form_of(row))
        yield previous, seal, row["id"]


@transaction.atomic
def _mark(workspace: Workspace, now: datetime) -> None:
    """A mark stands until it is reached: a ledger that never rests would move it on for ever."""
    head = _head(workspace, now)
    if unsealed().filter(id__gt=head.last_id, id__lte=head.mark_id).exists():
        return
    mark = newest_row(workspace_id=workspace.pk)
    if mark.last_id > head.mark_id:
        head.mark_id, head.mark_transaction, head.marked_at = mark.last_id, mark.transaction, now
        head.save(update_fields=["mark_id", "mark_transaction", "marked_at"])


def _head(workspace: Workspace, now: datetime) -> LedgerHead:
    """Locked: whoever seals this workspace's ledger holds it."""
    defaults = {"seal": GENESIS, "signature": bytes(64), "sealed_at": now, "marked_at": now}
    LedgerHead.objects.get_or_create(workspace=workspace, defaults=defaults)
    return LedgerHead.objects.select_for_update().get(workspace=workspace)
