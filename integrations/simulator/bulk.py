"""The simulated operator's books: an SQLite file of its own, beside our database and outside its transactions.

It plays "the other side": what it took stays taken when our transaction rolls back or our worker dies, and every
acceptance is a row, so that a message sent twice shows. Numbers and texts are sealed as everywhere. `account` is a
gateway account's public id; whoever reads for a screen passes the accounts of one workspace.
"""

import json
import sqlite3
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from accounts.keys import keyed_index, open_sealed, seal

SCHEMA = """
CREATE TABLE IF NOT EXISTS operator (account TEXT PRIMARY KEY, mode TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS message (
    id INTEGER PRIMARY KEY,
    account TEXT NOT NULL,
    provider_id TEXT NOT NULL UNIQUE,
    reference TEXT NOT NULL,
    phone BLOB NOT NULL,
    phone_index TEXT NOT NULL,
    sender TEXT NOT NULL,
    text BLOB NOT NULL,
    is_inbound INTEGER NOT NULL,
    is_cleared INTEGER NOT NULL DEFAULT 0,
    written_at REAL NOT NULL,
    status TEXT NOT NULL DEFAULT 'accepted',
    reported_at REAL
);
CREATE INDEX IF NOT EXISTS message_by_reference ON message (account, reference);
CREATE INDEX IF NOT EXISTS message_by_phone ON message (account, phone_index, id);
CREATE INDEX IF NOT EXISTS message_by_age ON message (written_at);
CREATE TABLE IF NOT EXISTS refusal (
    account TEXT, phone_index TEXT, tries INTEGER NOT NULL, PRIMARY KEY (account, phone_index)
);
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
CREATE INDEX IF NOT EXISTS news_of_call ON news (call);
"""
LEASE_SECONDS = 10.0
# Well below what our webhook takes in one call.
CALL_BYTES = 150_000


@dataclass(frozen=True)
class Entry:
    """One message as it goes into the books, with the reports that will follow: (due time, status, code)."""

    reference: str
    phone: str
    sender: str
    text: str
    reports: tuple[tuple[float, str, str], ...] = ()
    is_inbound: bool = False


@dataclass(frozen=True)
class Stored:
    """One message as the books hold it. Inbound ones were written on a simulated phone."""

    id: int
    account: str
    provider_id: str
    reference: str
    phone: str
    phone_index: str
    sender: str
    text: str
    is_inbound: bool
    written_at: float
    status: str
    reported_at: float | None


@dataclass(frozen=True)
class News:
    """One thing to tell: what became of a message, or that somebody wrote."""

    id: int
    status: str
    code: str
    happens_at: float
    message: Stored

    @property
    def size(self) -> int:
        """About how many bytes it takes in a call; only answers carry their text."""
        return 250 + (6 * len(self.message.text) if self.message.is_inbound else 0)


_prepared: set[Path] = set()


@contextmanager
def _books(*, is_read: bool = False) -> Iterator[sqlite3.Connection]:
    """A connection for one transaction; a crash inside leaves no trace, a return is on disk."""
    path = Path(settings.SIMULATOR_PATH)
    connection = sqlite3.connect(path, timeout=20, isolation_level=None)
    connection.row_factory = sqlite3.Row
    try:
        if path not in _prepared or not _has_tables(connection):
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
    """The file may have been removed while we were running."""
    return connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'news'").fetchone() is not None


def _stored(row: sqlite3.Row) -> Stored:
    fields = {name: row[name] for name in Stored.__dataclass_fields__}
    fields["phone"] = open_sealed(row["phone"]).decode()
    fields["text"] = open_sealed(row["text"]).decode()
    return Stored(**{**fields, "is_inbound": bool(row["is_inbound"])})


def _index(phone: str) -> str:
    return keyed_index(phone).hex()


def add(account: str, entries: Sequence[Entry], now: float) -> list[str]:
    """Write messages down; the operator's ids, in order."""
    with _books() as books:
        return [_add_one(books, account, entry, now) for entry in entries]


def _add_one(books: sqlite3.Connection, account: str, entry: Entry, now: float) -> str:
    provider_id = f"sim-{uuid.uuid4().hex[:12]}"
    phone, text = seal(entry.phone.encode()), seal(entry.text.encode())
    message_id = books.execute(
        "INSERT INTO message"
        " (account, provider_id, reference, phone, phone_index, sender, text, is_inbound, written_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            account, provider_id, entry.reference, phone, _index(entry.phone),
            entry.sender, text, entry.is_inbound, now,
        ),
    ).lastrowid  # fmt: skip
    news = entry.reports or ([(now, "inbound", "")] if entry.is_inbound else [])
    books.executemany(
        "INSERT INTO news (account, message, happens_at, due_at, status, code) VALUES (?, ?, ?, ?, ?, ?)",
        [(account, message_id, due_at, due_at, status, code) for due_at, status, code in news],
    )
    return provider_id


def count_try(account: str, phone: str) -> int:
    """How often this number was refused before, counting this one in."""
    key = (account, _index(phone))
    with _books() as books:
        books.execute(
            "INSERT INTO refusal VALUES (?, ?, 1) ON CONFLICT (account, phone_index) DO UPDATE SET tries = tries + 1",
            key,
        )
        row = books.execute("SELECT tries FROM refusal WHERE account = ? AND phone_index = ?", key).fetchone()
        return int(row["tries"])


