"""The simulated operator's books: an SQLite file of its own, beside our database and outside its transactions.

It plays "the other side": what it took stays taken when our transaction rolls back or our worker dies, and every
acceptance is a row, so that a message sent twice shows. `account` is a gateway account's public id; whoever reads
for a screen passes the accounts of one workspace.
"""

import sqlite3
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

SCHEMA = """
CREATE TABLE IF NOT EXISTS operator (account TEXT PRIMARY KEY, mode TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS message (
    id INTEGER PRIMARY KEY,
    account TEXT NOT NULL,
    provider_id TEXT NOT NULL UNIQUE,
    reference TEXT NOT NULL,
    phone TEXT NOT NULL,
    sender TEXT NOT NULL,
    text TEXT NOT NULL,
    is_inbound INTEGER NOT NULL DEFAULT 0,
    is_cleared INTEGER NOT NULL DEFAULT 0,
    written_at REAL NOT NULL,
    status TEXT NOT NULL DEFAULT '',
    reported_at REAL
);
CREATE INDEX IF NOT EXISTS message_by_reference ON message (account, reference);
CREATE INDEX IF NOT EXISTS message_by_phone ON message (account, phone, id);
CREATE TABLE IF NOT EXISTS refusal (account TEXT, phone TEXT, tries INTEGER NOT NULL, PRIMARY KEY (account, phone));
-- What we are still to be told. Rows of one call share its id, so that a repeated call is the same call.
CREATE TABLE IF NOT EXISTS news (
    id INTEGER PRIMARY KEY,
    account TEXT NOT NULL,
    message INTEGER NOT NULL REFERENCES message (id),
    status TEXT NOT NULL,
    code TEXT NOT NULL,
    happens_at REAL NOT NULL,
    due_at REAL NOT NULL,
    call TEXT
);
CREATE INDEX IF NOT EXISTS news_due ON news (due_at);
"""
LEASE_SECONDS = 10.0

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Entry:
    """One message as it goes into the books, with the reports that will follow: (due time, status, code)."""

    reference: str
    phone: str
    sender: str
    text: str
    reports: tuple[tuple[float, str, str], ...] = ()
    is_inbound: bool = False


_prepared: set[Path] = set()


@contextmanager
def _books(*, is_read: bool = False) -> Iterator[sqlite3.Connection]:
    """A connection for one transaction; a crash inside leaves no trace, a return is on disk."""
    path = Path(settings.SIMULATOR_PATH)
    connection = sqlite3.connect(path, timeout=20, isolation_level=None)
    connection.row_factory = sqlite3.Row
    try:
        if path not in _prepared or not _has_tables(connection):
            path.parent.mkdir(parents=True, exist_ok=True)
            connection.execute("PRAGMA journal_mode=WAL")
            connection.executescript(SCHEMA)
            _prepared.add(path)
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute("BEGIN" if is_read else "BEGIN IMMEDIATE")
        yield connection
        connection.execute("COMMIT")
    finally:
        connection.close()


def _has_tables(connection: sqlite3.Connection) -> bool:
    """The file may have been removed while we were running (`--reset`)."""
    return connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'news'").fetchone() is not None


def add(account: str, entries: Sequence[Entry], now: float) -> list[str]:
    """Write messages down; the operator's ids, in order."""
    with _books() as books:
        return [_add_one(books, account, entry, now) for entry in entries]


def _add_one(books: sqlite3.Connection, account: str, entry: Entry, now: float) -> str:
    provider_id = f"sim-{uuid.uuid4().hex[:12]}"
    message_id = books.execute(
        "INSERT INTO message (account, provider_id, reference, phone, sender, text, is_inbound, written_at, status)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'accepted')",
        (account, provider_id, entry.reference, entry.phone, entry.sender, entry.text, entry.is_inbound, now),
    ).lastrowid
    news = entry.reports or ([(now, "inbound", "")] if entry.is_inbound else [])
    books.executemany(
        "INSERT INTO news (account, message, happens_at, due_at, status, code) VALUES (?, ?, ?, ?, ?, ?)",
        [(account, message_id, due_at, due_at, status, code) for due_at, status, code in news],
    )
    return provider_id


