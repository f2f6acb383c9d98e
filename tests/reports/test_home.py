from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_scopes import scope

from accounts.figures import Rate
from audience.models import ContactImport
from campaigns.models import Campaign
from integrations.models import ShopConnection
from landing.models import Conversion
from messaging.models import Message, Spending
from messaging.services.spending import set_month_budget
from messaging.spending import month_budget_of
from reports.needs import Connection, connections_of, needs_of
from reports.week import Day, week_of
from tests.factories import TUESDAY, make_contact, make_list
from tests.reports.rows import make_account, make_campaign, make_click, make_conversion, make_message, make_withdrawal

State = Campaign.State
LATER = TUESDAY + timedelta(hours=2)


@pytest.fixture
def english_client(owner_client):
    owner_client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return owner_client


@pytest.fixture(autouse=True)
def in_english(settings):
    settings.LANGUAGE_CODE = "en"


def titles(workspace, campaigns=(), now=LATER) -> list[tuple[str, str]]:
    with scope(workspace=workspace):
        month = month_budget_of(workspace, now)
        needs = needs_of(campaigns=campaigns, connections=connections_of(now=now), month=month, now=now)
    return [(need.tone, need.title) for need in needs]


# The week -------------------------------------------------------------------------------------------


def week(workspace, now=LATER):
    with scope(workspace=workspace):
        return week_of(currency="EUR", now=now)


def test_week_adds_up_marketing_messages_by_day(workspace, other_workspace):
    campaign = make_campaign(workspace)
    contact = make_contact(workspace)
    make_message(campaign, 0, contact=contact)
    make_message(campaign, 1)
    make_message(campaign, 2, submitted_at=TUESDAY - timedelta(days=2))
    make_message(campaign, 3, submitted_at=TUESDAY - timedelta(days=7))
    make_click(campaign, 0)
    make_withdrawal(contact, TUESDAY + timedelta(minutes=10))
    make_message(make_campaign(other_workspace), 0)

    found = week(workspace)

    assert found.days[-3:] == [
        Day(date(2026, 11, 22), 1, 0, 0),
        Day(date(2026, 11, 23)),
        Day(date(2026, 11, 24), 2, 1, 1),
    ]
    assert (found.clicks.rate, found.opt_outs.rate) == (Rate(1, 3), Rate(1, 3))
    assert found.click_line == [None, None, None, None, 0.0, None, 0.5]


def test_week_counts_orders_in_the_workspaces_currency(workspace, other_workspace):
    campaign = make_campaign(workspace)
    make_conversion(campaign, 0, goal=Conversion.Goal.ORDER, value=8446, currency="EUR")
    make_conversion(campaign, 1, goal=Conversion.Goal.ORDER, value=5000, currency="GBP")
    make_conversion(campaign, 2, goal=Conversion.Goal.FORM)
    make_conversion(make_campaign(other_workspace), 0, goal=Conversion.Goal.ORDER, value=1, currency="EUR")

    found = week(workspace)

    assert (found.orders, found.revenue) == (2, 8446)


def test_week_counts_contacts_who_said_yes_and_not_no(workspace, other_workspace):
    make_contact(workspace, "+33639980001")
    make_contact(workspace, "+33639980002", consents=False)
    make_contact(other_workspace, "+33639980003")

    found = week(workspace)

    assert (found.reachable, found.contacts) == (1, 2)


# What needs somebody --------------------------------------------------------------------------------


def test_morning_without_trouble_needs_nobody(workspace):
    make_message(make_campaign(workspace), 0)

    assert titles(workspace) == []


def test_most_pressing_comes_first_and_five_lines_are_enough(workspace, other_workspace):
    account = make_account(workspace, name="Provider", paused_until=LATER + timedelta(minutes=30))
    paused = make_campaign(workspace, "Paused", state=State.PAUSED)
    soon = make_campaign(workspace, "Soon", state=State.SCHEDULED, scheduled_at=LATER + timedelta(hours=1))
    far = make_campaign(workspace, "Far", state=State.SCHEDULED, scheduled_at=LATER + timedelta(days=3))
    make_message(paused, 0, state=Message.State.UNKNOWN)
    make_message(make_campaign(other_workspace), 0, state=Message.State.UNKNOWN)
    with scope(workspace=workspace):
        ContactImport.objects.create(
            workspace=workspace, contact_list=make_list(workspace), file_name="a.csv", file_hash=b"", state="failed"
        )

    assert titles(workspace, [soon, far, paused]) == [
        ("warn", "“Paused” is paused"),
        ("warn", "1 message to verify"),
        ("stop", account.name),
        ("stop", "“a.csv” was not imported to its end"),
        ("info", "“Soon” leaves at 1:30 p.m."),
    ]


