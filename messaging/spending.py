"""What messages cost and may cost, as the gate, the composer and the screens read it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Sum
from django.utils.timezone import localtime
from django_scopes import scope

from accounts.figures import decimals_of, smallest_units
from accounts.models import Workspace
from accounts.queries import current_workspace
from audience.phone import NotAMobile, parse_mobile
from integrations.models import GatewayAccount
from integrations.prices import Meter, price_list_of
from messaging.models import Batch, BatchPurpose, Message, Spending, SpendingLimit
from messaging.reasons import Reason

# Of a campaign's own budget, and of a month's where nobody said otherwise.
WARN_PERCENT = 80


def month_of(at: datetime) -> date:
    """The first day of the month, in the installation's time zone: provider and shop are both there."""
    return localtime(at).date().replace(day=1)


def territory_of(message: Message) -> str:
    """Where its number belongs; empty where nobody knows any more."""
    if message.contact is not None:
        return message.contact.territory
    try:
        return parse_mobile(message.team_number.phone, "FR").territory if message.team_number else ""
    except NotAMobile:
        return ""


def meter_of(account: GatewayAccount, at: datetime) -> Meter:
    """Prices at this account from here on in the month. One query, and another where they have steps."""
    prices = price_list_of(account, on=localtime(at).date())
    if prices.is_flat:
        return Meter(prices, {})
    rows = Spending.objects.filter(account=account, month=month_of(at)).values("territory").order_by()
    parts = dict(rows.annotate(in_all=Sum("parts")).values_list("territory", "in_all"))
    return Meter(prices, parts)


def estimate(account: GatewayAccount, parts_by_territory: Mapping[str, int], *, at: datetime) -> int:
    """Millionths that so many parts would cost now."""
    meter = meter_of(account, at)
    return sum(meter.take(territory, parts) for territory, parts in sorted(parts_by_territory.items()))


def micros_of(amount: int, currency: str) -> int:
    """Smallest units as millionths of the currency unit."""
    return amount * 10 ** (6 - decimals_of(currency))


def limit_of(workspace: Workspace) -> SpendingLimit:
    """Without a budget, unsaved, as long as nobody has set one."""
    with scope(workspace=workspace):
        return SpendingLimit.objects.first() or SpendingLimit(workspace=workspace)


def spent_in_month(at: datetime) -> int:
    """Millionths that all accounts of the workspace have cost in the month."""
    return int(Spending.objects.filter(month=month_of(at)).aggregate(cost=Sum("cost_micros", default=0))["cost"])


@dataclass(frozen=True)
class Budget:
    """How far a month or a batch has gone; in millionths of a unit of the currency."""

    spent_micros: int
    budget_micros: int | None
    warn_percent: int
    currency: str

    @property
    def left_micros(self) -> int | None:
        return None if self.budget_micros is None else max(0, self.budget_micros - self.spent_micros)

    @property
    def share(self) -> float | None:
        return self.spent_micros / self.budget_micros if self.budget_micros else None

    @property
    def spent(self) -> int:
        """In the smallest unit."""
        return smallest_units(self.spent_micros, self.currency)

    @property
    def budget(self) -> int | None:
        """In the smallest unit; None for any amount."""
        return None if self.budget_micros is None else smallest_units(self.budget_micros, self.currency)

    @property
    def left(self) -> int | None:
        """In the smallest unit; None for any amount."""
        return None if self.left_micros is None else smallest_units(self.left_micros, self.currency)

    @property
    def tone(self) -> str:
        return "stop" if self.is_used_up else "warn" if self.is_low else "human"

    @property
    def is_used_up(self) -> bool:
        return self.budget_micros is not None and self.spent_micros >= self.budget_micros

    @property
    def is_low(self) -> bool:
        """Past the share at which somebody wants to be told."""
        return self.budget_micros is not None and self.spent_micros * 100 >= self.budget_micros * self.warn_percent


def month_budget_of(workspace: Workspace, now: datetime) -> Budget:
    with scope(workspace=workspace):
        limit = limit_of(workspace)
        budget = None if limit.month_budget is None else micros_of(limit.month_budget, workspace.currency)
        return Budget(spent_in_month(now), budget, limit.warn_percent, workspace.currency)


def batch_budget_of(batch: Batch, *, warn_percent: int = WARN_PERCENT) -> Budget:
    return Budget(batch.spent_micros, batch.budget_micros, warn_percent, batch.workspace.currency)


@dataclass(frozen=True)
class Spent:
    """What something has cost in a month, in the smallest unit."""

    name: str
    parts: int
    amount: int


def spent_by_purpose(at: datetime) -> list[Spent]:
    """The month of the current workspace by kind of message, the dearest first."""
    names = dict(BatchPurpose.choices)
    return [Spent(str(names[key]), parts, amount) for key, parts, amount in _spent_by("purpose", at)]


def spent_by_account(at: datetime) -> list[Spent]:
    return [Spent(*row) for row in _spent_by("account__name", at)]


def _spent_by(field: str, at: datetime) -> list[tuple[str, int, int]]:
    currency = current_workspace().currency
    rows = Spending.objects.filter(month=month_of(at)).values(field).order_by()
    sums = rows.annotate(in_all=Sum("parts"), cost=Sum("cost_micros")).filter(in_all__gt=0).order_by("-cost", field)
    return [
        (name, parts, smallest_units(cost, currency)) for name, parts, cost in sums.values_list(field, "in_all", "cost")
    ]


class Purse:
    """What may still be spent while a handful of messages is examined; whoever reads it holds the limit's lock."""

    def __init__(self, account: GatewayAccount, now: datetime) -> None:
        self.meter = meter_of(account, now)
        # Two accounts of a workspace spend the same month's budget one after the other.
        is_limited = bool(SpendingLimit.objects.filter(month_budget__isnull=False).select_for_update())
        self.month_left = month_budget_of(account.workspace, now).left_micros if is_limited else None
        self.refused: dict[int, Reason] = {}

    def spend(self, batch: Batch, territory: str, parts: int, *, is_service: bool) -> int | Reason:
        """What it costs, now taken out; or which budget does not allow it, from then on for the whole batch.

        Service messages are counted, and no budget of a month stops them.
        """
        cost = self.meter.price(territory, parts)
        reason = self.refused.get(batch.pk) or self._refusal(batch, cost, is_service)
        if reason:
            self.refused[batch.pk] = reason
            return reason
        if self.month_left is not None:
            self.month_left -= cost
        batch.spent_micros += cost
        return self.meter.take(territory, parts)

    def _refusal(self, batch: Batch, cost: int, is_service: bool) -> Reason | None:
        if batch.budget_micros is not None and batch.spent_micros + cost > batch.budget_micros:
            return Reason.BUDGET
        is_over = self.month_left is not None and cost > self.month_left and not is_service
        return Reason.MONTH_BUDGET if is_over else None