def count_try(account: str, phone: str) -> int:
    """How often this number was refused before, counting this one in."""
    with _books() as books:
        books.execute(
            "INSERT INTO refusal VALUES (?, ?, 1) ON CONFLICT (account, phone) DO UPDATE SET tries = tries + 1",
            (account, phone),
        )
        row = books.execute("SELECT tries FROM refusal WHERE account = ? AND phone = ?", (account, phone)).fetchone()
        return int(row["tries"])


def taken(account: str, reference: str) -> list[Row]:
    """Every acceptance of a reference: one row, or a message was sent twice."""
    with _books(is_read=True) as books:
        return books.execute(
            "SELECT * FROM message WHERE account = ? AND reference = ? AND NOT is_inbound ORDER BY id",
            (account, reference),
        ).fetchall()


def accept_counts(account: str) -> dict[str, int]:
    """How often each reference was taken."""
    with _books(is_read=True) as books:
        rows = books.execute(
            "SELECT reference, count(*) AS times FROM message WHERE account = ? AND NOT is_inbound GROUP BY reference",
            (account,),
        )
        return {row["reference"]: row["times"] for row in rows}


def mode_of(account: str) -> str:
    with _books(is_read=True) as books:
        row = books.execute("SELECT mode FROM operator WHERE account = ?", (account,)).fetchone()
        return row["mode"] if row else ""


def set_mode(account: str, mode: str) -> None:
    with _books() as books:
        books.execute("INSERT OR REPLACE INTO operator VALUES (?, ?)", (account, mode))


def phones(accounts: Iterable[str], limit: int) -> list[Row]:
    """The phones that something happened on, newest first: phone, account, id of the newest message."""
    wanted = list(accounts)
    marks = ", ".join("?" * len(wanted))
    with _books(is_read=True) as books:
        return books.execute(
            f"SELECT phone, account, max(id) AS newest FROM message WHERE account IN ({marks}) AND NOT is_cleared"  # noqa: S608 - only question marks
            " GROUP BY account, phone ORDER BY newest DESC LIMIT ?",
            (*wanted, limit),
        ).fetchall()


def thread(account: str, phone: str, limit: int) -> list[Row]:
    """The last messages of a phone, oldest first."""
    with _books(is_read=True) as books:
        rows = books.execute(
            "SELECT * FROM message WHERE account = ? AND phone = ? AND NOT is_cleared ORDER BY id DESC LIMIT ?",
            (account, phone, limit),
        ).fetchall()
        return rows[::-1]


def clear(accounts: Iterable[str]) -> None:
    """Empty the phones. The books keep the messages: reports still come, and nothing is forgotten."""
    with _books() as books:
        books.executemany("UPDATE message SET is_cleared = 1 WHERE account = ?", [(account,) for account in accounts])


def claim_news(now: float, limit: int) -> dict[tuple[str, str], list[Row]]:
    """Due news by (account, call id), leased: it comes again when nobody confirms it."""
    with _books() as books:
        due = books.execute(
            "SELECT news.id, news.account, news.call, news.status, news.code, news.happens_at,"
            " provider_id, reference, phone, text, is_inbound"
            " FROM news JOIN message ON message.id = news.message WHERE due_at <= ?"
            " AND news.account NOT IN (SELECT account FROM operator WHERE mode = 'down') ORDER BY news.id LIMIT ?",
            (now, limit),
        ).fetchall()
        fresh_calls: dict[str, str] = {}
        calls: dict[tuple[str, str], list[Row]] = {}
        for row in due:
            call = row["call"] or fresh_calls.setdefault(row["account"], f"call-{uuid.uuid4().hex}")
            calls.setdefault((row["account"], call), []).append(row)
        for (_, call), rows in calls.items():
            books.executemany(
                "UPDATE news SET call = ?, due_at = ? WHERE id = ?",
                [(call, now + LEASE_SECONDS, row["id"]) for row in rows],
            )
        return calls


def confirm_news(call: str, now: float) -> None:
    """The call was answered with a 2xx: forget it, and note what was reported."""
    with _books() as books:
        books.execute(
            "UPDATE message SET reported_at = coalesce(reported_at, ?), status = news.status"
            " FROM news WHERE news.message = message.id AND news.call = ?",
            (now, call),
        )
        books.execute("DELETE FROM news WHERE call = ?", (call,))


def clock() -> float:
    """The operator's own clock."""
    return time.time()
