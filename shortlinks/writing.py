"""The journal's writer: a process of its own beside each redirect process.

A thread would hand the interpreter's lock back and forth for every batch, which costs more than the batch itself; the
redirect's own loop must not wait for a disk. So a batch goes through a socket pair and one number comes back. A batch
at a time: `shortlinks.commits` gathers the next one meanwhile.
"""

import asyncio
import errno
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from struct import Struct

from shortlinks.journal import SegmentWriter

logger = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parent.parent
# Before a batch, how long it is; after it, 0 or the number of the error (errno.h).
LENGTH, RESULT = Struct("<I"), Struct("<I")
PIECE_BYTES = 1 << 18
# A writer that dies at once must not spin.
RESTART_SECONDS = 1.0
CLOSE_SECONDS = 4.0

Done = Callable[[OSError | None], object]


class WriterProcess:
    """The redirect's end of the socket pair. A writer that dies is replaced."""

    def __init__(self, folder: Path, loop: asyncio.AbstractEventLoop) -> None:
        self._folder, self._loop = folder, loop
        self._done: Done | None = None
        self._frame = b""
        self._unsent = memoryview(b"")
        self._result = b""
        self._restart: asyncio.TimerHandle | None = None
        self._start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def write(self, data: bytes, done: Done) -> None:
        """`done` is called when the data is on disk, or with what went wrong. One at a time."""
        self._done = done
        self._frame = LENGTH.pack(len(data)) + data
        self._unsent = memoryview(self._frame)
        if self._restart is None:
            self._send()

    def close(self, last: bytes = b"") -> None:
        """Bring on disk what is under way and `last`; a disk that hangs is not waited for long."""
        if self._restart:
            self._restart.cancel()
            self._start()
        self._forget_socket()
        left = bytes(self._unsent) + (LENGTH.pack(len(last)) + last if last else b"")
        try:
            self._socket.settimeout(CLOSE_SECONDS)
            self._socket.sendall(left)
            self._socket.shutdown(socket.SHUT_WR)
            self._process.wait(CLOSE_SECONDS)
        except (OSError, subprocess.TimeoutExpired) as trouble:
            logger.error("The journal's last clicks may be lost: %s", trouble)
        self._socket.close()

    def _start(self) -> None:
        self._restart, self._started_at = None, time.monotonic()
        self._socket, theirs = socket.socketpair()
        self._socket.setblocking(False)
        command = [sys.executable, "-m", "shortlinks.writing", str(theirs.fileno()), str(self._folder)]
        # In a group of its own: Ctrl-C reaches it through us, after the last click.
        self._process = subprocess.Popen(command, cwd=ROOT, pass_fds=[theirs.fileno()], process_group=0)
        theirs.close()
        self._loop.add_reader(self._socket, self._receive)
        if self._unsent:
            self._send()

    def _send(self) -> None:
        try:
            self._unsent = self._unsent[self._socket.send(self._unsent) :]
        except BlockingIOError:
            pass
        except OSError:
            return  # the writer is gone: `_receive` hears of it
        if self._unsent:
            self._loop.add_writer(self._socket, self._send)
        else:
            self._loop.remove_writer(self._socket)

    def _receive(self) -> None:
        try:
            piece = self._socket.recv(RESULT.size - len(self._result))
        except BlockingIOError:
            return
        except OSError:
            piece = b""
        if not piece:
            self._mourn()
            return
        self._result += piece
        if len(self._result) == RESULT.size:
            (number,) = RESULT.unpack(self._result)
            self._finish(OSError(number, os.strerror(number)) if number else None)

    def _mourn(self) -> None:
        """The writer has died. What it did not wholly get, the next one writes; of the rest nobody knows."""
        self._forget_socket()
        self._socket.close()
        self._process.wait()
        logger.error("The journal's writer has died (%s); another one starts.", self._process.returncode)
        wait = max(0.0, self._started_at + RESTART_SECONDS - time.monotonic())
        self._restart = self._loop.call_later(wait, self._start)
        if self._unsent:
            self._unsent = memoryview(self._frame)
        else:
            self._finish(ChildProcessError(errno.EPIPE, "the writer died over it"))

    def _finish(self, error: OSError | None) -> None:
        done, self._done, self._result = self._done, None, b""
        if done:
            done(error)

    def _forget_socket(self) -> None:
        self._loop.remove_reader(self._socket)
        self._loop.remove_writer(self._socket)


def main(parent: socket.socket, folder: Path) -> None:
    """Write batch after batch until the redirect closes its end, or is no more."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    segments = SegmentWriter(folder)
    with parent, parent.makefile("rb", PIECE_BYTES) as frames:
        while len(head := frames.read(LENGTH.size)) == LENGTH.size:
            (length,) = LENGTH.unpack(head)
            if len(batch := frames.read(length)) < length:
                break
            result = _written(segments, batch)
            with suppress(OSError):
                parent.sendall(RESULT.pack(result))
    segments.close()


def _written(segments: SegmentWriter, batch: bytes) -> int:
    try:
        segments.append(batch)
    except OSError as error:
        return error.errno or errno.EIO
    return 0


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])), Path(sys.argv[2]))
