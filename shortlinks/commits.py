"""Adaptive group commit: while one write is in flight the next batch gathers, and never a timer decides.

Whoever appends waits until the batch is on disk. A disk that takes longer than a visitor should wait is not waited for:
the redirect is answered and counted as late. What can't be written at all is answered and counted as lost.
"""

import asyncio
import logging
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Protocol

logger = logging.getLogger(__name__)

PATIENCE_SECONDS = 0.25
# With the disk stuck for long, this many hits are kept in memory; more are lost.
MOST_GATHERED = 200_000


class Writer(Protocol):
    def append(self, data: bytes) -> None: ...

    def close(self) -> None: ...


@dataclass(slots=True, eq=False)
class Batch:
    records: list[bytes] = field(default_factory=list)
    waiting: list[asyncio.Future[None]] = field(default_factory=list)
    timer: asyncio.TimerHandle | None = None


class GroupCommit:
    """Belongs to one event loop; writes happen in one thread of its own, in order."""

    def __init__(self, writer: Writer, loop: asyncio.AbstractEventLoop) -> None:
        self._writer = writer
        self._loop = loop
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="journal")
        self._gathering = Batch()
        self._is_writing = False
        self.kept = self.late = self.lost = 0

    def append(self, record: bytes) -> "asyncio.Future[None]":
        """Done when the record is on disk, or when waiting for it makes no sense any more."""
        answer: asyncio.Future[None] = self._loop.create_future()
        batch = self._gathering
        if len(batch.records) >= MOST_GATHERED:
            self.lost += 1
            answer.set_result(None)
            return answer
        if not self._is_writing and not batch.records:
            self._loop.call_soon(self._write)
        if not batch.waiting:
            batch.timer = self._loop.call_later(PATIENCE_SECONDS, self._give_up_waiting, batch)
        batch.records.append(record)
        batch.waiting.append(answer)
        return answer

    def close(self) -> None:
        """Write what is left and let go of the segment."""
        if self._gathering.records:
            self._thread.submit(self._writer.append, b"".join(self._gathering.records))
        self._thread.submit(self._writer.close)
        self._thread.shutdown(wait=True)

    def _write(self) -> None:
        batch, self._gathering = self._gathering, Batch()
        self._is_writing = True
        writing = self._thread.submit(self._writer.append, b"".join(batch.records))
        writing.add_done_callback(lambda done: self._loop.call_soon_threadsafe(self._written, batch, done))

    def _written(self, batch: Batch, done: "Future[None]") -> None:
        self._is_writing = False
        if error := done.exception():
            self.lost += len(batch.records)
            logger.error("%d clicks could not be written: %s", len(batch.records), error)
        else:
            self.kept += len(batch.records)
        _answer(batch)
        if self._gathering.records:
            self._write()

    def _give_up_waiting(self, batch: Batch) -> None:
        self.late += len(batch.waiting)
        _answer(batch)


def _answer(batch: Batch) -> None:
    if batch.timer:
        batch.timer.cancel()
    for answer in batch.waiting:
        # A visitor who hung up has taken their future with them.
        if not answer.done():
            answer.set_result(None)
    batch.waiting.clear()
