"""What lies in the machine's journal and has not landed yet, by the drainer's own note (drainer.json)."""

import json
import time
from pathlib import Path
from typing import NamedTuple

from shortlinks.drainer import PROGRESS_NAME
from shortlinks.journal import read_records, segments, written_bytes

# So much of a segment is read to learn how old its next record is and how long records are.
SAMPLE_BYTES = 16 * 1024


class Backlog(NamedTuple):
    """Bytes are counted, records beyond a sample are estimated; `seconds` is the age of the oldest."""

    bytes: int = 0
    records: int = 0
    seconds: float = 0.0


def backlog_of(folder: Path) -> Backlog:
    offsets, now = _landed(folder), time.time()
    parts = [_backlog_of_segment(path, offsets.get(path.name, 0), now) for path in segments(folder)]
    return Backlog(
        sum(part.bytes for part in parts),
        sum(part.records for part in parts),
        max((part.seconds for part in parts), default=0.0),
    )


def _landed(folder: Path) -> dict[str, int]:
    try:
        return json.loads((folder / PROGRESS_NAME).read_text())
    except (OSError, ValueError):
        return {}


def _backlog_of_segment(path: Path, landed: int, now: float) -> Backlog:
    try:
        waiting = written_bytes(path) - landed
        sample = list(read_records(path, landed, SAMPLE_BYTES)) if waiting > 0 else []
    except OSError:  # landed and deleted meanwhile
        return Backlog()
    if not sample:
        return Backlog(max(waiting, 0))
    length = (sample[-1][0] - landed) / len(sample)
    return Backlog(waiting, round(waiting / length), max(0.0, now - sample[0][1].microseconds / 1_000_000))
