"""Processes say how they are: a row each, every two seconds, from a thread of its own that no click waits for."""

import logging
import os
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime, timedelta

from django.db import Error as DatabaseError
from django.db import close_old_connections, connection

from shortlinks.journal import machine_name
from shortlinks.models import Heartbeat

logger = logging.getLogger(__name__)

BEAT_SECONDS = 2.0
# A process that has said nothing for so long has gone, or its machine has.
SILENT_SECONDS = 30.0
KEPT_DAYS = 7
STOP_SECONDS = 2.0


@dataclass(frozen=True)
class RedirectFacts:
    """What a redirect process knows of itself; moments are seconds since 1970, 0 for never."""

    kept: int = 0
    late: int = 0
    lost: int = 0
    lost_at: float = 0.0
    hosts: int = 0
    links: int = 0
    ranges: int = 0
    # Sum of the versions of all domains, as far as they are known here, and when they were read.
    version: int = 0
    read_at: float = 0.0
    missed: int = 0
    alarms: int = 0
    alarmed_at: float = 0.0
    networks: list[str] = field(default_factory=list)
    # Of the machine's journal, whoever wrote it.
    backlog_bytes: int = 0
    backlog_records: int = 0
    backlog_seconds: float = 0.0


@dataclass(frozen=True)
class DrainerFacts:
    landed: int = 0
    landed_at: float = 0.0
    # Why the journal could not be landed at the last try; empty when it could.
    trouble: str = ""


def facts_of(row: Heartbeat) -> RedirectFacts | DrainerFacts:
    """Another version of Chappe may have written more, or less."""
    kind = RedirectFacts if row.kind == Heartbeat.Kind.REDIRECT else DrainerFacts
    names = {one.name for one in fields(kind)}
    return kind(**{name: value for name, value in row.facts.items() if name in names})


class Heart:
    """Beats until stopped. `others` is what the rest had said at the last beat."""

    def __init__(self, kind: str, facts: Callable[[], RedirectFacts | DrainerFacts]) -> None:
        self.row = Heartbeat(
            name=f"{machine_name()}-{kind}-{uuid.uuid4().hex}",
            machine=machine_name(),
            kind=kind,
            process_id=os.getpid(),
            started_at=datetime.now(UTC),
        )
        self.others: list[Heartbeat] = []
        self._facts = facts
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heart", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """A last word, unless the database takes its time."""
        self._is_over.set()
        self._thread.join(STOP_SECONDS)

    def _run(self) -> None:
        while True:
            is_last = self._is_over.is_set()
            try:
                self.beat(is_last=is_last)
            except DatabaseError as error:
                logger.debug("No heartbeat: %s", type(error).__name__)
                connection.close()
            except Exception:
                logger.exception("No heartbeat.")
            if is_last:
                connection.close()
                return
            self._is_over.wait(BEAT_SECONDS)

    def beat(self, *, is_last: bool = False) -> None:
        now = datetime.now(UTC)
        close_old_connections()
        self.row.facts, self.row.seen_at = asdict(self._facts()), now
        self.row.stopped_at = now if is_last else None
        self.row.save()
        self.others = list(Heartbeat.objects.exclude(pk=self.row.pk))
        if any(now - other.seen_at > timedelta(days=KEPT_DAYS) for other in self.others):
            Heartbeat.objects.filter(seen_at__lt=now - timedelta(days=KEPT_DAYS)).delete()


@contextmanager
def beating(kind: str, facts: Callable[[], RedirectFacts | DrainerFacts]) -> Iterator[Heart]:
    heart = Heart(kind, facts)
    heart.start()
    try:
        yield heart
    finally:
        heart.stop()
