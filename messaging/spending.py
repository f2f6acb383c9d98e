"""What messages cost and may cost, as the gate, the composer and the screens read it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Sum
from django.utils.timezone import localtime
from django_scopes import scope

from accounts.figures import decimals_of
from accounts.models import Workspace
from audience.phone import NotAMobile, parse_mobile
from integrations.models import GatewayAccount
from integrations.prices import Meter, price_list_of
from messaging.models import Batch, Message, Spending, SpendingLimit
from messaging.reasons import Reason


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
    """Prices at this account from here on in the month. Two queries."""
    rows = Spending.objects.filter(account=account, month=month_of(at)).values_list("territory", "parts")
    return Meter(price_list_of(account, on=localtime(at).date()), dict(rows))


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
class MonthBudget:
    """How far the month has gone; in millionths."""

    spent_micros: int
    budget_micros: int | None
    warn_percent: int

    @property
    def left_micros(self) -> int | None:
        return None if self.budget_micros is None else max(0, self.budget_micros - self.spent_micros)

    @property
    def is_used_up(self) -> bool:
        return self.budget_micros is not None and self.spent_micros >= self.budget_micros

    @property
    def is_low(self) -> bool:
        """Past the share at which somebody wants to be told."""
        return self.budget_micros is not None and self.spent_micros * 100 >= self.budget_micros * self.warn_percent


def month_budget_of(workspace: Workspace, now: datetime) -> MonthBudget:
    with scope(workspace=workspace):
        limit = limit_of(workspace)
        budget = None if limit.month_budget is None else micros_of(limit.month_budget, workspace.currency)
        return MonthBudget(spent_in_month(now), budget, limit.warn_percent)


class Purse:
    """What may still be spent while a handful of messages is examined; whoever reads it holds the limit's lock."""

    def __init__(self, account: GatewayAccount, now: datetime) -> None:
        self.meter = meter_of(account, now)
        # Two accounts of a workspace spend the same month's budget one after the other.
        list(SpendingLimit.objects.filter(month_budget__isnull=False).select_for_update())
        self.month_left = month_budget_of(account.workspace, now).left_micros
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
