"""What a request for a short link is answered, and which click it leaves behind; not how the bytes travel.

Decode, bisect, pack a record: memory alone answers nearly everybody (`answer_now`). Only what it does not know is asked
of the database (`answer`), by threads in the background.
"""

import asyncio
import time
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from django.conf import settings

from accounts.addresses import LONGEST_READ, client_address, network_of
from accounts.keys import dated_address_hash
from shortlinks import pages
from shortlinks.addresses import QR
from shortlinks.answering import PREFIX, answer_to
from shortlinks.codes import SPACES
from shortlinks.commits import GroupCommit
from shortlinks.directory import Directory, Found, Host
from shortlinks.guard import Guard
from shortlinks.health import Health, State, is_insider
from shortlinks.journal import NOBODY, USER_AGENT_BYTES, Hit, packed
from shortlinks.metrics import CONTENT_TYPE
from shortlinks.models import Source
from shortlinks.personal import PersonalTargets
from shortlinks.referrers import referring_host
from shortlinks.signs import signs_of
from shortlinks.ways import VISIT, Way
from shortlinks.writing import WriterProcess

Headers = tuple[tuple[str, str], ...]

FROM_MESSAGE, FROM_QR, FROM_SHARED = Source.MESSAGE.value, Source.QR.value, Source.SHARED.value

OURS = "_"
OPT_OUT = "s"
MARKS = {"", OPT_OUT, QR}
REDIRECT_HEADERS: Headers = (
    ("cache-control", "private, no-store"),
    ("referrer-policy", "no-referrer"),
    ("x-robots-tag", "noindex"),
)
PAGE_HEADERS: Headers = (
    ("content-type", "text/html; charset=utf-8"),
    ("content-security-policy", pages.POLICY),
    ("x-content-type-options", "nosniff"),
    ("vary", "accept-language"),
    *REDIRECT_HEADERS,
)
RETRY_HEADERS: Headers = (*PAGE_HEADERS, ("retry-after", "5"))
LATER_HEADERS: Headers = (*PAGE_HEADERS, ("retry-after", "600"))
STYLE_HEADERS: Headers = (("content-type", "text/css; charset=utf-8"), ("cache-control", "public, max-age=3600"))
PROOF_HEADERS: Headers = (("content-type", "text/plain"), ("cache-control", "no-store"))
HEALTH_HEADERS: Headers = (("content-type", "application/json"), ("cache-control", "no-store"))
METRICS_HEADERS: Headers = (("content-type", CONTENT_TYPE), ("cache-control", "no-store"))


class Request(NamedTuple):
    """A request, however it came: the path decoded, `header(name, default)` by lower-case name, the socket's peer."""

    method: str
    host: str
    path: str
    query: str
    header: Callable[[str, str], str]
    peer: str


class Answer(NamedTuple):
    """What goes back once `click`, a journal record, is on disk. `location` is a header that is never the same."""

    status: int
    headers: Headers = ()
    body: bytes = b""
    location: str = ""
    click: bytes = b""


METHOD_NOT_ALLOWED = Answer(405, (("allow", "GET, HEAD"),))


