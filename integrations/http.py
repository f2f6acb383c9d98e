"""The one HTTP client: every call to a provider or a shop goes through `request`, and tests fake the network here.

httpx has no deadline for a whole call (a server that sends a byte now and then keeps it waiting for ever), so calls
run on an event loop of their own, where a deadline can cancel them. Only the connect phase is ever repeated: then the
server has seen nothing. Whatever else goes wrong, it may have.
"""

import asyncio
import os
import threading
from functools import cache
from typing import Any

import httpx

from integrations.gateways.base import ErrorClass, Rejected, Unknown

DEADLINE_SECONDS = 20.0
CONNECT_SECONDS = 5.0
CONNECT_RETRIES = 2
MAX_CONNECTIONS = 50


class CallFailed(Exception):
    """There is no answer. Which of the two it is decides whether a message may be sent again."""


class NotSent(CallFailed):
    """Nothing left this machine."""

    outcome: Rejected = Rejected(ErrorClass.GATEWAY_DOWN)


class NoAnswer(CallFailed):
    """The other side may have taken the request."""

    @property
    def outcome(self) -> Unknown:
        return Unknown(str(self))


# Anything that isn't here counts as "may have been taken".
NOTHING_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
)


def request(method: str, url: str, *, deadline_seconds: float = DEADLINE_SECONDS, **options: Any) -> httpx.Response:
    """The answer, read to its end; redirects are answers. `options` are those of httpx. Raises NotSent, NoAnswer.

    An adapter turns the error into its result: `except CallFailed as error: return error.outcome`.
    """
    loop, client = _client(os.getpid())
    call = asyncio.run_coroutine_threadsafe(_bounded(client, method, url, deadline_seconds, options), loop)
    try:
        return call.result()
    except NOTHING_SENT as error:
        raise NotSent(type(error).__name__) from None
    except (httpx.HTTPError, TimeoutError) as error:
        # The name only: addresses and texts of errors may carry secrets.
        raise NoAnswer(type(error).__name__) from None


async def _bounded(
    client: httpx.AsyncClient, method: str, url: str, deadline_seconds: float, options: dict[str, Any]
) -> httpx.Response:
    async with asyncio.timeout(deadline_seconds):
        return await client.request(method, url, **options)


@cache
def _client(process_id: int) -> tuple[asyncio.AbstractEventLoop, httpx.AsyncClient]:
    """One client for each process: a forked worker must not share its parent's sockets or thread."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name=f"http-{process_id}", daemon=True).start()
    limits = httpx.Limits(max_connections=MAX_CONNECTIONS)
    return loop, httpx.AsyncClient(
        transport=httpx.AsyncHTTPTransport(retries=CONNECT_RETRIES, limits=limits),
        timeout=httpx.Timeout(DEADLINE_SECONDS, connect=CONNECT_SECONDS),
        follow_redirects=False,
        headers={"user-agent": "Chappe"},
    )
