"""How this redirect process is: one word for the world, figures for whoever runs the machine."""

import hmac
import json
import time
from enum import StrEnum

from django.conf import settings

from accounts.addresses import is_within, parsed
from shortlinks.backlog import Backlog, backlog_of
from shortlinks.commits import GroupCommit
from shortlinks.directory import Directory
from shortlinks.guard import Guard
from shortlinks.heartbeats import Heart, RedirectFacts, facts_of
from shortlinks.metrics import exposition
from shortlinks.models import Heartbeat

# A loss is shouted about for so long, and clicks that wait longer than this are behind.
LOSS_SECONDS = 300.0
BEHIND_SECONDS = 60.0


class State(StrEnum):
    OK = "ok"
    DEGRADED = "degraded"
    DOWN = "down"


class Health:
    """Asked by anybody at any rate: it reads memory only. The heart looks at the disk, every two seconds."""

    def __init__(self, directory: Directory, commits: GroupCommit, guard: Guard) -> None:
        self._directory, self._commits, self._guard = directory, commits, guard
        self._backlog = Backlog()
        self._lost, self._lost_at = 0, 0.0
        self._heart = Heart(Heartbeat.Kind.REDIRECT, self.look)
        self._heart.start()

    def close(self) -> None:
        self._heart.stop()

    def look(self) -> RedirectFacts:
        self._backlog = backlog_of(settings.JOURNAL_DIR)
        return self.facts()

    def facts(self) -> RedirectFacts:
        hosts, commits, guard = self._directory.hosts, self._commits, self._guard
        return RedirectFacts(
            kept=commits.kept,
            late=commits.late,
            lost=commits.lost,
            lost_at=self._last_loss(),
            hosts=len(hosts),
            links=sum(len(host.links) for host in hosts),
            ranges=sum(len(host.ranges) for host in hosts),
            version=sum(host.version for host in hosts),
            read_at=self._directory.read_at,
            missed=guard.missed,
            alarms=guard.alarms,
            alarmed_at=guard.alarmed_at,
            networks=guard.networks,
            backlog_bytes=self._backlog.bytes,
            backlog_records=self._backlog.records,
            backlog_seconds=self._backlog.seconds,
        )

    @property
    def troubles(self) -> list[str]:
        found = {
            "the database does not answer": not self._directory.is_current,
            "clicks could not be written": time.time() - self._last_loss() < LOSS_SECONDS,
            "clicks wait to be landed": self._backlog.seconds > BEHIND_SECONDS,
        }
        return [trouble for trouble, is_so in found.items() if is_so]

    @property
    def state(self) -> State:
        """Down is only who can lead nobody anywhere; whoever leads on without a database is degraded."""
        if not self._directory.read_at:
            return State.DOWN
        return State.DEGRADED if self.troubles else State.OK

    def words(self, *, is_insider: bool) -> bytes:
        said: dict[str, object] = {"status": self.state}
        if is_insider:
            facts = self.facts()
            said |= {"troubles": self.troubles, "is_current": self._directory.is_current, **vars(facts)}
        return json.dumps(said).encode()

    def metrics(self) -> bytes:
        """Ours fresh, the others' as of their last heartbeat."""
        mine = self._heart.row
        rows = [(mine, self.facts()), *((row, facts_of(row)) for row in self._heart.others)]
        return exposition(rows, now=time.time()).encode()

    def _last_loss(self) -> float:
        if self._commits.lost > self._lost:
            self._lost, self._lost_at = self._commits.lost, time.time()
        return self._lost_at


def is_insider(peer: str, forwarded: str, authorization: str) -> bool:
    """Whoever shows the token, or calls straight from a network of ours: a front server's word is not enough."""
    token = settings.METRICS_TOKEN
    if token and hmac.compare_digest(authorization.encode(), f"Bearer {token}".encode()):
        return True
    address = parsed(peer)
    return not forwarded and address is not None and is_within(address, settings.METRICS_NETWORKS)
