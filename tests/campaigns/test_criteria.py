"""Which orders an automation answers."""

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns import criteria
from campaigns.criteria import AGAIN, FIRST, Conditions, OrderFacts, facts_of
from integrations.models import Order
from integrations.services.orders import apply_snapshot
from tests.campaigns.test_automations import PLACED
from tests.factories import TUESDAY, make_shop

ORDER = OrderFacts(5_490, "EUR", "FR", "fr-FR", ("Tablier en lin", "Bol"), is_first=True)
COUNTRIES, LANGUAGES, WORDS = ("FR", "BE", "CH"), ("fr", "en", "de"), ("lin", "BOL", "chaise")

orders = st.builds(
    OrderFacts,
    total=st.integers(0, 10_000),
    currency=st.sampled_from(("EUR", "CHF")),
    country=st.sampled_from((*COUNTRIES, "")),
    language=st.sampled_from((*LANGUAGES, "fr-FR", "")),
    items=st.lists(st.sampled_from(("Tablier en lin", "Bol", "Chaise longue", ""))).map(tuple),
    is_first=st.booleans(),
)
conditions = st.builds(
    Conditions,
    currency=st.just("EUR"),
    least_total=st.none() | st.integers(1, 10_000),
    most_total=st.none() | st.integers(1, 10_000),
    countries=st.lists(st.sampled_from(COUNTRIES), unique=True).map(tuple),
    languages=st.lists(st.sampled_from(LANGUAGES), unique=True).map(tuple),
    products=st.lists(st.sampled_from(WORDS), unique=True).map(tuple),
    history=st.sampled_from(("", FIRST, AGAIN)),
)


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({}, ""),
        ({"least_total": 5_490, "most_total": 5_490}, ""),
        ({"least_total": 5_491}, criteria.TOO_SMALL),
        ({"most_total": 5_489}, criteria.TOO_LARGE),
        ({"least_total": 1, "currency": "CHF"}, criteria.CURRENCY),
        ({"countries": ("BE",)}, criteria.COUNTRY),
        ({"languages": ("fr",)}, ""),
        ({"languages": ("en",)}, criteria.LANGUAGE),
        ({"products": ("tablier",)}, ""),
        ({"products": ("chaise", "LIN")}, ""),
        ({"products": ("chaise",)}, criteria.PRODUCT),
        ({"history": FIRST}, ""),
        ({"history": AGAIN}, criteria.NOT_AGAIN),
    ],
)
def test_an_order_fits_or_the_log_says_why_not(asked, reason):
    assert Conditions(**asked).unmet(ORDER) == reason


@given(orders)
def test_without_conditions_every_order_fits(order):
    assert Conditions().unmet(order) == ""


@given(conditions, orders)
def test_all_conditions_hold_when_each_of_them_does(asked, order):
    alone = [
        replace(Conditions(), **{field.name: getattr(asked, field.name)})
        for field in fields(asked)
        if field.name != "currency"
    ]

    reasons = [each.unmet(order) for each in alone]

    assert (asked.unmet(order) == "") == (not any(reasons))
    assert asked.unmet(order) in {"", *reasons}


@given(conditions)
def test_conditions_are_kept_and_read_as_they_were(asked):
    assert Conditions.of(asked.kept(), "EUR") == asked


def test_first_is_who_has_no_earlier_order_that_counts(in_workspace):
    shop = make_shop(in_workspace)
    for number, changes in enumerate(
        ({"is_test": True, "placed_at": TUESDAY.replace(day=1)}, {}, {"placed_at": TUESDAY.replace(day=26)})
    ):
        apply_snapshot(shop=shop, snapshot=replace(PLACED, external_id=str(number), items=("Bol",), **changes))

    facts = [facts_of(Order.objects.get(external_id=str(number))) for number in (1, 2)]

    assert [(each.is_first, each.items) for each in facts] == [(True, ("Bol",)), (False, ("Bol",))]
