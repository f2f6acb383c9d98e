"""Everything the redirect knows, in memory: hosts, links and ranges, kept fresh by polling each domain's version."""

import asyncio
import logging
import time
from bisect import bisect_right
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from math import inf
from typing import NamedTuple

from django.db import Error as DatabaseError
from django.db import close_old_connections, connection
from django_scopes import scopes_disabled

from accounts.models import TrackingMode
from shortlinks.blocking import BlockList
from shortlinks.click_ids import click_cipher_for
from shortlinks.codes import Codes, NotACode, codes_for
from shortlinks.limits import LandedVisits
from shortlinks.models import CodeRange, QuietNumber, ShortDomain, ShortLink, UtmTemplate
from shortlinks.pages import Pages, pages_of
from shortlinks.visits import VisitCipher, cipher_for
from shortlinks.ways import Choice, Way, choice_of, way_of

logger = logging.getLogger(__name__)

POLL_SECONDS = 1.0
# Rows that went away without a version of their own (a workspace was deleted) are noticed this late.
RELOAD_SECONDS = 300.0
# Unknown codes ask for a refresh, no more often than this, and wait for it no longer than that.
REFRESH_GAP_SECONDS = 0.2
REFRESH_PATIENCE_SECONDS = 2.0
# Without an answer from the database for this long, "unknown" means "we can't know".
STALE_SECONDS = 5.0

# In which tracking modes a range is followed: by `is_followed` and `has_agreed`.
MODES: dict[tuple[bool, bool], frozenset[str]] = {
    (False, False): frozenset(),
    (True, False): frozenset({TrackingMode.INDIVIDUAL}),
    (True, True): frozenset({TrackingMode.INDIVIDUAL, TrackingMode.WITH_CONSENT}),
}


@dataclass(slots=True, eq=False)
class Link:
    id: int
    way: Way
    choice: Choice | None
    is_per_number: bool
    is_enabled: bool
    starts_at: float
    expires_at: float
    alias: str

    @property
    def fallback_address(self) -> str:
        """Where to lead when a number's own target can't be read; empty: the link's own address."""
        return self.choice.fallback.address if self.choice and self.choice.fallback else ""


class Range(NamedTuple):
    start: int
    end: int
    first_position: int
    # The workspace's tracking modes in which these recipients are followed.
    followed_in: frozenset[str]
    expires_at: float
    link_id: int


class Found(NamedTuple):
    """A link as reached by a code, or by an alias (then without number and position).

    There is no position either where the recipient is not to be followed: whatever is told about a click hangs on it.
    """

    link: Link
    expires_at: float
    number: int = -1
    position: int = -1


@dataclass(slots=True, eq=False)
class Host:
    domain_id: int
    workspace_id: int
    key: bytes
    codes: Codes
    visits: VisitCipher
    click_ids: VisitCipher
    pages: Pages
    name: str = ""
    workspace_slug: str = ""
    tracking_mode: str = TrackingMode.AGGREGATE
    version: int = -1
    last_range_id: int = 0
    last_quiet_id: int = 0
    links: dict[int, Link] = field(default_factory=dict)
    aliases: dict[str, Link] = field(default_factory=dict)
    ranges: list[Range] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    quiet: set[int] = field(default_factory=set)

    def find(self, name: str) -> Found | None:
        return self._find_alias(name) or self._find_code(name) or self._find_alias(name.lower())

    def _find_alias(self, alias: str) -> Found | None:
        link = self.aliases.get(alias)
        return Found(link, link.expires_at) if link else None

    def _find_code(self, code: str) -> Found | None:
        try:
            return self._find_number(self.codes.decode(code))
        except NotACode:
            return None

    def _find_number(self, number: int) -> Found | None:
        place = bisect_right(self.starts, number) - 1
        if place < 0 or number >= self.ranges[place].end:
            return None
        found = self.ranges[place]
        link = self.links.get(found.link_id)
        if link is None:
            return None
        is_followed = self.tracking_mode in found.followed_in and number not in self.quiet
        position = found.first_position + number - found.start if is_followed else -1
        return Found(link, min(found.expires_at, link.expires_at), number, position)

    def take(self, news: "News") -> None:
        for link in news.links:
            old = self.links.get(link.id)
            if old and old.alias:
                self.aliases.pop(old.alias, None)
            if old and old.choice and link.choice:
                link.choice.visits = old.choice.visits
            self.links[link.id] = link
            if link.alias:
                self.aliases[link.alias] = link
        if news.ranges:
            self.ranges = sorted({*self.ranges, *news.ranges})
            self.starts = [each.start for each in self.ranges]
        self.quiet.update(news.quiet)
        self.last_range_id, self.last_quiet_id = news.last_range_id, news.last_quiet_id
        self.pages, self.name, self.version = news.pages, news.facts.host, news.facts.version
        self.workspace_slug = news.facts.workspace_slug
        self.tracking_mode = news.facts.tracking_mode

    def take_visits(self, landed: dict[int, int]) -> None:
        for link_id in landed.keys() & self.links.keys():
            if choice := self.links[link_id].choice:
                choice.visits = max(choice.visits, landed[link_id])