def taken(account: str, reference: str) -> list[Stored]:
    """Every acceptance of a reference: one, or a message was sent twice."""
    with _books(is_read=True) as books:
        rows = books.execute(
            "SELECT * FROM message WHERE account = ? AND reference = ? AND NOT is_inbound ORDER BY id",
            (account, reference),
        )
        return [_stored(row) for row in rows]


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


def newest_of_each_phone(accounts: Sequence[str], limit: int) -> list[Stored]:
    """The phones that something happened on, newest first, each by its last message."""
    with _books(is_read=True) as books:
        rows = books.execute(
            "SELECT *, max(id) FROM message WHERE account IN (SELECT value FROM json_each(?)) AND NOT is_cleared"
            " GROUP BY account, phone_index ORDER BY id DESC LIMIT ?",
            (json.dumps(accounts), limit),
        )
        return [_stored(row) for row in rows]


def newest_on(accounts: Sequence[str], phones: Iterable[str]) -> Stored | None:
    """The last message on any of these phones."""
    indexes = [_index(phone) for phone in phones]
    with _books(is_read=True) as books:
        row = books.execute(
            "SELECT * FROM message WHERE account IN (SELECT value FROM json_each(?)) AND NOT is_cleared"
            " AND phone_index IN (SELECT value FROM json_each(?)) ORDER BY id DESC LIMIT 1",
            (json.dumps(accounts), json.dumps(indexes)),
        ).fetchone()
        return _stored(row) if row else None


def find(accounts: Sequence[str], provider_id: str) -> Stored | None:
    """A message that is on one of the accounts' phones."""
    with _books(is_read=True) as books:
        row = books.execute(
            "SELECT * FROM message WHERE provider_id = ? AND NOT is_cleared"
            " AND account IN (SELECT value FROM json_each(?))",
            (provider_id, json.dumps(accounts)),
        ).fetchone()
        return _stored(row) if row else None


def thread(account: str, phone_index: str, limit: int) -> list[Stored]:
    """The last messages of a phone, oldest first."""
    with _books(is_read=True) as books:
        rows = books.execute(
            "SELECT * FROM message WHERE account = ? AND phone_index = ? AND NOT is_cleared ORDER BY id DESC LIMIT ?",
            (account, phone_index, limit),
        ).fetchall()
        return [_stored(row) for row in rows[::-1]]


def clear(accounts: Iterable[str]) -> None:
    """Empty the phones. The books keep the messages: reports still come, and nothing is forgotten."""
    with _books() as books:
        books.executemany("UPDATE message SET is_cleared = 1 WHERE account = ?", [(account,) for account in accounts])


def claim_news(now: float, limit: int) -> dict[tuple[str, str], list[News]]:
    """Due news by (account, call id), leased: it comes again when nobody confirms it."""
    with _books() as books:
        due = books.execute(
            "SELECT message.*, news.id AS news_id, news.call, news.status AS told, news.code, news.happens_at"
            " FROM news JOIN message ON message.id = news.message WHERE due_at <= ?"
            " AND news.account NOT IN (SELECT account FROM operator WHERE mode = 'down') ORDER BY news.id LIMIT ?",
            (now, limit),
        ).fetchall()
        prefix, size = uuid.uuid4().hex, 0
        calls: dict[tuple[str, str], list[News]] = {}
        for row in due:
            news = News(row["news_id"], row["told"], row["code"], row["happens_at"], _stored(row))
            size += news.size
            call = row["call"] or f"call-{prefix}-{row['account']}-{size // CALL_BYTES}"
            calls.setdefault((row["account"], call), []).append(news)
        leases = [(call, now + LEASE_SECONDS, news.id) for (_, call), rows in calls.items() for news in rows]
        books.executemany("UPDATE news SET call = ?, due_at = ? WHERE id = ?", leases)
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


def purge(before: float) -> int:
    """Forget what was written before; the number of messages."""
    with _books() as books:
        old = "SELECT id FROM message WHERE written_at < ?"
        books.execute(f"DELETE FROM news WHERE message IN ({old})", (before,))  # noqa: S608 - a constant
        return books.execute("DELETE FROM message WHERE written_at < ?", (before,)).rowcount


def others_under(prefix: bytes, after: int, limit: int) -> list[tuple[int, bytes, bytes]]:
    """Messages with a value that another key sealed: (id, phone, text) as they are stored."""
    with _books(is_read=True) as books:
        rows = books.execute(
            "SELECT id, phone, text FROM message WHERE id > ?"
            " AND (substr(phone, 1, ?) <> ? OR substr(text, 1, ?) <> ?) ORDER BY id LIMIT ?",
            (after, len(prefix), prefix, len(prefix), prefix, limit),
        )
        return [(row["id"], row["phone"], row["text"]) for row in rows]


def replace_sealed(rows: Sequence[tuple[bytes, bytes, int]]) -> None:
    """Write (phone, text) of these ids: the same values under another key."""
    with _books() as books:
        books.executemany("UPDATE message SET phone = ?, text = ? WHERE id = ?", rows)


def clock() -> float:
    """The operator's own clock."""
    return time.time()
