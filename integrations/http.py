"""The one HTTP client: every call to a provider or a shop goes through `request`, and tests fake the network here.

httpx has no deadline for a whole call (a server that sends a byte now and then keeps it waiting for ever), so calls
run on an event loop of their own, where a deadline can cancel them. Only the connect phase is ever repeated: then the
server has seen nothing. Whatever else goes wrong, it may have.

An address that somebody typed may name a machine of ours: `only_public` looks its host up once, refuses every address
that is not the internet's (`CHAPPE_PRIVATE_NETWORKS` allows some), and connects to the very address that it looked at.
"""

import asyncio
import os
import socket
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from ipaddress import IPv6Address, ip_address
from typing import Any

import httpx
from django.conf import settings

from integrations.gateways.base import ErrorClass, Rejected, Unknown

DEADLINE_SECONDS = 20.0
CONNECT_SECONDS = 5.0
CONNECT_RETRIES = 2
MAX_CONNECTIONS = 50


class CallFailed(Exception):
    """There is no answer. Which of the two it is decides whether a message may be sent again."""

    @property
    def outcome(self) -> Rejected | Unknown:
        """What that means for a message."""
        return Unknown(str(self))


class NotSent(CallFailed):
    """Nothing left this machine."""

    @property
    def outcome(self) -> Rejected | Unknown:
        return Rejected(ErrorClass.GATEWAY_DOWN)


class NoAnswer(CallFailed):
    """The other side may have taken the request."""


class PrivateHost(NotSent):
    """The address leads into a private network: a person has to change it."""

    @property
    def outcome(self) -> Rejected | Unknown:
        return Rejected(ErrorClass.AUTH, code="private_host")


@dataclass(frozen=True)
class Call:
    """A request to make. `options` are those of httpx; their values may be secret."""

    method: str
    url: str
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)
    only_public: bool = False


# Anything that isn't here counts as "may have been taken".
NOTHING_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
    socket.gaierror,
)


def request(
    method: str, url: str, *, deadline_seconds: float | None = None, only_public: bool = False, **options: Any
) -> httpx.Response:
    """The answer, read to its end; redirects are answers. `options` are those of httpx. Raises NotSent, NoAnswer.

    An adapter turns the error into its result: `except CallFailed as error: return error.outcome`.
    """
    (answer,) = request_all([Call(method, url, options, only_public)], deadline_seconds=deadline_seconds)
    if isinstance(answer, CallFailed):
        raise answer
    return answer


def request_all(calls: Sequence[Call], *, deadline_seconds: float | None = None) -> list[httpx.Response | CallFailed]:
    """Side by side, each with the whole deadline: the answer to each, or why there is none, in order."""
    seconds = deadline_seconds or DEADLINE_SECONDS
    return asyncio.run_coroutine_threadsafe(_gather(calls, seconds), _loop(os.getpid())).result()


async def _gather(calls: Sequence[Call], seconds: float) -> list[httpx.Response | CallFailed]:
    return await asyncio.gather(*(_outcome(call, seconds) for call in calls))


async def _outcome(call: Call, seconds: float) -> httpx.Response | CallFailed:
    """Of what went wrong the name only: addresses and texts of errors may carry secrets."""
    try:
        async with asyncio.timeout(seconds):
            return await (_ask_public(call) if call.only_public else _ask(call))
    except CallFailed as error:
        return error
    except NOTHING_SENT as error:
        return NotSent(type(error).__name__)
    except (httpx.HTTPError, TimeoutError) as error:
        return NoAnswer(type(error).__name__)


async def _ask(call: Call) -> httpx.Response:
    return await _client(os.getpid()).request(call.method, call.url, **call.options)


async def _ask_public(call: Call) -> httpx.Response:
    """The host's first address that can be reached; certificate and Host header are those of its name.

    Its client keeps no connection: the next name on the same address must prove itself again.
    """
    url = httpx.URL(call.url)
    addresses = await _public_addresses(url)
    options = {
        **call.options,
        "headers": {**call.options.get("headers", {}), "host": url.netloc.decode()},
        "extensions": {"sni_hostname": url.host},
    }
    for position, address in enumerate(addresses, start=1):
        try:
            return await _client(os.getpid(), is_kept=False).request(
                call.method, url.copy_with(host=address), **options
            )
        except (httpx.ConnectError, httpx.ConnectTimeout):
            if position == len(addresses):
                raise
    raise NotSent("no address")


async def _public_addresses(url: httpx.URL) -> list[str]:
    """Raises PrivateHost if any of them is not public, NotSent if there is none."""
    if url.scheme not in {"http", "https"} or not url.host:
        raise NotSent("UnsupportedProtocol")
    port = url.port or (443 if url.scheme == "https" else 80)
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            found = await asyncio.get_running_loop().getaddrinfo(url.host, port, type=socket.SOCK_STREAM)
    except (TimeoutError, UnicodeError) as error:
        raise NotSent(type(error).__name__) from None
    addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
    if not all(map(is_allowed, addresses)):
        raise PrivateHost("private address")
    return addresses


def is_allowed(address: str) -> bool:
    """Whether somebody's typed address may lead there."""
    ip = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    is_public = ip.is_global and not ip.is_multicast
    return is_public or any(ip.version == network.version and ip in network for network in settings.PRIVATE_NETWORKS)


@cache
def _loop(process_id: int) -> asyncio.AbstractEventLoop:
    """One for each process: a forked worker must not share its parent's thread."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name=f"http-{process_id}", daemon=True).start()
    return loop


@cache
def _client(process_id: int, is_kept: bool = True) -> httpx.AsyncClient:
    """Nor its sockets. `is_kept`: connections stay open for the next call."""
    limits = httpx.Limits(max_connections=MAX_CONNECTIONS, max_keepalive_connections=MAX_CONNECTIONS if is_kept else 0)
    return httpx.AsyncClient(
        transport=httpx.AsyncHTTPTransport(retries=CONNECT_RETRIES, limits=limits),
        # Reading and writing end with the call's deadline; what is not even connected by then was never sent.
        timeout=httpx.Timeout(None, connect=CONNECT_SECONDS, pool=CONNECT_SECONDS),
        follow_redirects=False,
        headers={"user-agent": "Chappe"},
    )