class Facts(NamedTuple):
    """What is read of every domain at every poll."""

    domain_id: int
    host: str
    version: int
    workspace_id: int
    tracking_mode: str
    brand: str
    workspace_slug: str
    language: str
    time_zone: str
    contact: str


class News(NamedTuple):
    """What has changed about a host since its version."""

    facts: Facts
    pages: Pages
    links: list[Link]
    ranges: list[Range]
    quiet: list[int]
    last_range_id: int
    last_quiet_id: int


class Reading(NamedTuple):
    """What one look into the database has brought."""

    news: list[tuple[Host, News]]
    visits: dict[int, int]


class Directory:
    """Read by the event loop; a thread of its own asks the database, so that no click ever waits for it."""

    def __init__(self) -> None:
        self._hosts: dict[str, Host] = {}
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="directory")
        self._succeeded_at = self._started_at = self._reloaded_at = -inf
        # By the clock on the wall, for the health page; 0 while the database has never answered.
        self.read_at = 0.0
        self._landed = LandedVisits()
        self._blocked = BlockList()
        self._next: asyncio.Task[None] | None = None
        self._running: asyncio.Task[None] | None = None

    @property
    def is_current(self) -> bool:
        return time.monotonic() - self._succeeded_at < STALE_SECONDS

    @property
    def hosts(self) -> list[Host]:
        return list(self._hosts.values())

    def host(self, name: str) -> Host | None:
        """The host of a Host header."""
        if (host := self._hosts.get(name)) is not None:
            return host
        plain, _, port = name.lower().partition(":")
        return self._hosts.get(plain if port in {"80", "443"} else name.lower())

    def load(self) -> None:
        """The first load, before any visitor is let in. Without a database it leaves the directory empty."""
        self._take(self._thread.submit(self._read).result)

    async def watch(self) -> None:
        while True:
            await asyncio.sleep(POLL_SECONDS)
            await self.refresh()

    async def refresh(self) -> None:
        """Returns after a refresh that began after this call: single flight, at most five a second."""
        if self._next is None:
            self._next = asyncio.create_task(self._refresh_soon())
        # Not cancelled with whoever waits: others may wait for the same one.
        await asyncio.wait({self._next}, timeout=REFRESH_PATIENCE_SECONDS)

    async def _refresh_soon(self) -> None:
        if self._running:
            await asyncio.wait({self._running})
        await asyncio.sleep(max(0.0, self._started_at + REFRESH_GAP_SECONDS - time.monotonic()))
        self._running, self._next = asyncio.current_task(), None
        self._started_at = time.monotonic()
        reading = asyncio.wrap_future(self._thread.submit(self._read))
        await asyncio.wait({reading})
        self._take(reading.result)

    def _take(self, result: Callable[[], Reading]) -> None:
        """Runs in the event loop: hosts change between two visitors, never under one."""
        try:
            news, visits = result()
        except DatabaseError as error:
            logger.warning("The database does not answer; links stay as they were: %s", type(error).__name__)
            self._succeeded_at = -inf
            return
        except Exception:
            logger.exception("Links could not be read; they stay as they were.")
            return
        for host, changes in news:
            host.take(changes)
            host.take_visits(visits)
        self._hosts = {host.name: host for host, _ in news}
        self._succeeded_at, self.read_at = time.monotonic(), time.time()

    def _read(self) -> Reading:
        """Runs in the thread: what is new of each domain since its host's version."""
        close_old_connections()
        try:
            with scopes_disabled():
                if self._blocked.refresh():
                    self._reloaded_at = -inf
                is_due = time.monotonic() - self._reloaded_at > RELOAD_SECONDS
                known = {} if is_due else {host.domain_id: host for host in self._hosts.values()}
                news = [(host, _news_of(host, facts, self._blocked)) for host, facts in _read_hosts(known)]
                visits = self._landed.read(_limited_links(news))
        except DatabaseError:
            connection.close()
            raise
        if is_due:
            self._reloaded_at = time.monotonic()
        return Reading(news, visits)


