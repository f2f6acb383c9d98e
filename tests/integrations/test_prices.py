from datetime import date

import pytest
from django_scopes import scope
from hypothesis import given
from hypothesis import strategies as st

from integrations.models import PriceTier
from integrations.prices import Meter, PriceList, Step, price_list_of
from tests.factories import make_account, make_workspace

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 24)
DEGRESSIVE = PriceList({"": (Step(1, 45_000), Step(101, 40_000), Step(1_001, 35_000)), "MQ": (Step(1, 80_000),)})


def make_tier(account, country="", from_part=1, price_micros=45_000, valid_from=TODAY):
    with scope(workspace=account.workspace):
        PriceTier.objects.create(
            workspace=account.workspace,
            account=account,
            country=country,
            from_part=from_part,
            price_micros=price_micros,
            valid_from=valid_from,
        )


@pytest.mark.parametrize(
    ("territory", "parts", "already", "micros"),
    [
        ("FR", 1, 0, 45_000),
        ("FR", 1, 100, 40_000),
        ("FR", 2, 99, 85_000),
        ("FR", 1_001, 0, 100 * 45_000 + 900 * 40_000 + 35_000),
        ("MQ", 2, 5_000, 160_000),
        ("BE", 3, 2_000, 105_000),
        ("FR", 0, 50, 0),
    ],
)
def test_each_part_costs_what_its_place_in_the_month_says(territory, parts, already, micros):
    assert DEGRESSIVE.cost(territory, parts, already=already) == micros


@given(st.lists(st.tuples(st.sampled_from(["FR", "MQ", "BE", ""]), st.integers(0, 400)), max_size=12))
def test_a_month_costs_the_same_however_it_is_cut_into_messages(runs):
    meter = Meter(DEGRESSIVE, {})

    taken = sum(meter.take(territory, parts) for territory, parts in runs)

    overseas = sum(parts for territory, parts in runs if territory == "MQ")
    others = sum(parts for territory, parts in runs if territory != "MQ")
    assert taken == DEGRESSIVE.cost("MQ", overseas) + DEGRESSIVE.cost("FR", others)


def test_an_account_without_tiers_has_its_one_price(workspace):
    account = make_account(workspace, part_price_micros=38_500)

    with scope(workspace=workspace):
        assert price_list_of(account, on=TODAY) == PriceList({"": (Step(1, 38_500),)})


def test_the_latest_tiers_that_are_valid_count_country_by_country(workspace):
    account = make_account(workspace)
    make_tier(account, price_micros=50_000, valid_from=date(2026, 1, 1))
    make_tier(account, from_part=500, price_micros=48_000, valid_from=date(2026, 1, 1))
    make_tier(account, price_micros=44_000, valid_from=TODAY)
    make_tier(account, price_micros=10_000, valid_from=date(2026, 12, 1))
    make_tier(account, country="RE", price_micros=90_000, valid_from=date(2026, 1, 1))

    with scope(workspace=workspace):
        assert price_list_of(account, on=TODAY) == PriceList({"": (Step(1, 44_000),), "RE": (Step(1, 90_000),)})


def test_tiers_of_another_workspace_price_nothing_here(workspace):
    account, stranger = make_account(workspace), make_account(make_workspace("breton"))
    make_tier(stranger, price_micros=1)

    with scope(workspace=workspace):
        assert price_list_of(account, on=TODAY).cost("FR", 1) == 45_000
