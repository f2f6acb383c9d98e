"""Visits over time: how wide a bar is, what stands in it, and where it is drawn."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncHour, TruncMinute
from django.utils.functional import Promise
from django.utils.timezone import localtime, make_naive
from django.utils.translation import gettext_lazy as _

from accounts.days import in_words
from shortlinks.models import Click, Verdict

MINUTES, HOUR, DAY = timedelta(minutes=5), timedelta(hours=1), timedelta(days=1)
STEPS: dict[timedelta, str | Promise] = {
    MINUTES: _("Visits, by 5 minutes"),
    HOUR: _("Visits, by hour"),
    6 * HOUR: _("Visits, by 6 hours"),
    DAY: _("Visits, by day"),
    7 * DAY: _("Visits, by week"),
}
MOST_BARS, FEWEST_BARS = 48, 12
# The chart ends where this share of the visits has come; stragglers are said in words.
ENOUGH = 0.95
VERDICTS = ("human", "unsure", "bot", "nobodys", "unconfirmable")


@dataclass(frozen=True)
class Hits:
    """Visits of one stretch of time, by verdict."""

    at: datetime
    human: int
    unsure: int
    bot: int
    # Of the human ones those of people who are not followed: visits, but nobody's.
    nobodys: int = 0
    # Of the unsure ones those that went to addresses of others, which can't confirm them.
    unconfirmable: int = 0

    @property
    def total(self) -> int:
        return self.human + self.unsure + self.bot


@dataclass(frozen=True)
class Visits:
    """Bars of one width, in local time without gaps, and what came after them."""

    step: timedelta
    bars: list[Hits]
    human: int
    unsure: int
    bot: int
    nobodys: int = 0
    unconfirmable: int = 0

    @property
    def title(self) -> str | Promise:
        return STEPS[self.step]

    @property
    def total(self) -> int:
        return self.human + self.unsure + self.bot

    @property
    def later(self) -> int:
        return self.total - sum(bar.total for bar in self.bars)

    @property
    def bot_share(self) -> float:
        return self.bot / self.total

    @property
    def unsure_share(self) -> float:
        return self.unsure / self.total


def visits_of(clicks: QuerySet[Click]) -> Visits | None:
    """None where nobody and nothing has come yet. Two queries at most."""
    hours = hits_of(clicks, TruncHour("clicked_at"))
    if not hours:
        return None
    step = width_of(hours)
    known = hours if step > MINUTES else _first_minutes(clicks, hours[0].at)
    totals = (sum(getattr(hit, verdict) for hit in hours) for verdict in VERDICTS)
    return Visits(step, _fold(known, step), *totals)


def hits_of(clicks: QuerySet[Click], stretch: TruncHour | TruncMinute) -> list[Hits]:
    """Visits by verdict, a row for each stretch of time that had some."""
    verdicts = {verdict.value: Count("pk", filter=Q(verdict=verdict)) for verdict in Verdict}
    nobodys = Count("pk", filter=Q(verdict=Verdict.HUMAN, position=None, visitor=None))
    foreign = Count("pk", filter=Q(verdict=Verdict.UNSURE, link__carries_visit=False))
    rows = clicks.annotate(at=stretch).values("at").annotate(**verdicts, nobodys=nobodys, unconfirmable=foreign)
    return [Hits(*row) for row in rows.order_by("at").values_list("at", *VERDICTS)]


def _first_minutes(clicks: QuerySet[Click], start: datetime) -> list[Hits]:
    end = start + HOUR + MOST_BARS * MINUTES
    return hits_of(clicks.filter(clicked_at__gte=start, clicked_at__lt=end), TruncMinute("clicked_at"))


def width_of(hours: list[Hits]) -> timedelta:
    """The finest width at which enough of the visits fit into the chart."""
    total = sum(hit.total for hit in hours)
    for step in STEPS:
        end = hours[0].at + MOST_BARS * step
        if sum(hit.total for hit in hours if hit.at < end) >= ENOUGH * total:
            return step
    return 7 * DAY


def _fold(hits: list[Hits], step: timedelta) -> list[Hits]:
    """Bars from the first visit on; summer time moves no bar, so all this is local time."""
    start = _floor(make_naive(hits[0].at), step)
    places: dict[int, Hits] = {}
    for hit in hits:
        place = (make_naive(hit.at) - start) // step
        before = places.get(place, Hits(start + place * step, 0, 0, 0))
        places[place] = Hits(before.at, before.human + hit.human, before.unsure + hit.unsure, before.bot + hit.bot)
    last = min(max(*places, FEWEST_BARS - 1), MOST_BARS - 1)
    return [places.get(place, Hits(start + place * step, 0, 0, 0)) for place in range(last + 1)]


def _floor(at: datetime, step: timedelta) -> datetime:
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + (at - midnight) // min(step, DAY) * min(step, DAY)


# Drawing: a box of 640 by 196, axis on the left and below ---------------------------------------------

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 640, 196, 34, 10, 24
FLOOR = HEIGHT - BOTTOM
# Room that a time of the axis needs.
LABEL = 34


@dataclass(frozen=True)
class Rect:
    x: str
    y: str
    width: str
    height: str
    role: str


@dataclass(frozen=True)
class Mark:
    """A text of an axis, or a line across."""

    x: str
    y: str
    text: str | int


@dataclass(frozen=True)
class Drawing:
    """Coordinates as plain text, so that no locale writes a comma into an attribute."""

    rects: list[Rect]
    grid: list[Mark]
    times: list[Mark]
    now: str | None

    @property
    def now_is_early(self) -> bool:
        """Too near to the axis for its label to stand on the left of it."""
        return self.now is not None and float(self.now) < WIDTH / 4


def draw(visits: Visits, *, now: datetime | None) -> Drawing:
    """`now` is marked where it is given and the chart reaches that far."""
    top = _round_up(max(bar.total for bar in visits.bars))
    width = (WIDTH - LEFT - 6) / len(visits.bars)
    rects = [
        rect for place, bar in enumerate(visits.bars) for rect in _stack(bar, LEFT + 4 + place * width, width, top)
    ]
    grid = [Mark("", f"{_height(value, top):.1f}", value) for value in range(0, top + 1, top // 3)]
    return Drawing(rects, grid, _times(visits, width), _now_mark(visits, width, now))


def _stack(bar: Hits, x: float, width: float, top: int) -> list[Rect]:
    """Human from the axis up, then unsure, then bot."""
    amounts = (bar.human, bar.unsure, bar.bot)
    rects = []
    for amount, above, role in zip(amounts, accumulate(amounts), ("human", "hatch", "bot"), strict=True):
        if amount:
            y, gap = _height(above, top), 0.8 if above > amount else 0
            tall = _height(above - amount, top) - y - gap
            rects.append(Rect(f"{x:.1f}", f"{y:.1f}", f"{max(width - 3, 1.5):.1f}", f"{max(tall, 0.8):.1f}", role))
    return rects


def _height(value: int, top: int) -> float:
    return TOP + (FLOOR - TOP) * (1 - value / top)


def _round_up(most: int) -> int:
    """Three equal and even steps above the highest bar."""
    size = 1
    while True:
        for factor in (1, 2, 3, 4, 5):
            if 3 * factor * size >= most:
                return 3 * factor * size
        size *= 10


def _times(visits: Visits, width: float) -> list[Mark]:
    every = max(len(visits.bars) // 5, 1)
    pattern = "j b" if visits.step >= 6 * HOUR else "TIME_FORMAT"
    return [
        Mark(f"{LEFT + 4 + place * width:.1f}", str(HEIGHT - 6), in_words(visits.bars[place].at, pattern))
        for place in range(0, len(visits.bars), every)
        if LEFT + 4 + place * width < WIDTH - LABEL
    ]


def _now_mark(visits: Visits, width: float, now: datetime | None) -> str | None:
    if now is None:
        return None
    place = (localtime(now).replace(tzinfo=None) - visits.bars[0].at) / visits.step
    return f"{LEFT + 4 + place * width:.1f}" if 0 <= place <= len(visits.bars) else None