def _read_hosts(known: dict[int, Host]) -> list[tuple[Host, Facts]]:
    columns = ("pk", "host", "version", "workspace_id", "workspace__tracking_mode")
    brand = ("workspace__name", "workspace__slug", "workspace__language", "workspace__time_zone")
    contact = "workspace__contact_details"
    all_facts = [Facts(*row) for row in ShortDomain.objects.values_list(*columns, *brand, contact)]
    fresh = {facts.domain_id for facts in all_facts} - set(known)
    keys = dict(ShortDomain.objects.filter(pk__in=fresh).values_list("pk", "key")) if fresh else {}
    return [(known.get(facts.domain_id) or _new_host(facts, keys[facts.domain_id]), facts) for facts in all_facts]


def _new_host(facts: Facts, key: bytes) -> Host:
    pages = pages_of(facts.brand, facts.language, facts.time_zone, facts.contact)
    return Host(facts.domain_id, facts.workspace_id, key, codes_for(key), cipher_for(key), click_cipher_for(key), pages)


def _limited_links(news: list[tuple[Host, News]]) -> set[int]:
    """Links with a maximum of visits, as they are and as they will be."""
    links = {link.id: link for host, changes in news for link in (*host.links.values(), *changes.links)}
    return {link.id for link in links.values() if link.choice and link.choice.most_visits is not None}


def _news_of(host: Host, facts: Facts, blocked: BlockList) -> News:
    pages = pages_of(facts.brand, facts.language, facts.time_zone, facts.contact)
    if facts.version == host.version:
        return News(facts, pages, [], [], [], host.last_range_id, host.last_quiet_id)
    # All are exact: versions and these ids are given out under the domain's row lock.
    links = ShortLink.objects.filter(domain_id=host.domain_id, version__gt=host.version).select_related("domain")
    utm = UtmTemplate.objects.filter(workspace=facts.workspace_id).first()
    ranges = list(CodeRange.objects.filter(domain_id=host.domain_id, pk__gt=host.last_range_id).order_by("pk"))
    silenced = QuietNumber.objects.filter(link__domain_id=host.domain_id, pk__gt=host.last_quiet_id)
    quiet = list(silenced.order_by("pk").values_list("pk", "number"))
    return News(
        facts,
        pages,
        links=_links_of(links.defer("domain__key"), utm, blocked),
        ranges=[_range_of(each) for each in ranges],
        quiet=[number for _, number in quiet],
        last_range_id=ranges[-1].pk if ranges else host.last_range_id,
        last_quiet_id=quiet[-1][0] if quiet else host.last_quiet_id,
    )


def _links_of(rows: Iterable[ShortLink], utm: UtmTemplate | None, blocked: BlockList) -> list[Link]:
    """One that can't be read is left out: it must not take the others' news with it."""
    links = []
    for row in rows:
        try:
            links.append(_link_of(row, utm, blocked))
        except (ValueError, KeyError, TypeError) as error:
            logger.error("Link %d leads nowhere, it can't be read: %s", row.pk, type(error).__name__)
    return links


def _link_of(link: ShortLink, utm: UtmTemplate | None, blocked: BlockList) -> Link:
    return Link(
        id=link.pk,
        way=way_of(link, utm),
        choice=choice_of(link, utm),
        is_per_number=link.is_per_number,
        is_enabled=link.is_enabled and not any(map(blocked.holds, link.addresses)),
        starts_at=_seconds(link.starts_at, -inf),
        expires_at=_seconds(link.expires_at, inf),
        alias=link.alias,
    )


def _range_of(code_range: CodeRange) -> Range:
    end = code_range.start + code_range.size
    expires_at = code_range.expires_at.timestamp()
    modes = MODES[code_range.is_followed, code_range.has_agreed]
    return Range(code_range.start, end, code_range.first_position, modes, expires_at, code_range.link_id)


def _seconds(moment: datetime | None, otherwise: float) -> float:
    return moment.timestamp() if moment else otherwise
