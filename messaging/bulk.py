"""The one place of raw SQL: message rows by the thousand."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import islice
from typing import Any

from django.db import connection

from messaging.models import Message

TABLE = "messaging_message"
# What differs from message to message of one batch; the merge values are sealed already.
OWN = ("contact_id", "position", "merge_values", "due_at", "parts")
Row = tuple[int, int, bytes, datetime, int]
SAME = ("workspace_id", "batch_id", "account_id", "lane", "state", "reason", "claimed_by", "created_at")
COLUMNS = ", ".join((*OWN, *SAME))
# Rows that are copied at once: the server reads them while the next ones are made.
HANDFUL = 1_000


def insert_messages(
    *, workspace_id: int, batch_id: int, account_id: int, lane: str, rows: Iterable[Row], created_at: datetime
) -> None:
    """Queued messages of one batch, in the caller's transaction: COPY on PostgreSQL, `executemany` elsewhere.

    Rows are taken as they come; PostgreSQL works on them meanwhile.
    """
    same = (workspace_id, batch_id, account_id, lane, "queued", "", "", created_at)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # What comes up while rows are copied would else be an error of the driver, and not one of Django.
            with connection.wrap_database_errors, cursor.copy(f"COPY {TABLE} ({COLUMNS}) FROM STDIN") as copy:
                tail, left = "\t".join(map(str, same)), iter(rows)
                while lines := _lines(islice(left, HANDFUL), tail):
                    copy.write(lines)
        else:
            adapt = connection.ops.adapt_datetimefield_value
            end = (*same[:-1], adapt(created_at))
            marks = ", ".join(["%s"] * (len(OWN) + len(end)))
            cursor.executemany(
                f"INSERT INTO {TABLE} ({COLUMNS}) VALUES ({marks})",  # noqa: S608  (no value is in it)
                [(*row[:3], adapt(row[3]), row[4], *end) for row in rows],
            )


def _lines(rows: Iterable[Row], tail: str) -> str:
    """COPY's text format; nothing that a person typed is in it, so nothing has to be escaped."""
    return "".join(
        [
            f"{contact}\t{position}\t\\\\x{values.hex()}\t{_written(due_at)}\t{parts}\t{tail}\n"
            for contact, position, values, due_at, parts in rows
        ]
    )


@lru_cache(maxsize=1_000)
def _written(moment: datetime) -> str:
    """A campaign has a few, one for each morning in the world."""
    return moment.isoformat()


def update_messages(*, workspace_id: int, messages: Sequence[Message], names: Sequence[str]) -> None:
    """Write these columns of many messages; on PostgreSQL in one statement, whatever the values.

    A column that is the same in all of them is sent once.
    """
    if not messages:
        return
    rows = [tuple(getattr(message, name) for name in names) for message in messages]
    ids = [message.pk for message in messages]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(*_update(workspace_id, ids, dict(zip(names, zip(*rows, strict=True), strict=True))))
        else:
            written = ", ".join(f"{name} = %s" for name in names)
            cursor.executemany(
                f"UPDATE {TABLE} SET {written} WHERE id = %s AND workspace_id = %s",  # noqa: S608  (no value is in it)
                [(*map(_adapted, row), id_, workspace_id) for row, id_ in zip(rows, ids, strict=True)],
            )


def _update(workspace_id: int, ids: list[int], columns: dict[str, tuple[Any, ...]]) -> tuple[str, list[Any]]:
    """The statement and its values."""
    same = {name: values[0] for name, values in columns.items() if len(set(values)) == 1}
    own = {name: list(values) for name, values in columns.items() if name not in same}
    kinds = [f"%s::{Message._meta.get_field(name).db_type(connection)}[]" for name in own]  # type: ignore[union-attr]
    written = [*(f"{name} = %s" for name in same), *(f"{name} = new.{name}" for name in own)]
    return (
        f"UPDATE {TABLE} SET {', '.join(written)} "  # noqa: S608  (no value is in it)
        f"FROM unnest({', '.join((*kinds, '%s::bigint[]'))}) AS new ({', '.join((*own, 'id'))}) "
        f"WHERE {TABLE}.id = new.id AND {TABLE}.workspace_id = %s",
        [*same.values(), *own.values(), ids, workspace_id],
    )


def _adapted(value: Any) -> Any:
    return connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value
