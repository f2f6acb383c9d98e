"""A figure never stands alone: it knows what it is a part of, how sure it is, and which unit it counts in."""

from dataclasses import dataclass
from math import sqrt

Z_95 = 1.959963984540054
# How many decimals the smallest unit of a currency stands for; two unless said here.
DECIMALS = {"JPY": 0, "XPF": 0, "XOF": 0, "XAF": 0, "TND": 3}


@dataclass(frozen=True)
class Rate:
    """`count` of `total`. Without a total there is nothing to divide: `share`, `low` and `high` are None."""

    count: int
    total: int

    @property
    def share(self) -> float | None:
        return self.count / self.total if self.total else None

    @property
    def low(self) -> float | None:
        return wilson(self.count, self.total)[0] if self.total else None

    @property
    def high(self) -> float | None:
        return wilson(self.count, self.total)[1] if self.total else None


def wilson(count: int, total: int) -> tuple[float, float]:
    """The 95 % interval of a proportion; it stays inside 0 to 1 and is honest about small numbers."""
    share, square = count / total, Z_95**2
    centre = share + square / (2 * total)
    spread = Z_95 * sqrt(share * (1 - share) / total + square / (4 * total * total))
    scale = 1 + square / total
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


def decimals_of(currency: str) -> int:
    return DECIMALS.get(currency, 2)


def smallest_units(micros: int, currency: str) -> int:
    """Millionths of a currency unit as its smallest unit, rounded half up."""
    divisor = 10 ** (6 - decimals_of(currency))
    return (micros + divisor // 2) // divisor
