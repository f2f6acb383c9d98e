"""The redirect: an asynchronous application of its own (RSGI on granian), with no Django request in its way.

Decode, bisect, append to the journal, wait for the disk, answer. Only threads in the background ask the database.
"""

import asyncio
import contextlib
import json
import logging
import os
import signal
import time
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import Any

from django.conf import settings

from accounts.keys import dated_address_hash
from shortlinks import pages
from shortlinks.bots import signs_of
from shortlinks.commits import GroupCommit
from shortlinks.directory import Directory, Found, Host
from shortlinks.drainer import backlog_bytes
from shortlinks.journal import Hit, SegmentWriter, packed
from shortlinks.personal import PersonalTargets

logger = logging.getLogger(__name__)

Headers = list[tuple[str, str]]

OURS = "_"
OPT_OUT = "s"
REDIRECT_HEADERS = [
    ("cache-control", "private, no-store"),
    ("referrer-policy", "no-referrer"),
    ("x-robots-tag", "noindex"),
]
PAGE_HEADERS = [
    ("content-type", "text/html; charset=utf-8"),
    ("content-security-policy", pages.POLICY),
    ("x-content-type-options", "nosniff"),
    *REDIRECT_HEADERS,
]


class Redirect:
    def __init__(self) -> None:
        self.directory = Directory()
        self.targets = PersonalTargets()
        self.commits: GroupCommit
        self._parent = os.getppid()
        self._tasks: list[asyncio.Task[None]] = []

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.commits = GroupCommit(SegmentWriter(settings.JOURNAL_DIR), loop)
        self.directory.load()
        self._tasks = [loop.create_task(self.directory.watch()), loop.create_task(self._watch_parent())]

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        for task in self._tasks:
            task.cancel()
        self.commits.close()

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        header = scope.headers.get
        if scope.method not in {"GET", "HEAD"}:
            protocol.response_empty(405, [("allow", "GET, HEAD")])
            return
        name, _, rest = scope.path[1:].partition("/")
        if name.startswith(OURS):
            self._serve_own(name, protocol)
            return
        host = self._host(scope.authority or header("host", ""))
        found = await self._find(host, name) if host else None
        if host is None or found is None or rest not in {"", OPT_OUT}:
            self._answer_unknown(host, header, protocol)
        elif rest == OPT_OUT:
            self._lead_to_opt_out(host, found, header, protocol)
        else:
            await self._follow(host, found, scope, protocol)

    async def _follow(self, host: Host, found: Found, scope: Any, protocol: Any) -> None:
        link, now, header = found.link, time.time(), scope.headers.get
        if now >= found.expires_at or not link.is_enabled:
            _answer_page(protocol, host.pages, pages.GONE, header)
            return
        if now < link.starts_at:
            _answer_page(protocol, host.pages, pages.NOT_FOUND, header)
            return
        location = await self._location(host, found, int(now))
        hit = Hit(
            microseconds=int(now * 1_000_000),
            workspace_id=host.workspace_id,
            link_id=link.id,
            position=found.position if host.tracks_people else -1,
            visitor=visitor(client_address(scope), int(now) // 86_400),
            flags=signs_of(scope.method, header),
            user_agent=header("user-agent") or "",
        )
        await self.commits.append(packed(hit))
        protocol.response_empty(302, [("location", location), *REDIRECT_HEADERS])

    async def _location(self, host: Host, found: Found, seconds: int) -> str:
        link = found.link
        if found.number < 0:
            return link.address
        if link.is_per_number and (address := await self.targets.address(link.id, found.number)):
            return address
        if link.carries_visit and host.tracks_people:
            return f"{link.before}{host.visits.seal(found.number, seconds)}{link.after}"
        return link.address

    async def _find(self, host: Host, name: str) -> Found | None:
        found = host.find(name)
        if found is None and name and "." not in name:
            # A range is committed before its first message: whoever holds a code may be ahead of our poll.
            await self.directory.refresh()
            current = self._host(host.name)
            found = current.find(name) if current else None
        return found

    def _host(self, name: str) -> Host | None:
        host = self.directory.host(name)
        if host is None and settings.IS_DEMO:
            hosts = self.directory.hosts
            host = hosts[0] if len(hosts) == 1 else None
        return host

    def _lead_to_opt_out(self, host: Host, found: Found, header: Any, protocol: Any) -> None:
        """Works for dead links too: whoever wants to be left alone may say so late."""
        if found.number < 0:
            _answer_page(protocol, host.pages, pages.NOT_FOUND, header)
            return
        token = host.visits.seal(found.number, int(time.time()))
        protocol.response_empty(
            302, [("location", f"{settings.BASE_URL}/stop/{host.workspace_slug}/{token}/"), *REDIRECT_HEADERS]
        )

    def _answer_unknown(self, host: Host | None, header: Any, protocol: Any) -> None:
        """Not found, if we can know that: with the database away, "try again"."""
        own = host.pages if host else pages.pages_of("", settings.LANGUAGE_CODE)
        status = pages.NOT_FOUND if self.directory.is_current else pages.TRY_AGAIN
        _answer_page(protocol, own, status, header)

    def _serve_own(self, name: str, protocol: Any) -> None:
        if name == "_pages.css":
            headers = [("content-type", "text/css; charset=utf-8"), ("cache-control", "public, max-age=3600")]
            protocol.response_bytes(200, headers, pages.style_sheet())
        elif name == "_health":
            headers = [("content-type", "application/json"), ("cache-control", "no-store")]
            protocol.response_str(200, headers, json.dumps(self.health()))
        else:
            protocol.response_empty(404, [])

    def health(self) -> dict[str, object]:
        """How this process is: clicks kept, late and lost since it started, and what has not landed yet."""
        hosts = self.directory.hosts
        return {
            "is_current": self.directory.is_current,
            "kept": self.commits.kept,
            "late": self.commits.late,
            "lost": self.commits.lost,
            "lag_bytes": backlog_bytes(settings.JOURNAL_DIR),
            "hosts": len(hosts),
            "links": sum(len(host.links) for host in hosts),
            "ranges": sum(len(host.ranges) for host in hosts),
        }

    async def _watch_parent(self) -> None:
        """End with the command that started us: granian's worker would go on listening without it."""
        while os.getppid() == self._parent:
            await asyncio.sleep(0.5)
        os.kill(os.getpid(), signal.SIGTERM)


def client_address(scope: Any) -> str:
    """The visitor's address: the proxy's word where there is a proxy, else the socket's."""
    if settings.IS_BEHIND_PROXY:
        forwarded = scope.headers.get("x-forwarded-for") or ""
        return forwarded.rpartition(",")[2].strip()
    return scope.client.rpartition(":")[0].strip("[]")


@lru_cache(maxsize=8192)
def visitor(address: str, day: int) -> bytes:
    """A hash of the shortened address (/24, /48) that holds for one day."""
    shortened = ""
    with contextlib.suppress(ValueError):
        parsed = ip_address(address)
        shortened = str(ip_network((parsed, 24 if parsed.version == 4 else 48), strict=False))
    return dated_address_hash(shortened, str(day))


def _answer_page(protocol: Any, own: pages.Pages, status: int, header: Any) -> None:
    headers: Headers = [*PAGE_HEADERS, ("vary", "accept-language")]
    if status == pages.TRY_AGAIN:
        headers.append(("retry-after", "5"))
    protocol.response_bytes(status, headers, own.body(status, header("accept-language", "")))