class Redirect:
    def __init__(self) -> None:
        self.directory = Directory()
        self.targets = PersonalTargets()
        self.guard = Guard()
        self.commits: GroupCommit
        self.health: Health
        self._watching: asyncio.Task[None]

    def open(self, loop: asyncio.AbstractEventLoop) -> None:
        self.commits = GroupCommit(WriterProcess(settings.JOURNAL_DIR, loop), loop)
        self.directory.load()
        self.health = Health(self.directory, self.commits, self.guard)
        self._watching = loop.create_task(self.directory.watch())

    def close(self) -> None:
        self._watching.cancel()
        self.commits.close()
        self.health.close()

    def answer_now(self, request: Request) -> Answer | None:
        """The answer, or None where the database must be asked: then `answer` has it."""
        if request.method not in {"GET", "HEAD"}:
            return METHOD_NOT_ALLOWED
        name, rest = _split(request.path)
        if name.startswith(OURS):
            return self._own(name, request)
        host = self._host(request.host)
        if host is None or rest not in MARKS or not name or "." in name:
            return self._unknown(host, request)
        found = host.find(name)
        target = self._target(found) if found else None
        return None if found is None or target is None else self._found(host, found, target, request)

    async def answer(self, request: Request) -> Answer:
        """What `answer_now` could not say. Unknown codes and targets of single numbers wait for the database here."""
        name, _ = _split(request.path)
        host = self._host(request.host)
        found = host.find(name) if host else None
        if found is None:
            # A range is committed before its first message: whoever holds a code may be ahead of our poll.
            await self.directory.refresh()
            host = self._host(request.host)
            found = host.find(name) if host else None
        if host is None or found is None:
            return await self._missed(host, name, request)
        target = self._target(found)
        if target is None:
            target = await self.targets.address(found.link.id, found.number)
            if target is None:
                target = found.link.fallback_address
        return self._found(host, found, target, request)

    def _target(self, found: Found) -> str | None:
        """The number's own target, empty where it has none; None where only the database knows."""
        is_own = found.link.is_per_number and found.number >= 0
        return self.targets.known(found.link.id, found.number) if is_own else ""

    def _found(self, host: Host, found: Found, target: str, request: Request) -> Answer:
        if _split(request.path)[1] == OPT_OUT:
            return self._to_opt_out(host, found, request)
        link, now = found.link, time.time()
        if now >= found.expires_at or not link.is_enabled:
            return self._ended(host, found, now, request)
        if now < link.starts_at:
            return _dated_page(host.pages, pages.NOT_FOUND, link.starts_at, request)
        if link.choice is not None:
            return self._chosen(host, found, target, now, request)
        location = target or _location(host, found, link.way, now)
        return Answer(302, REDIRECT_HEADERS, location=location, click=packed(_hit(host, found, now, request)))

    def _chosen(self, host: Host, found: Found, target: str, now: float, request: Request) -> Answer:
        """Where a link that is not plain leads this visitor."""
        link, choice = found.link, found.link.choice
        assert choice is not None
        if choice.is_full:
            return self._ended(host, found, now, request)
        hit = _hit(host, found, now, request)
        choice.count(hit)
        way = choice.way(link.way, hit.user_agent, request.header("accept-language", ""))
        query = request.query if choice.keeps_query else ""
        location = target or _location(host, found, way, now, query)
        return Answer(302, REDIRECT_HEADERS, location=location, click=packed(hit))

    def _ended(self, host: Host, found: Found, now: float, request: Request) -> Answer:
        """A link that is over or full leads to its fallback; a code that has died leads nowhere."""
        link = found.link
        is_over = now >= link.expires_at or now < found.expires_at
        if link.choice is None or link.choice.fallback is None or not (link.is_enabled and is_over):
            if link.is_enabled and link.expires_at <= now:
                return _dated_page(host.pages, pages.GONE, link.expires_at, request)
            return _page(host.pages, pages.GONE, request)
        location = _location(host, found, link.choice.fallback, now)
        return Answer(302, REDIRECT_HEADERS, location=location, click=packed(_hit(host, found, now, request)))

    def _host(self, name: str) -> Host | None:
        host = self.directory.host(name)
        if host is None and settings.IS_DEMO:
            hosts = self.directory.hosts
            host = hosts[0] if len(hosts) == 1 else None
        return host

    def _to_opt_out(self, host: Host, found: Found, request: Request) -> Answer:
        """Works for dead links too: whoever wants to be left alone may say so late."""
        if found.number < 0:
            return _page(host.pages, pages.NOT_FOUND, request)
        token = host.visits.seal(found.number, int(time.time()))
        location = f"{settings.BASE_URL}/stop/{host.workspace_slug}/{token}/"
        return Answer(302, REDIRECT_HEADERS, location=location)

    async def _missed(self, host: Host | None, name: str, request: Request) -> Answer:
        """A code that nobody has. Who tries many waits, and may try later; codes that exist never wait."""
        if host and len(name) in SPACES and self.directory.is_current:
            network = network_of(_address(request))
            if self.guard.miss(network, name):
                await self.guard.hold(network)
                return _page(host.pages, pages.TOO_MANY, request)
        return self._unknown(host, request)

    def _unknown(self, host: Host | None, request: Request) -> Answer:
        """Not found, if we can know that: with the database away, "try again"."""
        own = host.pages if host else pages.pages_of("", settings.LANGUAGE_CODE, settings.TIME_ZONE)
        return _page(own, pages.NOT_FOUND if self.directory.is_current else pages.TRY_AGAIN, request)

    def _own(self, name: str, request: Request) -> Answer:
        if name == "_pages.css":
            return Answer(200, STYLE_HEADERS, pages.style_sheet())
        if name.startswith(PREFIX):
            return self._us(name.removeprefix(PREFIX), request)
        header = request.header
        insider = is_insider(request.peer, header("x-forwarded-for", ""), header("authorization", ""))
        if name == "_health":
            status = 503 if self.health.state is State.DOWN else 200
            return Answer(status, HEALTH_HEADERS, self.health.words(is_insider=insider))
        if name == "_metrics" and insider:
            return Answer(200, METRICS_HEADERS, self.health.metrics())
        return Answer(404)

    def _us(self, nonce: str, request: Request) -> Answer:
        """Proof that this installation answers at the host (answering.py)."""
        host = self._host(request.host)
        proof = answer_to(host.key, nonce) if host else ""
        return Answer(200 if proof else 404, PROOF_HEADERS, proof.encode())


