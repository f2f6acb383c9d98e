"""Looks for phone numbers that lie somewhere in clear: in files, in the database, in tasks on their way."""

import re
from collections.abc import Iterator
from pathlib import Path

from django.db import connection

# Every number of a test is of the range reserved for fiction: 06 39 98 xx xx. Any spelling of it, also as the
# hexadecimal digits in which PostgreSQL writes bytes, and with every second byte zero (UTF-16).
GAP, HEX_GAP = rb"[ .\-/\x00\xa0\xc2\xe2\x80\xaf]{0,3}", rb"(?:2[0def]|00)?"
DIGITS = [b"6", b"3", b"9", b"9", b"8", rb"\d", rb"\d", rb"\d", rb"\d"]
NUMBER = re.compile(GAP.join(DIGITS))
IN_HEX = re.compile(HEX_GAP.join(b"3" + digit for digit in DIGITS))
# What the demo's shop writes on its own page is meant to be read.
SHOP = b"06 39 98 00 00"
# One digest in some thousands holds five such digits in a row.
DIGEST = re.compile(rb"[0-9a-f]{32,}")
PIECE, OVERLAP = 1 << 20, 64


def in_bytes(data: bytes) -> list[bytes]:
    """What looks like a number, with what stands around it."""
    data = data.replace(SHOP, b"the shop")
    return [*around(NUMBER, DIGEST.sub(b"digest", data)), *around(IN_HEX, data)]


def around(pattern: re.Pattern[bytes], data: bytes) -> list[bytes]:
    return [data[max(0, match.start() - 40) : match.end() + 20] for match in pattern.finditer(data)]


def in_folder(folder: Path) -> list[str]:
    """Files below a folder that hold a number: `path: …around it…`."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink()]
    return [f"{path.relative_to(folder)}: {around!r}" for path in files for around in in_file(path)]


def in_file(path: Path) -> Iterator[bytes]:
    tail = b""
    with path.open("rb") as source:
        while piece := source.read(PIECE):
            yield from in_bytes(tail + piece)
            tail = piece[-OVERLAP:]


def in_database() -> list[str]:
    """Rows of the test database that hold a number, as its engine would dump them."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        path = Path(str(connection.settings_dict["NAME"]))
        return [f"database file: {around!r}" for around in in_file(path)]
    return [f"{table}: {around!r}" for table in tables() for around in in_bytes(dump(table))]


def tables() -> list[str]:
    return connection.introspection.table_names()


def dump(table: str) -> bytes:
    with connection.cursor() as cursor, cursor.copy(f'COPY "{table}" TO STDOUT') as rows:
        return b"".join(bytes(row) for row in rows)
