"""Visitors on plain sockets who remember what they were answered: what a redirect must account for, hit by hit."""

import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from types import TracebackType
from typing import Self

REQUEST = "GET /{} HTTP/1.1\r\nhost: {}\r\nuser-agent: Visitor/1.0\r\naccept: text/html\r\n\r\n"
PATIENCE_SECONDS = 20.0
VISITORS = 8


class Crowd:
    """Keeps asking, each time for another code, until the block ends.

    `answered` were redirected. `doubtful` had asked when their connection broke: their hit may count, or not.
    `refused` were answered anything else, and `slowest` is the longest anybody waited, in seconds.
    """

    def __init__(
        self, port: int, host: str, codes: list[str], *, visitors: int = VISITORS, per_second: int = 160
    ) -> None:
        self._address, self._host = ("127.0.0.1", port), host
        self._codes: Iterator[str] = iter(codes)
        self._pause = visitors / per_second
        self._is_over, self._lock = threading.Event(), threading.Lock()
        self._threads = [threading.Thread(target=self._visit) for _ in range(visitors)]
        self.answered: Counter[str] = Counter()
        self.doubtful: Counter[str] = Counter()
        self.refused: list[bytes] = []
        self.slowest = 0.0

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._is_over.set()
        for thread in self._threads:
            thread.join()

    def _visit(self) -> None:
        connection: socket.socket | None = None
        while not self._is_over.wait(self._pause):
            try:
                connection = connection or socket.create_connection(self._address, timeout=PATIENCE_SECONDS)
            except OSError:  # nobody listens: nothing was asked
                continue
            if not self._ask(connection):
                connection.close()
                connection = None
        if connection:
            connection.close()

    def _ask(self, connection: socket.socket) -> bool:
        """Whether the connection is good for another question."""
        with self._lock:
            code = next(self._codes)
        began = time.monotonic()
        try:
            connection.sendall(REQUEST.format(code, self._host).encode())
            head = read_head(connection)
        except OSError:
            head = b""
        with self._lock:
            self.slowest = max(self.slowest, time.monotonic() - began)
            if head.startswith(b"HTTP/1.1 302 "):
                self.answered[code] += 1
            elif head:
                self.refused.append(head)
            else:
                self.doubtful[code] += 1
        return head.startswith(b"HTTP/1.1 302 ")


def read_head(connection: socket.socket) -> bytes:
    """An answer's head, whole, or nothing. A redirect has no body."""
    head = b""
    while b"\r\n\r\n" not in head:
        piece = connection.recv(4096)
        if not piece:
            return b""
        head += piece
    return head


def hang_up(port: int, host: str, code: str) -> None:
    """Ask, and reset the connection with the answer still to come."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS) as visitor:
        visitor.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        visitor.sendall(REQUEST.format(code, host).encode())
