"""A server in this process, with a stage where the redirect stands, for tests of how bytes travel."""

import asyncio
import re
import socket
import struct
import threading
import time
from contextlib import contextmanager

import uvloop

from shortlinks.commits import GroupCommit
from shortlinks.redirect import Answer
from shortlinks.server import Server

GET = b"GET /%s HTTP/1.1\r\nhost: go.example\r\n\r\n"


class Disk:
    """Stands where the journal's writer stands, and remembers what was written; it can be stuck, or broken."""

    def __init__(self):
        self.writes = []
        self.is_broken = self.is_closed = False
        self.works = threading.Event()
        self.works.set()
        self.thread = None

    @property
    def data(self):
        return b"".join(self.writes)

    def write(self, data, done):
        loop = asyncio.get_running_loop()
        self.thread = threading.Thread(target=self._write, args=(data, done, loop))
        self.thread.start()

    def close(self, last=b""):
        if self.thread:
            self.thread.join()
        if last:
            self.writes.append(last)
        self.is_closed = True

    def _write(self, data, done, loop):
        self.works.wait(10)
        if not self.is_broken:
            self.writes.append(data)
        loop.call_soon_threadsafe(done, OSError(28, "No space left on device") if self.is_broken else None)


class Commits(GroupCommit):
    """Answers with futures, which a story can wait for."""

    def ask(self, record):
        answer = asyncio.get_running_loop().create_future()
        self.append(record, lambda: answer.set_result(None))
        return answer


class Stage:
    """Stands where the redirect stands: the path says which kind of answer comes."""

    def __init__(self, disk):
        self.disk = disk
        self.requests = []

    def open(self, loop):
        self.commits = GroupCommit(self.disk, loop)

    def close(self):
        self.commits.close()

    def answer_now(self, request):
        self.requests.append(request)
        if request.path.startswith("/click"):
            return Answer(302, (("x-kind", "click"),), location=request.path, click=request.path.encode())
        if request.path.startswith("/large"):
            return Answer(200, body=b"x" * 1_000_000)
        if request.path.startswith("/bug"):
            raise ZeroDivisionError
        return None if request.path.startswith("/ask") else Answer(404, body=request.path.encode())

    async def answer(self, request):
        await asyncio.sleep(0.1)
        if request.path == "/ask-bug":
            raise ZeroDivisionError
        return Answer(200, body=b"asked")


class Place:
    """A server in a thread of its own, and visitors."""

    def __init__(self, family=socket.AF_INET):
        self.disk = Disk()
        self.stage = Stage(self.disk)
        self.listener = socket.create_server(("::1" if family == socket.AF_INET6 else "127.0.0.1", 0), family=family)
        self.address = self.listener.getsockname()[:2]
        self.server = Server(self.stage)
        self.is_open = threading.Event()
        self.thread = threading.Thread(target=lambda: uvloop.run(self.run()))

    async def run(self):
        self.loop, self.end = asyncio.get_running_loop(), asyncio.Event()
        await self.server.start(self.listener)
        self.is_open.set()
        await self.end.wait()
        await self.server.stop()

    def stop(self):
        self.loop.call_soon_threadsafe(self.end.set)

    @contextmanager
    def visitor(self, *parts):
        with socket.create_connection(self.address, timeout=10) as visitor:
            for part in parts:
                visitor.sendall(part)
            yield visitor

    def answers(self, *parts, pause=0.0):
        """Everything that comes back until the server closes."""
        with self.visitor() as visitor:
            for part in parts:
                visitor.sendall(part)
                time.sleep(pause)
            visitor.shutdown(socket.SHUT_WR)
            return read_all(visitor)


def read_all(visitor):
    data = b""
    while part := visitor.recv(65536):
        data += part
    return data


def read_until(visitor, end):
    data = b""
    while not data.endswith(end):
        part = visitor.recv(65536)
        assert part, data
        data += part
    return data


def statuses(data):
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", data)]


def bodies(data):
    return [part.partition(b"\r\n\r\n")[2] for part in data.split(b"HTTP/1.1 ")[1:]]


def hang_up(visitor):
    """A reset, at once."""
    visitor.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    visitor.close()


@contextmanager
def open_place(**options):
    place = Place(**options)
    place.thread.start()
    place.is_open.wait(10)
    try:
        yield place
    finally:
        place.disk.works.set()
        if place.thread.is_alive():
            place.stop()
        place.thread.join(10)
        assert not place.thread.is_alive()
        assert place.disk.is_closed
