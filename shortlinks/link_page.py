"""What the page of one link shows: what became of it, and what it is right now. A constant number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Prefetch, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from shortlinks.bots.words import Words, words_of
from shortlinks.models import Click, CodeRange, Device, ShortLink, Source, TargetChange, Verdict, VerdictChange
from shortlinks.traffic import Drawing, Visits, draw, visits_of

NEWEST_HITS, NEWEST_CHANGES, LONGEST_LIST = 25, 10, 6


@dataclass(frozen=True)
class Share:
    """One row of a bar list: a name, how many, and out of how many."""

    name: str | Promise
    count: int
    total: int


@dataclass(frozen=True)
class State:
    """What a visitor meets: a word, and how loud to say it."""

    slug: str
    words: str | Promise
    tone: str


LIVE = State("live", _("live"), "ok")
STATES = {
    state.slug: state
    for state in (
        LIVE,
        State("off", _("switched off"), "mute"),
        State("soon", _("not yet"), "info"),
        State("ended", _("ended"), "mute"),
        State("full", _("full"), "warn"),
    )
}


@dataclass(frozen=True)
class Earlier:
    """What was thought of a hit until it was judged again."""

    change: VerdictChange

    @property
    def because(self) -> Words:
        return words_of(self.change.reason_before)


@dataclass(frozen=True)
class Hit:
    """One hit, what is thought of it, and what was, the oldest judgement first."""

    click: Click
    earlier: list[Earlier]

    @property
    def because(self) -> Words:
        return words_of(self.click.reason)


@dataclass(frozen=True)
class LinkPage:
    """`people` are told apart by their code, or for an alias by the day's visitor: nobody is followed further."""

    link: ShortLink
    state: State
    codes: int
    people: int
    visits: Visits | None
    drawing: Drawing | None
    devices: list[Share]
    sources: list[Share]
    referrers: list[Share]
    hits: list[Hit]
    changes: list[TargetChange]


def link_page(link: ShortLink, *, now: datetime) -> LinkPage:
    clicks = Click.objects.filter(link=link)
    visits = visits_of(clicks)
    hits = visits.total if visits else 0
    return LinkPage(
        link=link,
        state=state_of(link, hits=hits, now=now),
        codes=sum(CodeRange.objects.filter(link=link).values_list("size", flat=True)),
        people=people_among(clicks),
        visits=visits,
        drawing=draw(visits, now=None) if visits else None,
        devices=_humans_by(clicks, "device", Device),
        sources=_humans_by(clicks, "source", Source),
        referrers=_humans_by(clicks.exclude(referrer=""), "referrer"),
        hits=_newest(clicks),
        changes=list(TargetChange.objects.filter(link=link).order_by("-changed_at", "-pk")[:NEWEST_CHANGES]),
    )


def _newest(clicks: QuerySet[Click]) -> list[Hit]:
    changes = Prefetch("verdict_changes", VerdictChange.objects.order_by("changed_at", "pk"))
    newest = clicks.order_by("-clicked_at", "-pk").prefetch_related(changes)[:NEWEST_HITS]
    return [Hit(click, [Earlier(change) for change in click.verdict_changes.all()]) for click in newest]


def state_of(link: ShortLink, *, hits: int, now: datetime) -> State:
    """As the redirect sees it. The first that holds is said."""
    if not link.is_enabled:
        return STATES["off"]
    if link.expires_at and link.expires_at <= now:
        return STATES["ended"]
    if link.starts_at and link.starts_at > now:
        return STATES["soon"]
    if link.max_visits and hits >= link.max_visits:
        return STATES["full"]
    return LIVE


def in_state(links: QuerySet[ShortLink], slug: str, *, now: datetime) -> QuerySet[ShortLink]:
    """The links of a list in this state; they are annotated with `hit_count`."""
    is_on, is_over = Q(is_enabled=True), Q(expires_at__isnull=False, expires_at__lte=now)
    is_early = Q(starts_at__isnull=False, starts_at__gt=now)
    is_full = Q(max_visits__isnull=False, hit_count__gte=F("max_visits"))
    asked = {
        "off": ~is_on,
        "ended": is_on & is_over,
        "soon": is_on & ~is_over & is_early,
        "full": is_on & ~is_over & ~is_early & is_full,
        "live": is_on & ~is_over & ~is_early & ~is_full,
    }
    return links.filter(asked[slug])


def people_among(clicks: QuerySet[Click]) -> int:
    """Unique humans: by recipient where a code tells them apart, else by the day's visitor."""
    humans = clicks.filter(verdict=Verdict.HUMAN)
    by_code = humans.filter(position__isnull=False).aggregate(people=Count("position", distinct=True))
    by_visitor = humans.filter(position__isnull=True).aggregate(people=Count("visitor", distinct=True))
    return int(by_code["people"] + by_visitor["people"])


def _humans_by(clicks: QuerySet[Click], column: str, names: Any = None) -> list[Share]:
    """Human clicks by what the column holds, the most frequent first."""
    rows = (
        clicks.filter(verdict=Verdict.HUMAN).values_list(column).annotate(count=Count("pk")).order_by("-count", column)
    )
    return shares([(_name(value, names), count) for value, count in rows])


def _name(value: Any, names: Any) -> str | Promise:
    if names is None:
        return str(value)
    known: str | Promise = names(value).label if value in names.values else _("unknown")
    return known


def shares(counts: Sequence[tuple[str | Promise, int]]) -> list[Share]:
    """The longest bars; what is rarer is added up."""
    total = sum(count for _name, count in counts)
    shown = [Share(name, count, total) for name, count in counts[:LONGEST_LIST]]
    rest = total - sum(share.count for share in shown)
    return [*shown, Share(_("others"), rest, total)] if rest else shown