def _split(path: str) -> tuple[str, str]:
    """The code or alias, and what follows it."""
    name, _, rest = path[1:].partition("/")
    return name, rest


@lru_cache(maxsize=8192)
def visitor(peer: str, forwarded: str, day: int) -> bytes:
    """A hash of the visitor's network that holds for one day."""
    address = client_address(peer, forwarded, settings.TRUSTED_PROXIES)
    return dated_address_hash(network_of(address), str(day))


def _address(request: Request) -> str:
    return client_address(request.peer, _forwarded(request), settings.TRUSTED_PROXIES)


def _forwarded(request: Request) -> str:
    return request.header("x-forwarded-for", "")[-LONGEST_READ:]


def _location(host: Host, found: Found, way: Way, now: float, query: str = "") -> str:
    token = ""
    if way.carries and found.position >= 0:
        cipher = host.visits if way.carries == VISIT else host.click_ids
        token = cipher.seal(found.number, int(now))
    if query:
        return way.with_query(query, token)
    return way.with_token(token) if token else way.address


def _hit(host: Host, found: Found, now: float, request: Request) -> Hit:
    # Nothing about a recipient who is not to be followed; an alias has none.
    is_quiet = found.number >= 0 > found.position
    # In the order of its fields: names would take as long as three of them.
    return Hit(
        int(now * 1_000_000),
        host.workspace_id,
        found.link.id,
        found.position,
        NOBODY if is_quiet else visitor(request.peer, _forwarded(request), int(now) // 86_400),
        signs_of(request.method, request.header),
        # As much as the journal keeps, and judgements remember.
        request.header("user-agent", "")[:USER_AGENT_BYTES],
        _source(found, request),
        referring_host(request.header("referer", "")),
    )


def _source(found: Found, request: Request) -> int:
    if _split(request.path)[1] == QR:
        return FROM_QR
    return FROM_MESSAGE if found.number >= 0 else FROM_SHARED


def _page(own: pages.Pages, status: int, request: Request) -> Answer:
    headers = {pages.TRY_AGAIN: RETRY_HEADERS, pages.TOO_MANY: LATER_HEADERS}.get(status, PAGE_HEADERS)
    return Answer(status, headers, own.body(status, request.header("accept-language", "")))


def _dated_page(own: pages.Pages, status: int, seconds: float, request: Request) -> Answer:
    return Answer(status, PAGE_HEADERS, own.dated_body(status, seconds, request.header("accept-language", "")))
