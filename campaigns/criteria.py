"""Which orders an automation answers: pure rules over a few facts, and in words why one does not fit."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from django.utils.translation import gettext_noop

from integrations.models import Order

FIRST, AGAIN = "first", "again"

CURRENCY = gettext_noop("not sent: the order is in another currency")
TOO_SMALL = gettext_noop("not sent: the total is below the condition")
TOO_LARGE = gettext_noop("not sent: the total is above the condition")
COUNTRY = gettext_noop("not sent: the country does not fit")
LANGUAGE = gettext_noop("not sent: the language does not fit")
PRODUCT = gettext_noop("not sent: none of the products was ordered")
NOT_FIRST = gettext_noop("not sent: not their first order")
NOT_AGAIN = gettext_noop("not sent: their first order")


@dataclass(frozen=True)
class OrderFacts:
    """What conditions look at; the total in the smallest unit."""

    total: int
    currency: str
    country: str
    language: str
    items: tuple[str, ...]
    is_first: bool


@dataclass(frozen=True)
class Conditions:
    """All of them must hold; what is empty asks for nothing. Totals in the smallest unit of `currency`."""

    currency: str = "EUR"
    least_total: int | None = None
    most_total: int | None = None
    countries: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    # Words, one of which stands in the title of something that was ordered.
    products: tuple[str, ...] = ()
    history: str = ""

    @classmethod
    def of(cls, kept: Mapping[str, Any], currency: str) -> Self:
        """As `Automation.conditions` keeps them."""
        return cls(
            currency=currency,
            least_total=kept.get("least_total"),
            most_total=kept.get("most_total"),
            countries=tuple(kept.get("countries", ())),
            languages=tuple(kept.get("languages", ())),
            products=tuple(kept.get("products", ())),
            history=kept.get("history", ""),
        )

    def kept(self) -> dict[str, Any]:
        """What `of` reads: without what asks for nothing."""
        values = {name: value for name, value in asdict(self).items() if name != "currency"}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items() if value}

    def unmet(self, order: OrderFacts) -> str:
        """The first condition that does not hold, in words; "" when all do."""
        return next((reason for does_hold, reason in self._questions(order) if not does_hold), "")

    def _questions(self, order: OrderFacts) -> Iterable[tuple[bool, str]]:
        asks_total = bool(self.least_total or self.most_total)
        yield not asks_total or order.currency == self.currency, CURRENCY
        yield not self.least_total or order.total >= self.least_total, TOO_SMALL
        yield not self.most_total or order.total <= self.most_total, TOO_LARGE
        yield not self.countries or order.country in self.countries, COUNTRY
        yield not self.languages or order.language[:2].lower() in self.languages, LANGUAGE
        yield not self.products or _has_one(order.items, self.products), PRODUCT
        yield self.history != FIRST or order.is_first, NOT_FIRST
        yield self.history != AGAIN or not order.is_first, NOT_AGAIN


def _has_one(titles: Iterable[str], words: Iterable[str]) -> bool:
    folded = [title.casefold() for title in titles]
    return any(word.casefold() in title for word in words for title in folded)


def facts_of(order: Order, *, asks_history: bool = True) -> OrderFacts:
    """One query, where it is asked: whether they had ordered before."""
    earlier = Order.objects.filter(contact=order.contact_id, is_test=False, placed_at__lt=order.placed_at)
    return OrderFacts(
        total=order.total,
        currency=order.currency,
        country=order.country,
        language=order.language,
        items=tuple(order.items),
        is_first=not (asks_history and earlier.exclude(pk=order.pk).exists()),
    )
