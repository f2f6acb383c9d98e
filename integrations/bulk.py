"""Raw SQL of integrations: the inbox takes a call with two statements.

Each costs a quarter of what the same costs through the ORM, and shops give up on us after a second.
"""

import uuid
from datetime import datetime
from functools import lru_cache, reduce
from typing import Any

from django.db import connection

from accounts.keys import current_prefix
from integrations.models import InboundDelivery, ShopConnection

# What the door reads of a shop; everything else is read when it is asked for.
DOOR = ("id", "workspace_id", "platform", "shop_key", "credentials", "is_enabled", "last_delivery_at")
LOOK_UP = f"SELECT {', '.join(DOOR)} FROM integrations_shopconnection WHERE public_id = %s"  # noqa: S608 (columns)


def shop_at(*, public_id: uuid.UUID) -> ShopConnection | None:
    """The shop at a webhook address. Addresses are unique over all workspaces: whose it is, the row says."""
    fields = [ShopConnection._meta.get_field(name) for name in DOOR]
    with connection.cursor() as cursor:
        cursor.execute(LOOK_UP, [ShopConnection._meta.get_field("public_id").get_db_prep_value(public_id, connection)])
        row = cursor.fetchone()
    return ShopConnection.from_db(connection.alias, DOOR, _read(fields, row)) if row else None


def _read(fields: list[Any], row: tuple[Any, ...]) -> list[Any]:
    """What a database returns, as fields have it."""

    def read(field: Any, value: Any) -> Any:
        converters = [*connection.ops.get_db_converters(field.get_col("")), *field.get_db_converters(connection)]
        return reduce(lambda found, convert: convert(found, None, connection), converters, value)

    return [read(field, value) for field, value in zip(fields, row, strict=True)]


def insert_delivery(
    *,
    workspace_id: int,
    origin: dict[str, int],
    topic: str,
    dedup_key: str,
    context: dict[str, Any],
    body: bytes,
    received_at: datetime,
    purge_at: datetime,
) -> int | None:
    """A new call's id, or None for one that was here before. `origin` is the column of who called, and its id."""
    values: dict[str, Any] = {
        "workspace_id": workspace_id,
        **origin,
        "topic": topic,
        "dedup_key": dedup_key,
        "context": context,
        "body": body,
        "received_at": received_at,
        "next_attempt_at": received_at,
        "purge_at": purge_at,
    }
    fields, statement = _insert(tuple(values))
    prepared = [_prepared(field, values[field.column]) for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(statement, prepared)
        row = cursor.fetchone()
    return row[0] if row else None


def _prepared(field: Any, value: Any) -> Any:
    """Text and whole numbers are themselves to every database."""
    if value == {}:
        return _empty(field, current_prefix(), connection.vendor)
    return value if isinstance(value, int | str) else field.get_db_prep_save(value, connection)


@lru_cache(maxsize=4)
def _empty(field: Any, key: bytes, vendor: str) -> Any:
    """An object that holds nothing, sealed once for all calls under a key."""
    return field.get_db_prep_save({}, connection)


# What is the same for every call is not handed over with each.
FIRST = {"state": f"'{InboundDelivery.State.NEW.value}'", "outcome": "''", "attempts": "0"}


@lru_cache(maxsize=8)
def _insert(columns: tuple[str, ...]) -> tuple[list[Any], str]:
    """The fields of these columns, and the statement: it is the same for every call of a kind. Others are NULL."""
    fields = {field.column: field for field in InboundDelivery._meta.concrete_fields}
    names, places = ", ".join([*columns, *FIRST]), ", ".join([*["%s"] * len(columns), *FIRST.values()])
    statement = f"INSERT INTO integrations_inbounddelivery ({names}) VALUES ({places})"  # noqa: S608 (names of columns)
    return [fields[name] for name in columns], f"{statement} ON CONFLICT DO NOTHING RETURNING id"
