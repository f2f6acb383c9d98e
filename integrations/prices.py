"""What parts cost at an account: the only place where a price is worked out.

An account has one price, or tiers: of a country or of all others, from the n-th part of a month on, from a date on.
Tiers are degressive as invoices are: each part costs what its place in the month says, the earlier ones keep theirs.
A country that has tiers of its own counts its own parts; those of all the other countries are counted together.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from integrations.models import GatewayAccount, PriceTier

# Written instead of a country: all that have no tiers of their own.
ALL = ""


@dataclass(frozen=True)
class Step:
    """From the n-th part of the month on, a part costs so many millionths of the currency unit."""

    from_part: int
    price_micros: int


@dataclass(frozen=True)
class PriceList:
    """The steps of each country, as they hold on one day."""

    steps: Mapping[str, tuple[Step, ...]]

    @property
    def is_flat(self) -> bool:
        """Whether a part costs the same wherever in the month it stands."""
        return all(len(steps) == 1 for steps in self.steps.values())

    def country_of(self, territory: str) -> str:
        """Whose steps count for this territory."""
        return territory if territory in self.steps else ALL

    def cost(self, territory: str, parts: int, *, already: int = 0) -> int:
        """Millionths for `parts` more, after `already` parts in this month that count for the same steps."""
        steps = self.steps[self.country_of(territory)]
        ends = [*(later.from_part for _step, later in pairwise(steps)), already + parts + 1]
        return sum(
            step.price_micros * max(0, min(already + parts + 1, end) - max(already + 1, step.from_part))
            for step, end in zip(steps, ends, strict=True)
        )


def price_list_of(account: GatewayAccount, *, on: date) -> PriceList:
    """One query."""
    rows = PriceTier.objects.filter(account=account, valid_from__lte=on).order_by("country", "valid_from", "from_part")
    return PriceList({ALL: (Step(1, account.part_price_micros),), **_latest(rows)})


def _latest(rows: Iterable[PriceTier]) -> dict[str, tuple[Step, ...]]:
    """Of each country the tiers of the latest date."""
    by_country: dict[str, list[PriceTier]] = {}
    for row in rows:
        known = by_country.setdefault(row.country, [])
        if known and known[0].valid_from != row.valid_from:
            known.clear()
        known.append(row)
    return {
        country: tuple(Step(row.from_part, row.price_micros) for row in tiers) for country, tiers in by_country.items()
    }


class Meter:
    """Prices a run of messages one after the other, and counts their parts as it goes."""

    def __init__(self, prices: PriceList, parts_by_territory: Mapping[str, int]) -> None:
        self.prices = prices
        self.counted: dict[str, int] = {}
        for territory, parts in parts_by_territory.items():
            self._count(territory, parts)

    def price(self, territory: str, parts: int) -> int:
        """What these parts would cost next, in millionths."""
        already = self.counted.get(self.prices.country_of(territory), 0)
        return self.prices.cost(territory, parts, already=already)

    def take(self, territory: str, parts: int) -> int:
        """What they cost; the next ones come after them."""
        cost = self.price(territory, parts)
        self._count(territory, parts)
        return cost

    def _count(self, territory: str, parts: int) -> None:
        country = self.prices.country_of(territory)
        self.counted[country] = max(0, self.counted.get(country, 0) + parts)
