"""A provider that keeps books of its own and can be asked, and the gateway to it.

`python -m bench.askable PORT BOOKS` serves on 127.0.0.1. It is told when to kill whoever submits next: before it takes
the messages (they never arrived), after they are in its books and before it answers, with the answer, or some moment
later. Its books are an SQLite file that is written before anything is answered.
"""

import json
import os
import random
import signal
import sqlite3
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from integrations import http
from integrations.gateways.base import (
    Absent,
    Accepted,
    Capabilities,
    DeliveryReport,
    Found,
    Gateway,
    IncomingMessage,
    Outgoing,
    Reconciliation,
    ReportStatus,
    SendResult,
    StopHandling,
    Undecidable,
    Unknown,
    WebhookCall,
)

# When the submitter dies, seen from the provider.
MOMENTS = ("before it is taken", "taken, not answered", "answered, not written down", "any moment")
LONGEST_WAIT_SECONDS = 0.5
BOOKS = """
CREATE TABLE IF NOT EXISTS taken (
    id INTEGER PRIMARY KEY, reference TEXT NOT NULL, phone TEXT NOT NULL, text TEXT NOT NULL, at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS taken_by_reference ON taken (reference);
CREATE TABLE IF NOT EXISTS killed (pid INTEGER NOT NULL, moment TEXT NOT NULL);
"""


class AskableGateway(Gateway):
    """It reaches nobody, so it may send like a simulator."""

    slug = "askable"
    label = "Askable"
    capabilities = Capabilities(max_batch=100, can_reconcile=True, stop=StopHandling.OURS, is_simulator=True)
    webhook_kinds = ("mo",)
    spoken_kinds = frozenset({"mo"})

    def send(self, batch: Sequence[Outgoing]) -> list[SendResult]:
        told = [{"reference": each.reference, "to": each.to, "text": each.text} for each in batch]
        try:
            body = {"pid": os.getpid(), "messages": told}
            answer = http.request("POST", f"{self.credentials['url']}/messages", json=body)
        except http.CallFailed as error:
            return [error.outcome] * len(batch)
        if answer.status_code != 200:
            return [Unknown(str(answer.status_code))] * len(batch)
        return [Accepted((str(id_),)) for id_ in answer.json()]

    def reconcile(self, reference: str, to: str) -> Reconciliation:
        try:
            answer = http.request("GET", f"{self.credentials['url']}/messages/{reference}")
        except http.CallFailed:
            return Undecidable()
        ids = tuple(str(id_) for id_ in answer.json())
        return Found(ids, ReportStatus.SENT) if ids else Absent()

    def verify(self, kind: str, call: WebhookCall) -> bool:
        return True

    def dedup_key(self, kind: str, call: WebhookCall) -> str:
        return call.digest

    def parse(self, kind: str, call: WebhookCall) -> list[DeliveryReport | IncomingMessage]:
        said = json.loads(call.body)
        return [IncomingMessage(said["from"], said["text"], datetime.fromisoformat(said["at"]), said["id"])]


class Books:
    """What the provider took, and whom it killed."""

    def __init__(self, path: str) -> None:
        self._file, self._lock = sqlite3.connect(path, check_same_thread=False), threading.Lock()
        self._file.executescript("PRAGMA journal_mode = WAL;" + BOOKS)
        self.orders: list[str] = []

    def take(self, messages: list[dict[str, str]]) -> list[int]:
        with self._lock, self._file:
            insert = "INSERT INTO taken (reference, phone, text, at) VALUES (?, ?, ?, ?) RETURNING id"
            rows = [(each["reference"], each["to"], each["text"], time.time()) for each in messages]
            return [self._file.execute(insert, row).fetchone()[0] for row in rows]

    def find(self, reference: str) -> list[int]:
        with self._lock:
            rows = self._file.execute("SELECT id FROM taken WHERE reference = ?", (reference,))
            return [row[0] for row in rows]

    def next_order(self) -> str:
        with self._lock:
            return self.orders.pop(0) if self.orders else ""

    def kill(self, pid: int, moment: str) -> None:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            with self._lock, self._file:
                self._file.execute("INSERT INTO killed VALUES (?, ?)", (pid, moment))


def handler_of(books: Books) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            said = json.loads(self.rfile.read(int(self.headers["content-length"])))
            if self.path == "/orders":
                books.orders.append(said["moment"])
                self._answer({})
            else:
                self._submission(said["pid"], said["messages"])

        def _submission(self, pid: int, messages: list[dict[str, str]]) -> None:
            moment = books.next_order()
            if moment == MOMENTS[0]:
                books.kill(pid, moment)
                return
            if moment == MOMENTS[3]:
                threading.Timer(random.uniform(0, LONGEST_WAIT_SECONDS), books.kill, (pid, moment)).start()
            ids = books.take(messages)
            if moment == MOMENTS[1]:
                books.kill(pid, moment)
            else:
                self._answer(ids)
            if moment == MOMENTS[2]:
                books.kill(pid, moment)

        def do_GET(self) -> None:
            self._answer(books.find(self.path.rpartition("/")[2]))

        def _answer(self, content: Any) -> None:
            body = json.dumps(content).encode()
            with suppress(OSError):  # whoever asked may be dead
                self.send_response(200)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            pass

    return Handler


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 100

    def handle_error(self, *_arguments: object) -> None:
        """Callers die here: that is what it is for."""


if __name__ == "__main__":
    Server(("127.0.0.1", int(sys.argv[1])), handler_of(Books(sys.argv[2]))).serve_forever()
