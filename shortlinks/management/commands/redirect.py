import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from shortlinks.management.commands.drain import ENDINGS
from shortlinks.server import serve

BACKLOG = 1024
WATCH_SECONDS = 0.2
# A child that dies at once must not spin.
RESTART_SECONDS = 1.0
STOP_SECONDS = 10.0
FORK = multiprocessing.get_context("fork")


class Command(BaseCommand):
    help = "Answers short links, and lands their clicks in the database by a drainer of its own."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8001)
        parser.add_argument("--workers", type=int, default=1, help="One per two cores; more make batches smaller.")

    def handle(self, *args: Any, host: str, port: int, workers: int, **options: Any) -> None:
        # Workers fork from here: no connection may be shared.
        connections.close_all()
        with listening(host, port) as listener:
            keep_alive([Worker(listener) for _ in range(workers)], DrainerChild())


def listening(host: str, port: int) -> socket.socket:
    """The one socket that all workers accept from: visitors queue there while a worker is started again."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG, dualstack_ipv6=host == "::")
    except OSError as error:
        raise CommandError(f"Can't listen on {host}:{port}: {error.strerror}.") from error


class Child(ABC):
    """A process that is started again when it dies."""

    def __init__(self) -> None:
        self._start()
        self._started_at = time.monotonic()

    def look_after(self) -> None:
        if not self._is_alive() and time.monotonic() - self._started_at > RESTART_SECONDS:
            self._start()
            self._started_at = time.monotonic()

    @abstractmethod
    def _start(self) -> None: ...

    @abstractmethod
    def _is_alive(self) -> bool: ...


class Worker(Child):
    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        super().__init__()

    def _start(self) -> None:
        self._process = FORK.Process(target=serve, args=(self._listener, os.getpid()), name="redirect")
        self._process.start()

    def _is_alive(self) -> bool:
        return self._process.is_alive()

    def terminate(self) -> None:
        self._process.terminate()

    def wait(self) -> None:
        self._process.join(STOP_SECONDS)
        self._process.kill()


class DrainerChild(Child):
    """`manage.py drain`, which lands everything before it goes."""

    def __init__(self, command: Sequence[str] = ()) -> None:
        self._command = command or [sys.executable, sys.argv[0], "drain", "--parent", str(os.getpid())]
        super().__init__()

    def _start(self) -> None:
        # Until it is ready, seconds from now, a request to stop waits for it instead of ending it with clicks unlanded.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDINGS)
        try:
            # In a group of its own, so that Ctrl-C reaches it through us: after the last click is written.
            self._process = subprocess.Popen(self._command, process_group=0)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def _is_alive(self) -> bool:
        return self._process.poll() is None

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()


def keep_alive(workers: list[Worker], drainer: DrainerChild) -> None:
    """Until SIGTERM or SIGINT; then the workers end, and the drainer after them."""
    asked: list[int] = []

    # It only takes note: an exception could come between a child's birth and our knowing it.
    def on_signal(number: int, frame: FrameType | None) -> None:
        asked.append(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_signal)
    try:
        while not asked:
            for child in (*workers, drainer):
                child.look_after()
            time.sleep(WATCH_SECONDS)
    finally:
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.wait()
        drainer.stop()
