"""Adaptive group commit: while one write is in flight the next batch gathers, and never a timer decides.

Whoever appends waits until the batch is on disk. A disk that takes longer than a visitor should wait is not waited for:
the redirect is answered and counted as late. What can't be written at all is answered and counted as lost.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

logger = logging.getLogger(__name__)

PATIENCE_SECONDS = 0.25
# With the disk stuck for long, this many hits are kept in memory; more are lost.
MOST_GATHERED = 200_000


class Writer(Protocol):
    def write(self, data: bytes, done: Callable[[OSError | None], object]) -> None: ...

    def close(self, last: bytes = b"") -> None: ...


@dataclass(slots=True, eq=False)
class Batch:
    records: list[bytes] = field(default_factory=list)
    waiting: list[Callable[[], object]] = field(default_factory=list)
    timer: asyncio.TimerHandle | None = None


class GroupCommit:
    """Belongs to one event loop; the writer gets one batch at a time, in order."""

    def __init__(self, writer: Writer, loop: asyncio.AbstractEventLoop) -> None:
        self._writer = writer
        self._loop = loop
        self._gathering = Batch()
        self._is_writing = False
        self.kept = self.late = self.lost = 0

    def append(self, record: bytes, answer: Callable[[], object]) -> None:
        """`answer` is called when the record is on disk, or when waiting for it makes no sense any more."""
        batch = self._gathering
        if len(batch.records) >= MOST_GATHERED:
            self.lost += 1
            self._loop.call_soon(answer)
            return
        if not self._is_writing and not batch.records:
            self._loop.call_soon(self._write)
        if not batch.waiting:
            batch.timer = self._loop.call_later(PATIENCE_SECONDS, self._give_up_waiting, batch)
        batch.records.append(record)
        batch.waiting.append(answer)

    def close(self) -> None:
        """Write what is left and let go of the segment."""
        batch, self._gathering = self._gathering, Batch()
        self._writer.close(b"".join(batch.records))

    def _write(self) -> None:
        batch, self._gathering = self._gathering, Batch()
        self._is_writing = True
        self._writer.write(b"".join(batch.records), partial(self._written, batch))

    def _written(self, batch: Batch, error: OSError | None) -> None:
        self._is_writing = False
        if error:
            self.lost += len(batch.records)
            logger.error("%d clicks could not be written: %s", len(batch.records), error)
        else:
            self.kept += len(batch.records)
        if self._gathering.records:
            self._write()
        _answer(batch)

    def _give_up_waiting(self, batch: Batch) -> None:
        self.late += len(batch.waiting)
        _answer(batch)


def _answer(batch: Batch) -> None:
    if batch.timer:
        batch.timer.cancel()
    waiting, batch.waiting = batch.waiting, []
    for answer in waiting:
        try:
            answer()
        except Exception:  # one visitor's trouble must not keep the others waiting
            logger.exception("A visitor could not be answered.")
