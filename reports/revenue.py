"""What orders a campaign's messages earned: in each currency by itself, never added up."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from django.db.models import Count, Sum
from django.utils.formats import number_format

from campaigns.models import Campaign
from landing.models import Conversion
from reports.figures import Cost


@dataclass(frozen=True)
class Amount:
    """Orders of one currency, and what they came to in its smallest unit, without what was given back."""

    currency: str
    orders: int
    value: int


@dataclass(frozen=True)
class Revenue:
    """Orders that the messages earned; the workspace's own currency first."""

    amounts: list[Amount]
    # Revenue in the currency of the cost, divided by the cost.
    return_on_cost: Fraction | None

    @property
    def orders(self) -> int:
        return sum(amount.orders for amount in self.amounts)

    @property
    def times(self) -> str:
        """With one decimal, as it is spoken of: 16.3 times what was spent."""
        return "" if self.return_on_cost is None else number_format(float(self.return_on_cost), 1)


def revenue_of(campaign: Campaign, cost: Cost | None) -> Revenue | None:
    """None for a campaign that has earned no order; one query."""
    earned = Conversion.objects.filter(batch=campaign.batch_id, goal=Conversion.Goal.ORDER).order_by()
    rows = earned.values("currency").annotate(orders=Count("pk"), value=Sum("value", default=0))
    home = campaign.workspace.currency
    amounts = sorted((Amount(**row) for row in rows), key=lambda each: (each.currency != home, each.currency))
    if not amounts:
        return None
    return Revenue(amounts, _return_on(cost, {each.currency: each.value for each in amounts}))


def _return_on(cost: Cost | None, values: Mapping[str, int]) -> Fraction | None:
    if cost is None or not cost.amount or cost.currency not in values:
        return None
    return Fraction(values[cost.currency], cost.amount)
