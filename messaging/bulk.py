"""The one place of raw SQL: message rows by the thousand."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import connection

TABLE = "messaging_message"


class Row(NamedTuple):
    """What differs from message to message of one batch. `merge_values` is sealed already."""

    contact_id: int
    position: int
    merge_values: bytes
    due_at: datetime
    parts: int


SAME = ("workspace_id", "batch_id", "account_id", "lane", "state", "reason", "claimed_by", "created_at")
COLUMNS = ", ".join((*Row._fields, *SAME))


def insert_messages(
    *, workspace_id: int, batch_id: int, account_id: int, lane: str, rows: Sequence[Row], created_at: datetime
) -> None:
    """Queued messages of one batch, in the caller's transaction: COPY on PostgreSQL, `executemany` elsewhere."""
    same = (workspace_id, batch_id, account_id, lane, "queued", "", "", created_at)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # What comes up while rows are copied would else be an error of the driver, and not one of Django.
            with connection.wrap_database_errors, cursor.copy(f"COPY {TABLE} ({COLUMNS}) FROM STDIN") as copy:
                copy.write(_lines(rows, "\t".join(map(str, same))))
        else:
            adapt = connection.ops.adapt_datetimefield_value
            tail = (*same[:-1], adapt(created_at))
            marks = ", ".join(["%s"] * (len(Row._fields) + len(tail)))
            cursor.executemany(
                f"INSERT INTO {TABLE} ({COLUMNS}) VALUES ({marks})",  # noqa: S608  (no value is in it)
                [(*row[:3], adapt(row.due_at), row.parts, *tail) for row in rows],
            )


def _lines(rows: Sequence[Row], tail: str) -> str:
    """COPY's text format; nothing that a person typed is in it, so nothing has to be escaped."""
    moments = {moment: moment.isoformat() for moment in {row.due_at for row in rows}}
    return "".join(
        [
            f"{contact}\t{position}\t\\\\x{values.hex()}\t{moments[due_at]}\t{parts}\t{tail}\n"
            for contact, position, values, due_at, parts in rows
        ]
    )
