"""Landing clicks in bulk: COPY on PostgreSQL, one prepared statement on SQLite."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import lru_cache
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


def insert_clicks(*, workspace_id: int, rows: Sequence[Row]) -> None:
    """Insert rows of one workspace, inside the caller's transaction."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY shortlinks_click ({COLUMNS}) FROM STDIN") as copy:
                copy.write("".join([_copy_line((workspace_id, *row)) for row in rows]))
        else:
            marks = ", ".join(["%s"] * (1 + len(Row._fields)))
            adapt = connection.ops.adapt_datetimefield_value
            cursor.executemany(
                f"INSERT INTO shortlinks_click ({COLUMNS}) VALUES ({marks})",  # noqa: S608  (no value is in it)
                [(workspace_id, *[adapt(each) if type(each) is datetime else each for each in row]) for row in rows],
            )


def _copy_line(values: Iterable[Any]) -> str:
    """A line of COPY's text format: a third of what psycopg needs for a row of any types."""
    return "\t".join([COPY_TEXT[type(value)](value) for value in values]) + "\n"


@lru_cache(maxsize=10_000)
def _escaped(text: str) -> str:
    # https://www.postgresql.org/docs/current/sql-copy.html
    return text.translate(COPY_ESCAPES)


COPY_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
COPY_TEXT: dict[type, Callable[[Any], str]] = {
    int: str,
    str: _escaped,
    bytes: lambda value: f"\\\\x{value.hex()}",
    datetime: datetime.isoformat,
    type(None): lambda _: "\\N",
}
