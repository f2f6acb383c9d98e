"""The click journal: files of checked records on the machine's own disk, written before a redirect is answered.

A process writes segments of its own, named `machine-process-sequence`, and holds a lock on the one it writes: a
segment that can be locked has no writer any more. Only whole records count; what a crash tore off was never answered.
"""

import fcntl
import os
import re
import socket
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from struct import Struct
from typing import NamedTuple
from zlib import crc32

SUFFIX = ".clicks"
SEGMENT_BYTES = 16 * 1024 * 1024
SEGMENT_SECONDS = 3600
# A sync that also has to bring a file's new length to disk takes twice as long: files grow by this much, in zeros.
ROOM_BYTES = 1 << 20
USER_AGENT_BYTES = 400
REFERRER_BYTES = 100

HEAD = Struct("<IH")
# Microseconds, workspace, link, position (-1: none), visitor, format.
BODY = Struct("<QQQq16sB")
# Signs, source, length of the referrer's host; that host and the user agent follow.
REST = Struct("<QBB")
# The first format had four bits of signs here, and the user agent behind.
FORMAT = 0x82
FIRST_FORMAT_SIGNS = 0x0F


# The visitor of a hit that is not to be told apart from others.
NOBODY = bytes(16)


class Hit(NamedTuple):
    """One request for a short link, as it came; what it was is judged when it lands (bots.py)."""

    microseconds: int
    workspace_id: int
    link_id: int
    position: int
    visitor: bytes
    signs: int
    user_agent: str
    # A number of models.Source, and the host alone of the page that led here.
    source: int = 0
    referrer: str = ""


def packed(hit: Hit) -> bytes:
    agent = hit.user_agent.encode(errors="replace")[:USER_AGENT_BYTES]
    referrer = hit.referrer.encode(errors="replace")[:REFERRER_BYTES]
    rest = REST.pack(hit.signs, hit.source, len(referrer))
    body = b"".join((BODY.pack(*hit[:5], FORMAT), rest, referrer, agent))
    return HEAD.pack(crc32(body), len(body)) + body


def unpacked(body: bytes) -> Hit:
    *known, form = BODY.unpack_from(body)
    if form <= FIRST_FORMAT_SIGNS:
        return Hit._make((*known, form, body[BODY.size :].decode(errors="replace"), 0, ""))
    signs, source, length = REST.unpack_from(body, BODY.size)
    start = BODY.size + REST.size
    referrer, agent = body[start : start + length], body[start + length :]
    return Hit._make((*known, signs, agent.decode(errors="replace"), source, referrer.decode(errors="replace")))


def machine_name() -> str:
    return re.sub(r"[^A-Za-z0-9]", "", socket.gethostname())[:24]


class SegmentWriter:
    """Appends to this process's current segment. After a failure it starts a new one: nothing follows a torn record."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process = f"{machine_name()}-{uuid.uuid4().hex}"
        self._sequence = 0
        self._file: int | None = None
        self._path = folder
        # Of records, and of these with the zeros behind them.
        self._size = self._room = 0
        self._opened_at = 0.0

    def append(self, data: bytes) -> None:
        """Returns once the data is on disk. Raises OSError when it can't be brought there."""
        if self._file is None or self._is_full():
            self._roll()
        assert self._file is not None
        try:
            self._make_room(len(data))
            _write_all(self._file, data, self._size)
            os.fdatasync(self._file)
        except OSError:
            self._cut_back()
            raise
        self._size += len(data)

    def close(self) -> None:
        if self._file is not None:
            with suppress(OSError):  # a reader knows zeros for what they are
                os.ftruncate(self._file, self._size)
            os.close(self._file)
            self._file = None

    def _make_room(self, length: int) -> None:
        assert self._file is not None
        while self._room < self._size + length:
            _write_all(self._file, bytes(ROOM_BYTES), self._room)
            self._room += ROOM_BYTES

    def _is_full(self) -> bool:
        return self._size >= SEGMENT_BYTES or time.monotonic() - self._opened_at > SEGMENT_SECONDS

    def _roll(self) -> None:
        self.close()
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{self._process}-{self._sequence + 1:06d}{SUFFIX}"
        # Locked before it has a name that a drainer looks for, or it would pass for an orphan.
        fresh = path.with_suffix(".new")
        file = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            fresh.rename(path)
            _sync_folder(self._folder)
        except OSError:
            os.close(file)
            fresh.unlink(missing_ok=True)
            raise
        self._sequence += 1
        self._file, self._path, self._opened_at = file, path, time.monotonic()
        self._size = self._room = 0

    def _cut_back(self) -> None:
        assert self._file is not None
        try:
            os.ftruncate(self._file, self._size)
            if self._size == 0:
                self._path.unlink(missing_ok=True)
        except OSError:
            pass  # a reader stops at the torn record by itself
        self.close()


def _write_all(file: int, data: bytes, offset: int) -> None:
    view = memoryview(data)
    while view:
        written = os.pwrite(file, view, offset)
        view, offset = view[written:], offset + written


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def segments(folder: Path) -> list[Path]:
    """All segments, each process's in the order it wrote them."""
    return sorted(folder.glob(f"*{SUFFIX}"))


def has_writer(path: Path) -> bool:
    """Whether the process that writes the segment is still at it; the kernel knows, even after `kill -9`."""
    file = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(file)
    return False


def written_bytes(path: Path) -> int:
    """How far records go, more or less: zeros at the end of a segment are room for more."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        # Nearly always a few bytes tell.
        for length in (HEAD.size + BODY.size, ROOM_BYTES):
            start = file.seek(max(0, size - length))
            if written := file.read(length).rstrip(b"\0"):
                return start + len(written)
    return max(0, size - ROOM_BYTES)


def read_records(path: Path, offset: int, limit: int) -> Iterator[tuple[int, Hit]]:
    """Whole records from `offset` on, each with the offset behind it, until a torn one or `limit` bytes."""
    with path.open("rb") as file:
        file.seek(offset)
        data = file.read(limit)
    place = 0
    while place + HEAD.size <= len(data):
        checksum, length = HEAD.unpack_from(data, place)
        body = data[place + HEAD.size : place + HEAD.size + length]
        if len(body) != length or length < BODY.size or crc32(body) != checksum:
            return
        place += HEAD.size + length
        yield offset + place, unpacked(body)
