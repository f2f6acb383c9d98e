"""The one place of raw SQL: message rows by the thousand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

TABLE = "messaging_message"
COLUMNS = (
    *("workspace_id", "batch_id", "account_id", "lane", "contact_id", "position", "merge_values"),
    *("state", "reason", "due_at", "parts", "claimed_by", "created_at"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """What differs from message to message of one batch. `merge_values` is sealed already."""

    contact_id: int
    position: int
    merge_values: bytes
    due_at: datetime
    parts: int


def insert_messages(
    *, workspace_id: int, batch_id: int, account_id: int, lane: str, rows: Sequence[Row], created_at: datetime
) -> None:
    """Queued messages of one batch: COPY on PostgreSQL, `executemany` elsewhere."""
    adapt = connection.ops.adapt_datetimefield_value
    start, created = (workspace_id, batch_id, account_id, lane), adapt(created_at)
    values = [
        (
            *start,
            row.contact_id,
            row.position,
            row.merge_values,
            "queued",
            "",
            adapt(row.due_at),
            row.parts,
            "",
            created,
        )
        for row in rows
    ]
    names = ", ".join(COLUMNS)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {TABLE} ({names}) FROM STDIN") as copy:
                for value in values:
                    copy.write_row(value)
        else:
            holes = ", ".join(["%s"] * len(COLUMNS))
            cursor.executemany(f"INSERT INTO {TABLE} ({names}) VALUES ({holes})", values)  # noqa: S608