def test_connections_say_how_they_are(workspace, other_workspace):
    account = make_account(workspace, name="A", refused_webhooks=2)
    off = make_account(workspace, name="B", is_enabled=False)
    make_account(other_workspace, name="Theirs")
    with scope(workspace=workspace):
        shop = ShopConnection.objects.create(workspace=workspace, platform="shopify", name="C")
        found = connections_of(now=LATER)

    assert found == [
        Connection("A", "warn", "2 refused calls", f"/admin/gateway-accounts/inspect/{account.pk}/"),
        Connection("B", "mute", "switched off", f"/admin/gateway-accounts/inspect/{off.pk}/"),
        Connection("C", "warn", "no event yet", f"/admin/integrations/shops/inspect/{shop.pk}/"),
    ]


# The page -------------------------------------------------------------------------------------------


def panels(client) -> list[str]:
    return [type(panel).__name__ for panel in client.get("/admin/").context["panels"]]


def test_first_day_shows_the_steps_and_the_first_open_one(english_client, workspace):
    make_account(workspace)

    response = english_client.get("/admin/")
    page = " ".join(response.content.decode().split())

    assert [type(panel).__name__ for panel in response.context["panels"]] == [
        "FirstStepsPanel",
        "ConnectShopPanel",
        "WeekPanel",
        "ConnectionsPanel",
    ]
    assert '<i class="ch-num1 done">✓</i><span><b>Your test phones are ready</b>' in page
    assert '<i class="ch-num1 now">2</i><span><b>Bring your contacts</b>' in page
    assert "1 of 4" in page


def test_home_of_a_workspace_at_work_shows_needs_figures_and_campaigns(english_client, workspace):
    make_message(make_campaign(workspace, "Winter sale", sent_at=timezone.now()), 0)

    page = english_client.get("/admin/").content.decode()

    assert "Winter sale" in page
    assert "Nothing to report this morning." in page


def test_home_shows_nothing_of_the_neighbours(english_client, workspace, other_workspace):
    make_campaign(other_workspace, "Their sale")
    make_campaign(workspace, "Our sale")

    page = english_client.get("/admin/").content.decode()

    assert "Our sale" in page
    assert "Their sale" not in page


def test_home_takes_the_same_number_of_queries_for_one_campaign_and_for_many(english_client, workspace):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert english_client.get("/admin/").status_code == 200
        return len(captured)

    make_message(make_campaign(workspace, "0"), 0)
    queries()
    before = queries()
    for number in range(1, 4):
        make_message(make_campaign(workspace, str(number)), 0, state=Message.State.UNKNOWN)

    assert queries() == before


# Money ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("budget", "expected"),
    [
        (None, []),
        (1_000, []),
        (112, [("warn", "80% of the month’s budget are spent")]),
        (90, [("stop", "The budget of the month is used up")]),
    ],
)
def test_a_month_that_comes_near_its_budget_is_told(workspace, other_workspace, budget, expected):
    set_month_budget(workspace=workspace, month_budget=budget, warn_percent=80)
    set_month_budget(workspace=other_workspace, month_budget=0, warn_percent=80)
    with scope(workspace=workspace):
        account = make_account(workspace)
        Spending.objects.create(
            workspace=workspace, account=account, month=date(2026, 11, 1), parts=20, cost_micros=900_000
        )

    assert titles(workspace) == expected


def test_an_account_whose_balance_is_low_is_told(workspace):
    with scope(workspace=workspace):
        account = make_account(workspace)
        account.balance, account.balance_alert = Decimal(3), Decimal(5)
        account.save()

        connection = connections_of(now=LATER)[0]

    assert (connection.tone, connection.words) == ("warn", "balance low: 3 credits")
    assert titles(workspace) == [("warn", account.name)]


@pytest.mark.parametrize(("spent", "expected"), [(79, []), (80, [("warn", "“Winter” has spent 80% of its budget")])])
def test_a_running_campaign_that_comes_near_its_budget_is_told(workspace, spent, expected):
    with scope(workspace=workspace):
        campaign = make_campaign(workspace, name="Winter", state=State.SENDING)
        campaign.batch.budget_micros, campaign.batch.spent_micros = 100, spent

        assert titles(workspace, [campaign]) == expected


def test_home_tells_what_the_last_campaigns_have_cost(english_client, workspace):
    make_message(make_campaign(workspace), 0, cost_micros=12_340_000)

    assert "€12.34" in english_client.get("/admin/").content.decode()
