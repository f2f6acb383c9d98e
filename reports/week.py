"""How the last seven days went, today included."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum
from django.utils.timezone import localtime

from accounts.figures import Rate
from audience.models import Consent, ConsentAct, Contact, Purpose
from audience.queries import YES, with_standing
from landing.models import Conversion
from messaging.models import Batch, Lane, Message
from reports.figures import Figure, figures_of
from reports.models import ChargedOptOut
from reports.queries import DELIVERY_WINDOW, IN_TIME, OPTED_OUT, Counts, marks, messages_of
from shortlinks.models import Click, Verdict

DAYS = 7


@dataclass(frozen=True)
class Day:
    """What came of the marketing messages handed over on one day."""

    on: date
    delivered: int = 0
    clicked: int = 0
    opted_out: int = 0


@dataclass(frozen=True)
class Week:
    """Figures with the line of their days."""

    days: list[Day]
    orders: int
    revenue: int
    contacts: int
    reachable: int

    @property
    def clicks(self) -> Figure:
        return self._figure("clicked")

    @property
    def opt_outs(self) -> Figure:
        return self._figure("opted_out")

    @property
    def click_line(self) -> list[float | None]:
        return [Rate(day.clicked, day.delivered).share for day in self.days]

    @property
    def opt_out_line(self) -> list[float | None]:
        return [Rate(day.opted_out, day.delivered).share for day in self.days]

    def _figure(self, key: str) -> Figure:
        totals = {name: sum(getattr(day, name) for day in self.days) for name in ("delivered", "clicked", "opted_out")}
        return next(figure for figure in figures_of(Counts(**totals)) if figure.measure.key == key)


def week_of(*, currency: str, now: datetime) -> Week:
    """Five queries: messages by day, what came back of them, orders, contacts."""
    start = localtime(now).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=DAYS - 1)
    return Week(_days(start), *_orders(start, currency), *_contacts())


def _days(start: datetime) -> list[Day]:
    """What came back is counted from its own side: it is much less than what was sent."""
    edges = [start + timedelta(days=number) for number in range(DAYS + 1)]
    batches = Batch.objects.filter(lane=Lane.MARKETING)
    messages = messages_of(batches).filter(submitted_at__gte=start)
    counts = zip(
        _by_day(messages, edges),
        _by_day(messages.filter(pk__in=_clickers(batches, start)), edges),
        _by_day(_opted_out(messages, start), edges),
        strict=True,
    )
    return [Day(edge.date(), *each) for edge, each in zip(edges, counts, strict=False)]


def _by_day(messages: QuerySet[Message], edges: Sequence[datetime]) -> list[int]:
    """How many of them were delivered, by the day of handing over. Days are compared with, never computed."""
    counts = {f"day{number}": Count("pk", filter=_delivered(*day)) for number, day in enumerate(pairwise(edges))}
    found = messages.aggregate(**counts)
    return [found[name] for name in counts]


def _delivered(since: datetime, until: datetime) -> Q:
    """DELIVERED, of one day; what arrived soon after the day began needs no arithmetic."""
    is_in_time = Q(finished_at__lte=since + DELIVERY_WINDOW) | IN_TIME
    return Q(state=Message.State.DELIVERED, submitted_at__gte=since, submitted_at__lt=until) & is_in_time


def _clickers(batches: QuerySet[Batch], start: datetime) -> QuerySet[Click, Any]:
    """The messages that people opened since then; nobody opens one before it leaves."""
    here = {"batch": OuterRef("link__batch_links__batch"), "position": OuterRef("position")}
    clicks = Click.objects.filter(verdict=Verdict.HUMAN, clicked_at__gte=start, link__batch_links__batch__in=batches)
    return clicks.annotate(message=Subquery(Message.objects.filter(**here).values("pk")[:1])).values("message")


def _opted_out(messages: QuerySet[Message], start: datetime) -> QuerySet[Message]:
    withdrawn = Consent.objects.filter(purpose=Purpose.MARKETING, act=ConsentAct.WITHDRAWN, occurred_at__gte=start)
    near = Q(contact__in=withdrawn.values("contact")) | Q(pk__in=ChargedOptOut.objects.values("message"))
    return messages.filter(near).alias(**marks()).filter(OPTED_OUT)


def _orders(start: datetime, currency: str) -> tuple[int, int]:
    """How many orders followed our messages, and their value in the workspace's currency."""
    orders = Conversion.objects.filter(goal=Conversion.Goal.ORDER, occurred_at__gte=start)
    found = orders.aggregate(orders=Count("pk"), revenue=Sum("value", filter=Q(currency=currency), default=0))
    return found["orders"], found["revenue"]


def _contacts() -> tuple[int, int]:
    may_be_written_to = Q(said_no=False, latest_act__in=YES)
    found = with_standing(Contact.objects.all()).aggregate(
        contacts=Count("pk"), reachable=Count("pk", filter=may_be_written_to)
    )
    return found["contacts"], found["reachable"]
