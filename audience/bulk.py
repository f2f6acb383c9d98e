"""The one place of raw SQL: rows of audience by the thousand."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection, models

from accounts.fields import SealedTextField
from audience.models import Contact

# Many digests as one text of hexadecimals.
DIGESTS = "SELECT decode(digest, 'hex') FROM unnest(string_to_array(%s, ',')) AS digest"


def insert_rows(
    *, workspace_id: int, like: models.Model, names: Sequence[str], rows: Sequence[Sequence[Any]]
) -> list[int]:
    """Writes one row for each of `rows`, inside the caller's transaction; answers their ids, in the same order.

    `names` are the columns in which rows differ, `like` is an unsaved example that has all others. Values of sealed
    and JSON columns are given as they are stored. COPY on PostgreSQL, `executemany` elsewhere. An IntegrityError
    means that somebody else has written one of these rows meanwhile.
    """
    ids = _next_ids(like._meta.db_table, len(rows)) if rows else []
    numbered = [(id_, *row) for id_, row in zip(ids, rows, strict=True)]
    append_rows(workspace_id=workspace_id, like=like, names=("id", *names), rows=numbered)
    return ids


def append_rows(*, workspace_id: int, like: models.Model, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """`insert_rows` for rows whose ids nobody asks for: the database gives them."""
    if not rows:
        return
    table = like._meta.db_table
    same = {
        field.column: _stored(field, like)
        for field in like._meta.concrete_fields
        if not field.primary_key and field.column not in names and field.column != "workspace_id"
    }
    columns = ", ".join(f'"{name}"' for name in (*names, "workspace_id", *same))
    tail = (workspace_id, *same.values())
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # What comes up while rows are copied would else be an error of the driver, and not one of Django.
            with connection.wrap_database_errors, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row((*row, *tail))
        else:
            marks = ", ".join(["%s"] * (len(names) + len(tail)))
            adapted = [tuple(map(_adapted, (*row, *tail))) for row in rows]
            cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", adapted)  # noqa: S608  (no value is in it)


def commit_without_waiting(*, workspace_id: int) -> None:
    """The caller's transaction need not be on disk when its commit returns: after a crash it may not have been.

    Only for work that notes its progress in the same transaction, and is then done again.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit = off")


def commit_to_disk(*, workspace_id: int) -> None:
    """The caller's transaction is on disk when its commit returns, also at a server that is told not to wait.

    For what a crash of the database must not forget. A server that waits for its replicas goes on doing so.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            setting = "synchronous_commit"
            cursor.execute("SELECT set_config(%s, 'on', true) WHERE current_setting(%s) = 'off'", [setting, setting])


def rows_with(
    *, workspace_id: int, model: type[models.Model], column: str, digests: Sequence[bytes], names: Sequence[str]
) -> list[tuple[Any, ...]]:
    """The columns `names` of the workspace's rows whose `column` is one of these, by the thousand, in no order.

    Django would look at every digest eight times before the database sees it, psycopg still twice; and PostgreSQL's
    planner weighs every element of an array it can see, then may read the whole table rather than its index.
    """
    if not digests:
        return []
    is_postgres = connection.vendor == "postgresql"
    among = f"= ANY(ARRAY({DIGESTS}))" if is_postgres else f"IN ({', '.join(['%s'] * len(digests))})"
    columns = ", ".join(f'"{name}"' for name in names)
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT {columns} FROM {model._meta.db_table} WHERE workspace_id = %s AND "{column}" {among}',  # noqa: S608
            [workspace_id, ",".join(map(bytes.hex, digests))] if is_postgres else [workspace_id, *digests],
        )
        return cursor.fetchall()


def update_contacts(*, workspace_id: int, name: str, values: Sequence[tuple[Any, int]]) -> None:
    """Sets one column of many contacts, (value, id) each; on PostgreSQL in one statement."""
    update, mine = f'UPDATE audience_contact SET "{name}" =', "workspace_id = %s"  # noqa: S608
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            kind = Contact._meta.get_field(name).db_type(connection)  # type: ignore[union-attr]
            new, ids = zip(*values, strict=True)
            cursor.execute(
                f"{update} new.value FROM unnest(%s::{kind}[], %s::bigint[]) AS new (value, id) "
                f"WHERE audience_contact.id = new.id AND {mine}",
                [list(new), list(ids), workspace_id],
            )
        else:
            rows = [(_adapted(value), id_, workspace_id) for value, id_ in values]
            cursor.executemany(f"{update} %s WHERE id = %s AND {mine}", rows)


def _next_ids(table: str, count: int) -> list[int]:
    """Ids that nobody else will be given."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, count]
            )
            return [row[0] for row in cursor.fetchall()]
        # The transaction holds SQLite's one write lock from its first statement on.
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        row = cursor.fetchone()
        first = (row[0] if row else 0) + 1
        return list(range(first, first + count))


def _stored(field: models.Field, like: models.Model) -> Any:
    if isinstance(field, SealedTextField) and getattr(like, field.attname) is not None:
        raise ValueError(f"{field.name} is sealed: it differs in every row.")
    value = field.pre_save(like, add=True)
    return json.dumps(value) if isinstance(field, models.JSONField) else field.get_prep_value(value)


def _adapted(value: Any) -> Any:
    """Values as the engine's driver takes them."""
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return connection.ops.adapt_datefield_value(value) if isinstance(value, date) else value
