"""One visitor's connection: HTTP/1.1, parsed by httptools.

A request is answered in the callback that read it; only one that must ask the database becomes a Task. Answers go out
one after the other, each when its click is on disk; whoever hangs up meanwhile is not missed.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from functools import lru_cache
from http import HTTPStatus
from typing import Protocol, cast
from urllib.parse import quote, unquote

from httptools import HttpParserError, HttpParserInvalidURLError, HttpParserUpgrade, HttpRequestParser, parse_url

from shortlinks.redirect import METHOD_NOT_ALLOWED, Answer, Headers, Request

logger = logging.getLogger(__name__)

ADDRESS_BYTES = 8 * 1024
HEAD_BYTES = 16 * 1024
# What the parser gets at a time; with more than this unread, the client has to wait.
PIECE_BYTES = 16 * 1024
# From the first byte of a request to its last; between two requests; for whoever does not read our answers.
REQUEST_SECONDS = 10.0
IDLE_SECONDS = 75.0
WRITE_SECONDS = 30.0
# A refused client may still be talking: a connection closed at once would take the refusal with it.
LINGER_SECONDS = 2.0

METHODS = {b"GET": "GET", b"HEAD": "HEAD"}
VERSIONS = {"1.0", "1.1"}
BAD_REQUEST, TIMED_OUT, HAS_BODY, LONG_ADDRESS, LONG_HEAD, BROKEN = map(Answer, (400, 408, 413, 414, 431, 500))
FULL = Answer(503, (("retry-after", "5"),))
# What may stand in a Location as it is; everything in it was percent-encoded when the link was written.
LOCATION_SAFE = "%:/?#[]@!$&'()*+,;=~"


class Names(dict[bytes, str]):
    """Header names as they are written, and as we call them. Nobody fills our memory with others."""

    MOST_BYTES, MOST = 64, 1000

    def __missing__(self, name: bytes) -> str:
        # No header that means anything to us has a longer one.
        known = name[: self.MOST_BYTES].decode(errors="replace").lower()
        if len(name) <= self.MOST_BYTES and len(self) < self.MOST:
            self[name] = known
        return known


NAMES = Names()


class Host(Protocol):
    """What a connection needs of the server it belongs to: the time in seconds and as an HTTP date, and answers."""

    now: float
    date: str
    is_stopping: bool
    connections: "set[Connection]"

    @property
    def is_full(self) -> bool: ...

    def answer_now(self, request: Request) -> Answer | None: ...

    def keep(self, record: bytes, answer: Callable[[], object]) -> None: ...

    def answer_later(self, request: Request, take: Callable[[Answer], None]) -> None: ...


class Connection(asyncio.Protocol):
    __slots__ = (
        "_address", "_deadline", "_fed", "_fields", "_has_ended", "_held", "_is_answering", "_is_deaf", "_is_held_back",
        "_is_paused", "_is_reading", "_is_refused", "_method", "_parser", "_peer", "_server", "_transport", "_turns",
        "_unread",
    )  # fmt: skip

    def __init__(self, server: Host) -> None:
        self._server = server
        self._parser = HttpRequestParser(self)
        self._transport = cast(asyncio.Transport, None)
        # Requests that wait for their answer, and refusals that wait for the answers before them.
        self._turns: deque[Request | Answer] = deque()
        self._fields: list[tuple[bytes, bytes]] = []
        self._unread = self._held = self._address = b""
        self._peer = self._method = ""
        self._fed = 0
        self._is_reading = self._is_answering = self._is_paused = False
        self._is_deaf = self._has_ended = self._is_held_back = self._is_refused = False
        self._deadline = server.now + IDLE_SECONDS

    # The event loop's calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        peer = transport.get_extra_info("peername")
        self._peer = peer[0].removeprefix("::ffff:") if peer else ""
        if self._server.is_full:
            self._refuse(FULL)
            self._advance()
        self._server.connections.add(self)

    def data_received(self, data: bytes) -> None:
        if self._is_deaf:
            return
        self._unread = self._unread + data if self._unread else data
        self._advance()
        if len(self._unread) > PIECE_BYTES:
            self._is_held_back = True
            self._transport.pause_reading()

    def eof_received(self) -> bool:
        """Who has said everything may still wait for answers."""
        self._has_ended = True
        return self._is_answering or bool(self._turns or self._unread)

    def connection_lost(self, error: Exception | None) -> None:
        self._server.connections.discard(self)
        self._is_deaf, self._unread = True, b""
        self._turns.clear()
        # They hold each other.
        del self._parser

    def pause_writing(self) -> None:
        self._is_paused = True
        self._deadline = self._server.now + WRITE_SECONDS

    def resume_writing(self) -> None:
        self._is_paused = False
        self._advance()

    # The server's calls

    def check_deadline(self) -> None:
        if self._is_answering or self._deadline > self._server.now:
            return
        if self._is_reading:
            self._refuse(TIMED_OUT)
            self._advance()
        else:
            self._transport.abort()

    def stop(self) -> None:
        """Close as soon as nothing is under way."""
        if not (self._is_answering or self._is_reading or self._turns or self._unread):
            self._transport.close()

    # The parser's calls

    def on_message_begin(self) -> None:
        self._is_reading = True
        self._address, self._fields = b"", []
        self._fed = 0
        self._deadline = self._server.now + REQUEST_SECONDS

    def on_url(self, part: bytes) -> None:
        self._address += part

    def on_header(self, name: bytes, value: bytes) -> None:
        self._fields.append((name, value))

    def on_headers_complete(self) -> None:
        if self._is_deaf:
            return
        self._is_reading = False
        turn = self._turn()
        if isinstance(turn, Answer):
            self._refuse(turn)
            return
        self._turns.append(turn)
        if not self._parser.should_keep_alive():
            self._is_deaf = True

    def _turn(self) -> Request | Answer:
        """The request that has just been read, or why it is refused."""
        parser, head = self._parser, _head_of(self._fields)
        method = METHODS.get(parser.get_method())
        if method is None:
            return METHOD_NOT_ALLOWED
        version = parser.get_http_version()
        host = head.get("host", "")
        if version not in VERSIONS or "," in host or (not host and version != "1.0"):
            return BAD_REQUEST
        if head.get("content-length", "0") != "0" or "transfer-encoding" in head:
            return HAS_BODY
        if len(self._address) > ADDRESS_BYTES:
            return LONG_ADDRESS
        return self._request(method, host, head)

    def _request(self, method: str, host: str, head: dict[str, str]) -> Request | Answer:
        address = self._address
        if not address.startswith(b"/"):
            try:
                parts = parse_url(address)
            except HttpParserInvalidURLError:
                return BAD_REQUEST
            host = (parts.host or b"").decode() + (f":{parts.port}" if parts.port else "")
            address = (parts.path or b"/") + b"?" + (parts.query or b"")
        path, _, query = address.partition(b"#")[0].decode(errors="replace").partition("?")
        if "%" in path:
            path = unquote(path)
        return Request(method, host, path, query, head.get, self._peer)

    # From request to answer

    def _advance(self) -> None:
        """Answer request after request; where one has to wait, the rest waits with it."""
        while not (self._is_answering or self._is_paused):
            if self._turns:
                self._take(self._turns.popleft())
            elif self._unread and not self._is_deaf:
                self._parse()
            else:
                return

    def _parse(self) -> None:
        piece, self._unread = self._unread[:PIECE_BYTES], self._unread[PIECE_BYTES:]
        try:
            self._parser.feed_data(piece)
        except HttpParserUpgrade:
            # Answered in HTTP/1.1; what follows might be another language.
            self._is_deaf = True
        except HttpParserError:
            if not self._is_deaf:
                self._refuse(BAD_REQUEST)
        self._fed += len(piece)
        if self._is_reading and self._fed > HEAD_BYTES:
            self._refuse(LONG_HEAD if self._fields else LONG_ADDRESS)
        if self._is_held_back and not self._unread:
            self._is_held_back = False
            self._transport.resume_reading()

    def _refuse(self, answer: Answer) -> None:
        self._is_deaf, self._is_reading, self._is_refused = True, False, True
        self._unread = b""
        self._turns.append(answer)

    def _take(self, turn: Request | Answer) -> None:
        if isinstance(turn, Answer):
            self._method = "GET"
            self._reply(turn)
            return
        self._method = turn.method
        try:
            answer = self._server.answer_now(turn)
        except Exception:
            logger.exception("A request could not be answered.")
            answer = BROKEN
        if answer is not None:
            self._reply(answer)
        else:
            self._is_answering = True
            self._server.answer_later(turn, self._reply_later)

    def _reply(self, answer: Answer) -> None:
        self._held = self._bytes_of(answer)
        if answer.click:
            self._is_answering = True
            self._server.keep(answer.click, self._release)
        else:
            self._send()

    def _reply_later(self, answer: Answer) -> None:
        self._is_answering = False
        self._reply(answer)
        self._advance()

    def _release(self) -> None:
        self._is_answering = False
        self._send()
        self._advance()

    def _send(self) -> None:
        transport, is_last = self._transport, self._is_last()
        if transport.is_closing():
            return
        transport.write(self._held)
        if not is_last:
            if not (self._is_reading or self._is_paused):
                self._deadline = self._server.now + IDLE_SECONDS
        elif self._is_refused:
            transport.write_eof()
            self._deadline = self._server.now + LINGER_SECONDS
        else:
            transport.close()

    def _is_last(self) -> bool:
        is_over = self._is_deaf or self._has_ended or self._server.is_stopping
        return is_over and not self._turns and not self._unread

    def _bytes_of(self, answer: Answer) -> bytes:
        location = f"location: {_printable(answer.location)}\r\n" if answer.location else ""
        closing = "connection: close\r\n" if self._is_last() else ""
        head = (
            f"{_fixed_head(answer.status, answer.headers)}{location}date: {self._server.date}\r\n"
            f"content-length: {len(answer.body)}\r\n{closing}\r\n"
        ).encode()
        return head if self._method == "HEAD" else head + answer.body


def _head_of(fields: list[tuple[bytes, bytes]]) -> dict[str, str]:
    """By lower-case name; what comes several times is joined by commas."""
    head: dict[str, str] = {}
    for name, value in fields:
        known, text = NAMES[name], value.decode("utf-8", "replace")
        head[known] = f"{head[known]}, {text}" if known in head else text
    return head


@lru_cache(maxsize=256)
def _fixed_head(status: int, headers: Headers) -> str:
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", *(f"{name}: {value}" for name, value in headers)]
    return "".join(f"{line}\r\n" for line in lines)


def _printable(location: str) -> str:
    """As it is, nearly always; nothing in it may end the line."""
    return location if location.isascii() and location.isprintable() else quote(location, safe=LOCATION_SAFE)
