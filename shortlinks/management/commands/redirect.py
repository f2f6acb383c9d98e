import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

# A drainer that dies at once must not spin.
RESTART_SECONDS = 1.0


class Command(BaseCommand):
    help = "Answers short links, and lands their clicks in the database by a drainer of its own."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8001)
        parser.add_argument("--workers", type=int, default=1, help="One per two cores; more make batches smaller.")

    def handle(self, *args: Any, host: str, port: int, workers: int, **options: Any) -> None:
        refuse_busy_port(host, port)
        # granian's workers fork from here: no connection may be shared.
        connections.close_all()
        with DrainerChild():
            Granian(
                "shortlinks.rsgi:application",
                address=host,
                port=port,
                interface=Interfaces.RSGI,
                workers=workers,
                websockets=False,
                respawn_failed_workers=True,
                respawn_interval=RESTART_SECONDS,
                log_level=LogLevels.warning,
            ).serve()


def refuse_busy_port(host: str, port: int) -> None:
    """granian binds with SO_REUSEPORT: on a busy port it would quietly take a share of somebody else's requests."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(f"Can't listen on {host}:{port}: {error.strerror}.") from error


class DrainerChild:
    """`manage.py drain` as a child that is started again when it dies, and lands everything before it goes."""

    def __init__(self, command: Sequence[str] = ()) -> None:
        self._command = command or [sys.executable, sys.argv[0], "drain"]
        self._is_over = threading.Event()
        # Between the end and a new beginning: a drainer born after the end would be waited for in vain.
        self._births = threading.Lock()

    def __enter__(self) -> None:
        self._process = self._start()
        self._keeper = threading.Thread(target=self._keep, daemon=True)
        self._keeper.start()

    def __exit__(self, *error: object) -> None:
        with self._births:
            self._is_over.set()
        self._process.send_signal(signal.SIGTERM)
        self._keeper.join()

    def _start(self) -> "subprocess.Popen[bytes]":
        # In a group of its own, so that Ctrl-C reaches it through us: after the last click is written.
        return subprocess.Popen(self._command, process_group=0)

    def _keep(self) -> None:
        while True:
            self._process.wait()
            self._is_over.wait(RESTART_SECONDS)
            with self._births:
                if self._is_over.is_set():
                    return
                self._process = self._start()
