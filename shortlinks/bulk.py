"""Landing clicks in bulk: COPY on PostgreSQL, one prepared statement on SQLite."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection


class Row(NamedTuple):
    """A click as its table has it, but for the workspace."""

    link_id: int
    position: int | None
    clicked_at: datetime
    method: str
    verdict: str
    reason: str
    device: str
    user_agent: str
    visitor: bytes | None
    source: int
    referrer: str
    signs: int
    segment: str
    offset: int


COLUMNS = ", ".join(f'"{name}"' for name in ("workspace_id", *Row._fields))


def insert_clicks(*, workspace_id: int, rows: Iterable[Row]) -> None:
    """Insert rows of one workspace, inside the caller's transaction."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY shortlinks_click ({COLUMNS}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row((workspace_id, *row))
        else:
            marks = ", ".join(["%s"] * (1 + len(Row._fields)))
            cursor.executemany(
                f"INSERT INTO shortlinks_click ({COLUMNS}) VALUES ({marks})",  # noqa: S608  (no value is in it)
                [(workspace_id, *_adapted(row)) for row in rows],
            )


def _adapted(row: Row) -> Iterator[Any]:
    """Values as SQLite keeps them."""
    adapt = connection.ops.adapt_datetimefield_value
    return (adapt(value) if isinstance(value, datetime) else value for value in row)
