"""Lands the machine's journal in the database, exactly once: clicks and offset are one transaction.

There is one drainer per machine, by lock; it takes over what dead processes left behind. A segment is deleted when all
of it has landed and nobody writes it any more.
"""

import fcntl
import json
import logging
import os
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from threading import Event
from typing import NamedTuple

from django.db import Error as DatabaseError
from django.db import connection, transaction
from django.db.models import F
from django_scopes import scopes_disabled

from shortlinks.bots import judge
from shortlinks.bulk import Row, insert_clicks
from shortlinks.heartbeats import DrainerFacts, beating
from shortlinks.journal import NOBODY, Hit, has_writer, read_records, segments, written_bytes
from shortlinks.models import JournalSegment, QuietNumber, ShortLink
from shortlinks.referrers import own_hosts
from shortlinks.signs import Sign

logger = logging.getLogger(__name__)

CHUNK_BYTES = 4 * 1024 * 1024
# Between two passes, so that they are worth their transaction.
PAUSE_SECONDS = 0.5
# A full chunk has more than this: then the next pass begins at once.
BUSY_RECORDS = 9_000
TROUBLE_SECONDS = 1.0
LOCK_NAME = "drainer.lock"
PROGRESS_NAME = "drainer.json"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Record = tuple[int, Hit]


class AnotherDrainer(Exception):
    """The segment has moved on since we looked: somebody else lands it too."""


class Drainer:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._offsets: dict[str, int] = {}
        self._landed = 0
        self._landed_at = 0.0
        self._trouble = ""

    def facts(self) -> DrainerFacts:
        return DrainerFacts(self._landed, self._landed_at, self._trouble)

    def run(self, stop: Event) -> None:
        """Land what comes until told to stop; then land what is left. Waits out a database that is away."""
        with exclusive(self._folder, stop), beating("drainer", self.facts):
            while True:
                is_last = stop.is_set()
                try:
                    landed, self._trouble = self.drain(), ""
                except (DatabaseError, AnotherDrainer) as error:
                    self._trouble = type(error).__name__
                    logger.warning("The journal could not be landed, it is kept: %s", type(error).__name__)
                    connection.close()
                    self._offsets.clear()
                    landed = 0
                    stop.wait(TROUBLE_SECONDS)
                if not landed and is_last:
                    return
                if landed < BUSY_RECORDS:
                    stop.wait(PAUSE_SECONDS)

    def drain(self) -> int:
        """One pass over all segments; the number of records that landed."""
        landed = sum(self._drain_if_readable(path) for path in segments(self._folder))
        if landed:
            self._landed, self._landed_at = self._landed + landed, time.time()
            self._note_progress()
        return landed

    def _drain_if_readable(self, path: Path) -> int:
        try:
            return self._drain_segment(path)
        except OSError as error:  # it is kept, and holds up no other
            logger.warning("%s could not be read: %s", path.name, error.strerror)
            return 0

    def _drain_segment(self, path: Path) -> int:
        # Asked before reading: what a dead writer left is complete when we read it.
        is_closed = not has_writer(path)
        start = self._landed_offset(path.name)
        records = list(read_records(path, start, CHUNK_BYTES))
        if records:
            land(path.name, start, records)
            self._offsets[path.name] = records[-1][0]
        elif is_closed:
            self._put_away(path, start)
        return len(records)

    def _landed_offset(self, name: str) -> int:
        if name not in self._offsets:
            segment = JournalSegment.objects.filter(pk=name).first()
            self._offsets[name] = segment.landed_offset if segment else 0
        return self._offsets[name]

    def _put_away(self, path: Path, landed: int) -> None:
        """Delete a segment whose every whole record has landed; a torn rest is kept for whoever wonders."""
        if (torn := written_bytes(path) - landed) > 0:
            logger.warning("%s ends in %d torn bytes; no visitor was told that they were kept.", path.name, torn)
            path.rename(path.with_suffix(".torn"))
        else:
            path.unlink()
        self._offsets.pop(path.name, None)

    def _note_progress(self) -> None:
        """For the health page alone: on a full disk, landing is what makes room."""
        fresh = self._folder / f"{PROGRESS_NAME}.new"
        with suppress(OSError):
            fresh.write_text(json.dumps(self._offsets))
            fresh.rename(self._folder / PROGRESS_NAME)


@contextmanager
def exclusive(folder: Path, stop: Event) -> Iterator[None]:
    """Be the machine's only drainer; waits its turn, until told to stop."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = os.open(folder / LOCK_NAME, os.O_RDONLY | os.O_CREAT, 0o600)
    try:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if stop.wait(PAUSE_SECONDS):
                    raise SystemExit(0) from None
        yield
    finally:
        os.close(lock)


def land(name: str, start: int, records: list[Record]) -> None:
    """Insert the clicks and move the segment's offset, in one transaction. Who listens is told later (news.py)."""
    with scopes_disabled(), transaction.atomic():
        _move_offset(name, start, records)
        for workspace_id, rows in _rows_by_workspace(name, records).items():
            insert_clicks(workspace_id=workspace_id, rows=rows)


def _move_offset(name: str, start: int, records: list[Record]) -> None:
    JournalSegment.objects.get_or_create(pk=name)
    moved = JournalSegment.objects.filter(pk=name, landed_offset=start).update(
        landed_offset=records[-1][0], records=F("records") + len(records), updated_at=datetime.now(UTC)
    )
    if not moved:
        raise AnotherDrainer(name)


def _rows_by_workspace(name: str, records: list[Record]) -> dict[int, list[Row]]:
    """Clicks on links that are still there: a link deleted since takes its clicks with it."""
    ids = {hit.link_id for _, hit in records}
    living = set(ShortLink.objects.filter(pk__in=ids).values_list("workspace_id", "pk"))
    ours = own_hosts() if any(hit.referrer for _, hit in records) else set()
    # Who refused to be followed between their click and now.
    quiet = set(QuietNumber.objects.filter(link__in=ids).values_list("link_id", "position"))
    rows: dict[int, list[Row]] = defaultdict(list)
    for offset, hit in records:
        if (hit.workspace_id, hit.link_id) in living:
            is_quiet = (hit.link_id, hit.position) in quiet
            kept = hit._replace(position=-1, visitor=NOBODY) if is_quiet else hit
            rows[hit.workspace_id].append(_row(name, offset, kept, ours))
    return rows


def _row(name: str, offset: int, hit: Hit, ours: set[str]) -> Row:
    seen = _seen(hit.signs, hit.user_agent)
    return Row(
        link_id=hit.link_id,
        position=hit.position if hit.position >= 0 else None,
        clicked_at=EPOCH + timedelta(microseconds=hit.microseconds),
        method=seen.method,
        verdict=seen.verdict,
        reason=seen.reason,
        device=seen.device,
        user_agent=seen.user_agent,
        visitor=hit.visitor if hit.visitor != NOBODY else None,
        source=hit.source,
        referrer=hit.referrer if hit.referrer not in ours else "",
        signs=hit.signs,
        segment=name,
        offset=offset,
    )


class Seen(NamedTuple):
    """What a row says of the visitor's program: the same for all who use the same one."""

    method: str
    verdict: str
    reason: str
    device: str
    user_agent: str


@lru_cache(maxsize=20_000)
def _seen(signs: int, user_agent: str) -> Seen:
    verdict, reason, device = judge(signs, user_agent)
    # PostgreSQL's text holds no NUL.
    agent = user_agent.replace("\x00", "")
    return Seen("HEAD" if signs & Sign.HEAD else "GET", str(verdict), reason, str(device), agent)
