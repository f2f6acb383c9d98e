"""Whether short links are answered and clicks landed, machine by machine, from what its processes last said."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

from django.db.models import Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_scopes import scopes_disabled

from shortlinks.backlog import Backlog
from shortlinks.heartbeats import SILENT_SECONDS, DrainerFacts, RedirectFacts, facts_of
from shortlinks.models import Heartbeat, ShortDomain

# A machine that fell silent is missed for so long; then it is taken for one that was given away.
MISSED = timedelta(days=1)
RECENT = timedelta(hours=1)
SLOW_LANDING, STALE_LINKS = timedelta(minutes=1), timedelta(seconds=15)

Tone = Literal["ok", "warn", "stop"]


@dataclass(frozen=True)
class Problem:
    """What is wrong, and what to do."""

    tone: Tone
    title: str
    advice: str


@dataclass(frozen=True)
class Redirect:
    """A redirect process. `behind` is how many changes of links it has not heard of."""

    row: Heartbeat
    facts: RedirectFacts
    behind: int

    @property
    def read_at(self) -> datetime | None:
        return moment(self.facts.read_at)

    @property
    def backlog(self) -> Backlog:
        facts = self.facts
        return Backlog(facts.backlog_bytes, facts.backlog_records, facts.backlog_seconds)


@dataclass(frozen=True)
class Drainer:
    row: Heartbeat
    facts: DrainerFacts

    @property
    def landed_at(self) -> datetime | None:
        return moment(self.facts.landed_at)


@dataclass
class Machine:
    name: str
    redirects: list[Redirect] = field(default_factory=list)
    drainers: list[Drainer] = field(default_factory=list)
    # When it was last heard of, where it is silent without having said goodbye.
    silent_since: datetime | None = None

    @property
    def backlog(self) -> Backlog:
        """Every process looks at the same journal: the latest look counts."""
        latest = max(self.redirects, key=lambda redirect: redirect.row.seen_at, default=None)
        return latest.backlog if latest else Backlog()

    @property
    def backlog_age(self) -> timedelta:
        return timedelta(seconds=self.backlog.seconds)

    @property
    def landed_at(self) -> datetime | None:
        return max((drainer.landed_at for drainer in self.drainers if drainer.landed_at), default=None)


@dataclass(frozen=True)
class House:
    """All machines, and what is wrong."""

    machines: list[Machine]
    problems: list[Problem]
    kept: int
    late: int
    lost: int

    @property
    def tone(self) -> Tone:
        tones = {problem.tone for problem in self.problems}
        return "stop" if "stop" in tones else "warn" if "warn" in tones else "ok"


def house_now(*, now: datetime) -> House:
    """The state of the installation. Counts are of the last seven days, over all processes."""
    rows = list(Heartbeat.objects.order_by("machine", "started_at"))
    with scopes_disabled():
        version = ShortDomain.objects.aggregate(total=Sum("version"))["total"] or 0
    by_machine: dict[str, list[Heartbeat]] = defaultdict(list)
    for row in rows:
        by_machine[row.machine].append(row)
    machines = [machine for name, own in by_machine.items() if (machine := _machine(name, own, version, now))]
    ever = [facts for row in rows if isinstance(facts := facts_of(row), RedirectFacts)]
    return House(
        machines=machines,
        problems=list(_problems(machines, ever, now)),
        kept=sum(facts.kept for facts in ever),
        late=sum(facts.late for facts in ever),
        lost=sum(facts.lost for facts in ever),
    )


def moment(seconds: float) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


def _machine(name: str, rows: list[Heartbeat], version: int, now: datetime) -> Machine | None:
    """None of a machine that has said goodbye, or was not heard of for long."""
    machine = Machine(name)
    for row in rows:
        if row.stopped_at or now - row.seen_at > timedelta(seconds=SILENT_SECONDS):
            continue
        facts = facts_of(row)
        if isinstance(facts, RedirectFacts):
            machine.redirects.append(Redirect(row, facts, max(0, version - facts.version)))
        else:
            machine.drainers.append(Drainer(row, facts))
    if not machine.redirects:
        last = max((row for row in rows if row.kind == Heartbeat.Kind.REDIRECT), key=_seen_at, default=None)
        if last is None or last.stopped_at or now - last.seen_at > MISSED:
            return None
        machine.silent_since = last.seen_at
    return machine


def _seen_at(row: Heartbeat) -> datetime:
    return row.seen_at


def _problems(machines: Sequence[Machine], ever: Sequence[RedirectFacts], now: datetime) -> Iterator[Problem]:
    if not any(machine.redirects for machine in machines):
        yield Problem(
            "stop",
            _("No redirect is running: short links lead nowhere"),
            _("Start manage.py redirect (or its service) on a machine that your short domains point at."),
        )
    for machine in machines:
        yield from _problems_of(machine, now)
    if lost := sum(facts.lost for facts in ever if _is_recent(facts.lost_at, now)):
        title = ngettext("%(count)s click could not be kept", "%(count)s clicks could not be kept", lost)
        yield Problem(
            "stop",
            title % {"count": lost},
            _(
                "Visitors were led on, but the journal could not be written. Make room on its disk, or give the"
                " redirect the right to write in CHAPPE_JOURNAL_DIR."
            ),
        )
    if any(_is_recent(facts.alarmed_at, now) for facts in ever):
        yield Problem(
            "warn",
            _("Somebody is trying codes that do not exist"),
            _("Their misses are slowed, nobody else's. Who it is stands in the redirect's log; you may block them."),
        )


def _problems_of(machine: Machine, now: datetime) -> Iterator[Problem]:
    named = {"machine": machine.name}
    if machine.silent_since:
        yield Problem(
            "stop",
            _("The redirect on %(machine)s has fallen silent") % named,
            _("Look at the machine and at its log. Clicks in its journal are safe and land when it is back."),
        )
        return
    if not machine.drainers:
        yield Problem(
            "stop",
            _("Nobody lands the clicks of %(machine)s") % named,
            _("They wait in the journal, safe. The redirect restarts its drainer; its log says why it ended."),
        )
    elif machine.backlog_age > SLOW_LANDING:
        yield Problem(
            "warn",
            _("Clicks of %(machine)s land late") % named,
            _("The database was away or is slow; what waits is landed by itself. Figures of campaigns lag behind."),
        )
    if any(redirect.behind and _is_stale(redirect, now) for redirect in machine.redirects):
        yield Problem(
            "stop",
            _("%(machine)s does not hear of new links") % named,
            _("Its redirect can't read the database, and new codes answer “try again”. Its log says why."),
        )


def _is_stale(redirect: Redirect, now: datetime) -> bool:
    return redirect.read_at is None or redirect.row.seen_at - redirect.read_at > STALE_LINKS


def _is_recent(seconds: float, now: datetime) -> bool:
    return (at := moment(seconds)) is not None and now - at < RECENT
