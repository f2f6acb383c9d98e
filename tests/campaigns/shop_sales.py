"""Orders as shops tell them, each with what it is to earn and to send by the tables: a ledger made by hand."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.factories import TUESDAY

OF_A_SHOP = 250
PLACED_AT = TUESDAY - timedelta(hours=1)
# Before the shops were connected: it builds figures, and never sends.
OLD_AT = TUESDAY - timedelta(days=3)
UPDATED_AT = TUESDAY - timedelta(minutes=30)
HOURS = timedelta(hours=1)

# By what customers did (hours before the order: link, verdict), whose campaign their order is: SALE, or NEWS.
SALE, NEWS = "sale", "news"
PROFILES: dict[str, tuple[list[tuple[float, str, str]], str | None]] = {
    "clicked": ([(20, SALE, "human")], SALE),
    "clicked two": ([(30, SALE, "human"), (3, NEWS, "human")], NEWS),
    "just in time": ([(120, NEWS, "human")], NEWS),
    "too early": ([(120.01, SALE, "human")], None),
    "afterwards": ([(-0.1, SALE, "human")], None),
    "bot": ([(5, SALE, "bot")], None),
    "unsure": ([(5, SALE, "unsure")], None),
    "own code": ([(2, NEWS, "human")], SALE),
    "another's code": ([], None),
    "kept by the shop": ([], NEWS),
    "landed late": ([(8, SALE, "human")], SALE),
    "nothing": ([], None),
    "no mobile": ([(5, SALE, "human")], None),
}
# By what became of it: cents off when it was edited, cents given back, whether it still counts.
FATES: dict[str, tuple[int, tuple[int, ...], bool]] = {
    "kept": (0, (), True),
    "edited": (333, (), True),
    "refunded": (0, (1_050,), True),
    "refunded twice": (0, (199, 1_301), True),
    "given back": (0, (-1,), False),
    "cancelled": (0, (), False),
    "test": (0, (), False),
}


@dataclass(frozen=True)
class Sale:
    """An order as its shop knows it; amounts in cents."""

    number: int
    # Of the workspace's customers.
    customer: int

    @property
    def profile(self) -> str:
        return list(PROFILES)[self.number % len(PROFILES)]

    @property
    def fate(self) -> str:
        """Every second order is kept as it is."""
        return list(FATES)[self.number // 2 % len(FATES)] if self.number % 2 else "kept"

    @property
    def is_old(self) -> bool:
        return self.number % 5 == 0

    @property
    def placed_at(self) -> datetime:
        return OLD_AT if self.is_old else PLACED_AT

    @property
    def currency(self) -> str:
        return "CHF" if self.number % 10 == 3 else "EUR"

    @property
    def total(self) -> int:
        return 2_000 + 37 * self.number

    @property
    def refunds(self) -> list[int]:
        return [self.total if amount < 0 else amount for amount in FATES[self.fate][1]]

    # The ledger ------------------------------------------------------------------

    @property
    def earns(self) -> tuple[str, str, int] | None:
        """Campaign, currency and cents."""
        campaign, (off, _refunds, counts) = PROFILES[self.profile][1], FATES[self.fate]
        return (campaign, self.currency, self.total - off - sum(self.refunds)) if campaign and counts else None

    @property
    def sends(self) -> list[str]:
        if self.is_old or self.fate == "test" or self.profile == "no mobile":
            return []
        first = "order_cancelled" if self.fate == "cancelled" else "order_placed"
        return [first, *["order_refunded"] * len(self.refunds)]

    # What the shop tells ---------------------------------------------------------

    @property
    def phone(self) -> str:
        return "0261910001" if self.profile == "no mobile" else f"06 39 98 {self.customer:04d}"

    @property
    def is_told_once(self) -> bool:
        """Nothing changed after it was placed."""
        return self.fate == "kept" and "code" not in self.profile

    @property
    def codes(self) -> list[str]:
        own = {"own code": self.customer, "another's code": self.customer + 1}
        return ["BIENVENUE", f"mine {own[self.profile]}"] if self.profile in own else ["BIENVENUE"]


def euros(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


def of_prestashop(sale: Sale, click_id: str) -> Iterator[tuple[str, dict]]:
    """Placed, and what became of it: the whole order each time, the same event twice now and then."""
    first = {
        "id": str(sale.number),
        "number": f"N{sale.number}",
        "version": 1,
        "placed_at": sale.placed_at.isoformat(),
        "currency": sale.currency,
        "total": euros(sale.total),
        "country": "FR",
        "language": "fr",
        "is_test": sale.fate == "test",
        "customer": {"first_name": "Camille", "phones": [{"number": sale.phone, "country": "FR"}]},
        "discount_codes": [],
        "click_id": click_id,
    }
    refunds = [
        {"id": f"{sale.number}-{place}", "amount": euros(amount), "refunded_at": UPDATED_AT.isoformat()}
        for place, amount in enumerate(sale.refunds)
    ]
    cancelled = {"cancelled_at": UPDATED_AT.isoformat()} if sale.fate == "cancelled" else {}
    last = {
        **first,
        **cancelled,
        "version": 2,
        "total": euros(sale.total - FATES[sale.fate][0]),
        "discount_codes": sale.codes,
        "refunds": refunds,
    }
    states = [first] if sale.is_told_once else [first, last, last] if sale.number % 7 == 0 else [first, last]
    for place, state in enumerate(states):
        event = {"id": f"{sale.number}-{place}", "kind": "order.changed", "occurred_at": UPDATED_AT.isoformat()}
        yield "order.changed", {**event, "is_backfill": sale.is_old, "order": state}


def of_shopify(sale: Sale, click_id: str) -> Iterator[tuple[str, dict]]:
    """`orders/create`, `orders/updated`, and refunds in these, by themselves, or both."""
    first = {
        "id": sale.number,
        "name": f"N{sale.number}",
        "created_at": sale.placed_at.isoformat(),
        "updated_at": sale.placed_at.isoformat(),
        "currency": sale.currency,
        "total_price": euros(sale.total),
        "customer_locale": "fr",
        "shipping_address": {"first_name": "Camille", "phone": sale.phone, "country_code": "FR"},
        "discount_codes": [],
        "note_attributes": [{"name": "smsc", "value": click_id}] if click_id else [],
        "test": sale.fate == "test",
    }
    refunds = [
        {
            "id": sale.number * 10 + place,
            "order_id": sale.number,
            "created_at": UPDATED_AT.isoformat(),
            "transactions": [
                {"kind": "refund", "status": "success", "amount": euros(amount), "currency": sale.currency},
                {"kind": "refund", "status": "failure", "amount": "999.99", "currency": sale.currency},
            ],
        }
        for place, amount in enumerate(sale.refunds)
    ]
    last = {
        **first,
        "updated_at": UPDATED_AT.isoformat(),
        "total_price": euros(sale.total - FATES[sale.fate][0]),
        "discount_codes": [{"code": code} for code in sale.codes],
        "cancelled_at": UPDATED_AT.isoformat() if sale.fate == "cancelled" else None,
        "refunds": refunds if sale.number % 3 != 1 else [],
    }
    yield "orders/create", first
    if not sale.is_told_once:
        yield "orders/updated", last
    for refund in refunds if sale.number % 3 else []:
        yield "refunds/create", refund
