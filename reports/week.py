"""How the last seven days went, today included."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Q, Sum
from django.db.models.functions import TruncDate
from django.utils.timezone import localtime

from accounts.figures import Rate
from audience.models import Contact
from audience.queries import YES, with_standing
from landing.models import Conversion
from messaging.models import Batch, Lane
from reports.figures import Figure, figures_of
from reports.queries import CLICKED, DELIVERED, OPTED_OUT, Counts, marks, messages_of

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
    """Three queries: messages by day, orders, contacts."""
    start = localtime(now).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=DAYS - 1)
    return Week(_days(start), *_orders(start, currency), *_contacts())


def _days(start: datetime) -> list[Day]:
    kinds = {"delivered": DELIVERED, "clicked": CLICKED, "opted_out": OPTED_OUT}
    messages = messages_of(Batch.objects.filter(lane=Lane.MARKETING)).filter(submitted_at__gte=start)
    by_day = messages.alias(**marks()).annotate(on=TruncDate("submitted_at")).values("on")
    counted = by_day.annotate(**{name: Count("pk", filter=kind) for name, kind in kinds.items()}).order_by()
    known = {on: Day(on, *counts) for on, *counts in counted.values_list("on", *kinds)}
    dates = [start.date() + timedelta(days=number) for number in range(DAYS)]
    return [known.get(on, Day(on)) for on in dates]


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
