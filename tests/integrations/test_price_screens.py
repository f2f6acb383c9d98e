from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_scopes import scope

from accounts.models import Role
from integrations.models import GatewayAccount, PriceTier
from integrations.services.accounts import ask_balances
from tests.factories import TUESDAY, make_account, make_member


@pytest.fixture
def account(workspace):
    return make_account(workspace)


def tiers(account):
    with scope(workspace=account.workspace):
        rows = account.price_tiers.order_by("country", "valid_from", "from_part")
        return list(rows.values_list("country", "valid_from", "from_part", "price_micros"))


def typed(*lines, country="", valid_from="2026-12-01"):
    """A price list as a browser sends it."""
    posted = {"country": country, "valid_from": valid_from}
    for number, (from_part, price) in enumerate(lines):
        posted |= {f"{number}-from_part": from_part, f"{number}-price": price}
    return posted


def post(client, account, posted):
    return client.post(reverse("gateway_accounts:prices", args=[account.pk]), posted)


def test_an_owner_types_in_a_price_list(owner_client, account):
    response = post(owner_client, account, typed((1, "0,045"), (5000, "0,0385"), country="MQ"))

    december = date(2026, 12, 1)
    assert response.status_code == 302
    assert tiers(account) == [("MQ", december, 1, 45_000), ("MQ", december, 5_000, 38_500)]


def test_a_list_for_the_same_day_replaces_the_one_before(owner_client, account):
    post(owner_client, account, typed((1, "0,05"), (500, "0,04")))
    post(owner_client, account, typed((1, "0,045")))

    assert tiers(account) == [("", date(2026, 12, 1), 1, 45_000)]


@pytest.mark.parametrize(
    "lines", [[], [(2, "0,05")], [(1, "0,05"), (1, "0,04")], [(1, "")], [("", "0,05")], [(1, "much")], [(0, "0,05")]]
)
def test_what_is_no_price_list_is_refused(owner_client, account, lines):
    response = post(owner_client, account, typed(*lines))

    assert (response.status_code, tiers(account)) == (200, [])


def test_an_unknown_country_is_refused(owner_client, account):
    assert post(owner_client, account, typed((1, "0,05"), country="XX")).status_code == 200
    assert tiers(account) == []


def test_the_page_says_which_list_is_in_force(owner_client, account, workspace):
    today = timezone.localdate()
    days = {date(2020, 1, 1): 50_000, today: 45_000, date(today.year + 1, 1, 1): 40_000}
    with scope(workspace=workspace):
        for day, price in days.items():
            PriceTier.objects.create(
                workspace=workspace, account=account, from_part=1, valid_from=day, price_micros=price
            )

    page = owner_client.get(reverse("gateway_accounts:prices", args=[account.pk]), headers={"accept-language": "en"})

    assert [(each.valid_from, each.tone) for each in page.context["tariffs"]] == [
        (date(today.year + 1, 1, 1), "info"),
        (today, "ok"),
        (date(2020, 1, 1), "mute"),
    ]
    assert "in force" in page.content.decode()


def test_a_list_is_removed_and_others_stay(owner_client, account):
    post(owner_client, account, typed((1, "0,05")))
    post(owner_client, account, typed((1, "0,09"), country="RE"))

    gone = {"country": "", "valid_from": "2026-12-01"}
    owner_client.post(reverse("gateway_accounts:remove_prices", args=[account.pk]), gone)

    assert tiers(account) == [("RE", date(2026, 12, 1), 1, 90_000)]


def test_prices_are_an_owners(workspace, account):
    client = Client()
    client.force_login(make_member(workspace, Role.MARKETER))

    post(client, account, typed((1, "0,05")))

    assert tiers(account) == []


# Balances -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("balance", "alert", "is_low"), [(None, 5, False), (4, None, False), (5, 5, False), ("4.9999", 5, True)]
)
def test_only_a_known_balance_below_a_given_threshold_is_low(balance, alert, is_low):
    amounts = [None if each is None else Decimal(each) for each in (balance, alert)]

    assert GatewayAccount(balance=amounts[0], balance_alert=amounts[1]).is_low is is_low


def test_only_accounts_that_somebody_watches_are_asked(workspace, other_workspace):
    watched = make_account(workspace, balance_alert=5)
    make_account(workspace, name="Unwatched")
    make_account(other_workspace, balance_alert=5, is_enabled=False)

    assert ask_balances(now=TUESDAY) == 1
    watched.refresh_from_db()
    assert watched.checked_at == TUESDAY
