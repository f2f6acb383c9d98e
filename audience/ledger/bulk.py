"""The ledger's raw SQL: how far it is safe to seal, and many seals at once."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

MARK = """
    SELECT coalesce(max(id), 0), pg_snapshot_xmax(pg_current_snapshot())::text::bigint
    FROM audience_consent WHERE workspace_id = %s
"""
OLDEST = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
PLAIN_MARK = "SELECT coalesce(max(id), 0), 0 FROM audience_consent WHERE workspace_id = %s"
SEAL = "UPDATE audience_consent SET previous_seal = %s, seal = %s WHERE id = %s AND workspace_id = %s"
SEAL_MANY = """
    UPDATE audience_consent SET previous_seal = fresh.previous, seal = fresh.seal
    FROM unnest(%s::bytea[], %s::bytea[], %s::bigint[]) AS fresh(previous, seal, id)
    WHERE audience_consent.id = fresh.id AND audience_consent.workspace_id = %s
"""


@dataclass(frozen=True)
class Mark:
    """The newest row, and the first transaction that had not begun when it was the newest."""

    last_id: int
    transaction: int


def newest_row(*, workspace_id: int) -> Mark:
    with connection.cursor() as cursor:
        cursor.execute(MARK if connection.vendor == "postgresql" else PLAIN_MARK, [workspace_id])
        return Mark(*cursor.fetchone())


def oldest_transaction(*, workspace_id: int) -> int:
    """Every transaction before this one is over, in every workspace. SQLite has one writer at a time: none is open."""
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute(OLDEST)
        return int(cursor.fetchone()[0])


def write_seals(*, workspace_id: int, seals: Sequence[tuple[bytes, bytes, int]]) -> None:
    """`seals` are (previous, seal, id)."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(SEAL_MANY, [*(list(column) for column in zip(*seals, strict=True)), workspace_id])
        else:
            cursor.executemany(SEAL, [(*row, workspace_id) for row in seals])
