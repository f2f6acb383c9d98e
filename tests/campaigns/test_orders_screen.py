"""The list of orders says what earned each of them, and the setting changes how far back a click may be."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_scopes import scope

from accounts.models import Role
from campaigns.models import CreditRules
from integrations.shops.base import Refund
from messaging.models import BatchLink
from tests.campaigns.test_attribution import BOUGHT, NOW, Mailing
from tests.factories import TUESDAY, make_member
from tests.reports.rows import make_click

ORDERS = "/admin/orders/"


@pytest.fixture
def mailing(workspace):
    with scope(workspace=workspace):
        made = Mailing(workspace)
        make_click(made.campaign, 7)
    return made


def order(mailing, **changes):
    with scope(workspace=mailing.workspace):
        return mailing.credit(**changes).order


def words(response) -> str:
    return " ".join(response.text.split())


def test_each_order_says_what_earned_it_and_what_it_is_worth(owner_client, mailing):
    order(mailing, external_id="1", number="AAA", refunds=(Refund("1", 1_250, NOW),))
    order(mailing, external_id="2", number="BBB", placed_at=TUESDAY + timedelta(days=9))
    order(mailing, external_id="3", number="CCC", cancelled_at=NOW)
    order(mailing, external_id="4", number="DDD", phones=())

    page = words(owner_client.get(ORDERS))

    assert f'<a href="/admin/reports/campaign/{mailing.campaign.pk}/">Winter sale</a>' in page
    assert "click on 24/11/2026 10:31, 1 d before the order" in page
    assert "€100,00, given back €12,50" in page and "€87,50" in page
    assert "no click in the 5 days before the order" in page
    assert ">cancelled<" in page
    assert "no mobile number, and the shop kept no click" in page


@pytest.mark.parametrize(
    ("asked", "numbers"),
    [
        ("?number=AAA", ["AAA"]),
        ("?number=BB", []),
        ("?earned=yes", ["AAA"]),
        ("?earned=no", ["BBB"]),
        ("?campaign={campaign}", ["AAA"]),
        ("?shop={shop}", ["AAA", "BBB"]),
        ("?shop=999999", []),
        ("?shop=' OR 1=1", ["AAA", "BBB"]),
    ],
)
def test_the_list_is_narrowed_by_number_shop_campaign_and_what_earned(owner_client, mailing, asked, numbers):
    order(mailing, external_id="1", number="AAA")
    order(mailing, external_id="2", number="BBB", placed_at=TUESDAY + timedelta(days=9))

    page = owner_client.get(ORDERS + asked.format(campaign=mailing.campaign.pk, shop=mailing.shop.pk)).text

    assert [number for number in ("AAA", "BBB") if f"<b>{number}</b>" in page] == numbers


def test_the_list_takes_a_constant_number_of_queries(owner_client, mailing):
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            owner_client.get(ORDERS)
        return len(asked)

    order(mailing, external_id="1")
    few = queries()
    for number in range(2, 9):
        order(mailing, external_id=str(number), refunds=(Refund(str(number), 5, NOW),))

    assert queries() == few


def test_before_the_first_order_the_list_says_what_to_do(owner_client):
    assert "Connect a shop" in owner_client.get(ORDERS).text


def test_orders_stay_in_their_workspace(mailing, other_workspace):
    order(mailing, number="AAA")
    client = Client()
    client.force_login(make_member(other_workspace, Role.ANALYST))

    assert "AAA" not in client.get(f"{ORDERS}?campaign={mailing.campaign.pk}").text


@pytest.mark.parametrize(("days", "kept"), [("30", 30), ("0", None), ("31", None), ("x", None)])
def test_an_owner_sets_the_window(owner_client, workspace, days, kept):
    owner_client.post(f"{ORDERS}rules/", {"window_days": days})

    with scope(workspace=workspace):
        assert list(CreditRules.objects.values_list("window_days", flat=True)) == ([kept] if kept else [])


def test_only_owners_set_it(workspace):
    client = Client()
    client.force_login(make_member(workspace, Role.MARKETER))

    assert client.get(ORDERS).status_code == 200
    client.post(f"{ORDERS}rules/", {"window_days": "9"})
    with scope(workspace=workspace):
        assert not CreditRules.objects.exists()


def test_a_report_shows_what_its_orders_came_to_in_each_currency(owner_client, mailing):
    order(mailing, external_id="1", total=10_000)
    order(mailing, external_id="2", total=5_000, refunds=(Refund("2", 1_000, NOW),))
    order(mailing, external_id="3", total=7_000, currency="CHF")
    order(mailing, external_id="4", cancelled_at=NOW)

    page = words(owner_client.get(f"/admin/reports/campaign/{mailing.campaign.pk}/"))

    assert "<b>€140,00</b><span>2 orders" in page
    assert "<b>CHF 70,00</b><span>1 order" in page
    assert f"/admin/orders/?campaign={mailing.campaign.pk}" in page


def test_a_text_without_a_link_converts_by_its_codes(owner_client, mailing):
    with scope(workspace=mailing.workspace):
        BatchLink.objects.all().delete()
        mailing.hand("HELLO-7F3")
    order(mailing, discount_codes=("HELLO-7F3",), placed_at=BOUGHT.placed_at)

    page = words(owner_client.get(f"/admin/reports/campaign/{mailing.campaign.pk}/?only=converted"))

    assert "100,0%" in page
    assert mailing.contact.phone_hint in page


def test_a_page_is_found_before_anybody_looks_at_what_stands_beside_its_rows(owner_client, mailing):
    for number in range(3):
        order(mailing, external_id=str(number))

    with CaptureQueriesContext(connection) as asked:
        owner_client.get(ORDERS)

    sorted_by_date = 'ORDER BY "integrations_order"."placed_at" DESC'
    page, rows = (each["sql"] for each in asked.captured_queries if sorted_by_date in each["sql"])
    assert ("LIMIT" in page, "JOIN" in page) == (True, False)
    assert ("JOIN" in rows, '"integrations_order"."id" IN (' in rows) == (True, True)
