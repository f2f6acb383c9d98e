"""A redirect without its sockets and threads: what it answers, on rows of the test's own transaction."""

from pathlib import Path

import pytest

from shortlinks import directory, personal
from shortlinks.journal import read_records
from shortlinks.redirect import Redirect, Request
from tests.shortlinks.conftest import IPHONE


class Door:
    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        for module in (directory, personal):  # this connection is the test's own
            monkeypatch.setattr(module, "close_old_connections", lambda: None)
        self.redirect = Redirect()
        self.folder = folder
        self.poll()

    def poll(self):
        self.redirect.directory._take(self.redirect.directory._read)

    def request(self, path, host, query="", **headers):
        named = {**IPHONE, **{name.replace("_", "-"): value for name, value in headers.items()}}
        return Request("GET", host, f"/{path}", query, named.get, "203.0.113.7")

    def get(self, path, host="go.lambert.example", query="", **headers):
        return self.redirect.answer_now(self.request(path, host, query, **headers))

    def hit_of(self, answer):
        segment = self.folder / "one.clicks"
        segment.write_bytes(answer.click)
        [(_, hit)] = read_records(segment, 0, 4096)
        return hit
