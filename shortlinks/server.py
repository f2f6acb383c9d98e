"""The redirect as a process that listens: connections on uvloop, one redirect to answer them, a polite end."""

import asyncio
import gc
import logging
import os
import resource
import signal
import socket
import time
from collections.abc import Callable
from email.utils import formatdate

import uvloop

from shortlinks.connection import BROKEN, Connection
from shortlinks.redirect import Answer, Redirect, Request

logger = logging.getLogger(__name__)

MOST_CONNECTIONS = 10_000
# Files that are not connections: the journal, the database, what Python itself has open.
OTHER_FILES = 100
TICK_SECONDS = 1.0
PARENT_SECONDS = 0.5
# For answers under way when we are told to stop.
STOP_SECONDS = 5.0


def serve(listener: socket.socket, parent: int) -> None:
    """Answer short links until SIGTERM, or until `parent`, the process that started us, is gone."""
    uvloop.run(_serve(listener, parent))


async def _serve(listener: socket.socket, parent: int) -> None:
    end, server = asyncio.Event(), Server(Redirect())
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, end.set)
    await server.start(listener)
    # What is there now stays: it need not be looked through again and again.
    gc.freeze()
    watching = asyncio.create_task(_watch_parent(end, parent))
    await end.wait()
    watching.cancel()
    await server.stop()


class Server:
    """What its connections share; see connection.Host."""

    def __init__(self, redirect: Redirect) -> None:
        self.now, self.date = time.monotonic(), formatdate(usegmt=True)
        self.is_stopping = False
        self.connections: set[Connection] = set()
        self.answer_now = redirect.answer_now
        self._redirect = redirect
        self._most = _most_connections()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def is_full(self) -> bool:
        return len(self.connections) >= self._most

    async def start(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        self._redirect.open(loop)
        self.keep = self._redirect.commits.append
        self._accepting = await loop.create_server(lambda: Connection(self), sock=listener)
        self._ticking = loop.create_task(self._tick())

    async def stop(self) -> None:
        """Accept nobody, answer who is waiting, write what is left."""
        self._accepting.close()
        self.is_stopping = True
        until = time.monotonic() + STOP_SECONDS
        while self.connections and time.monotonic() < until:
            await asyncio.sleep(0.02)
            for connection in list(self.connections):
                connection.stop()
        self._ticking.cancel()
        self._redirect.close()

    def answer_later(self, request: Request, take: Callable[[Answer], None]) -> None:
        task = asyncio.get_running_loop().create_task(self._answer(request, take))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, request: Request, take: Callable[[Answer], None]) -> None:
        try:
            answer = await self._redirect.answer(request)
        except Exception:
            logger.exception("A request could not be answered.")
            answer = BROKEN
        take(answer)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            self.now, self.date = time.monotonic(), formatdate(usegmt=True)
            for connection in list(self.connections):
                connection.check_deadline()


def _most_connections() -> int:
    """As many as we want, if we may have that many files open."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_CONNECTIONS + OTHER_FILES
    allowed = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
    resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    return max(1, allowed - OTHER_FILES)


async def _watch_parent(end: asyncio.Event, parent: int) -> None:
    while os.getppid() == parent:
        await asyncio.sleep(PARENT_SECONDS)
    end.set()
