"""How requests reach the redirect, and answers leave it: granian's RSGI. `manage.py redirect` starts it."""

import asyncio
import os
import signal
from typing import Any

import django

django.setup()

from shortlinks.redirect import Redirect, Request  # noqa: E402  (models need the set-up above)


class Server:
    def __init__(self) -> None:
        self.redirect = Redirect()
        self._parent = os.getppid()
        self._watching: asyncio.Task[None]

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.redirect.open(loop)
        self._watching = loop.create_task(self._watch_parent())

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._watching.cancel()
        self.redirect.close()

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        request = request_of(scope)
        answer = self.redirect.answer_now(request) or await self.redirect.answer(request)
        if answer.click:
            await self.redirect.commits.append(answer.click)
        location = [("location", answer.location)] if answer.location else []
        headers = [*location, *answer.headers]
        if answer.body:
            protocol.response_bytes(answer.status, headers, answer.body)
        else:
            protocol.response_empty(answer.status, headers)

    async def _watch_parent(self) -> None:
        """End with the command that started us: granian's worker would go on listening without it."""
        while os.getppid() == self._parent:
            await asyncio.sleep(0.5)
        os.kill(os.getpid(), signal.SIGTERM)


def request_of(scope: Any) -> Request:
    def header(name: str, default: str) -> str:
        # One line or several: a front server may add its own behind the visitor's.
        return ",".join(scope.headers.get_all(name)) or default

    peer = scope.client.rpartition(":")[0].strip("[]")
    return Request(scope.method, scope.authority or header("host", ""), scope.path, scope.query_string, header, peer)


application = Server()
