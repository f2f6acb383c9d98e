import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_scopes import scope

from accounts.models import Role
from messaging.models import BatchPurpose, Spending, SpendingLimit
from messaging.spending import month_of
from tests.factories import make_account, make_member


@pytest.fixture
def spent(workspace):
    account = make_account(workspace, name="OVH Paris")
    with scope(workspace=workspace):
        Spending.objects.create(
            workspace=workspace,
            account=account,
            month=month_of(timezone.now()),
            purpose=BatchPurpose.MARKETING,
            parts=1_000,
            cost_micros=45_000_000,
        )


def limits(workspace):
    with scope(workspace=workspace):
        return list(SpendingLimit.objects.values_list("month_budget", "warn_percent"))


def test_the_screen_says_what_the_month_has_cost_and_on_what(owner_client, spent, other_workspace):
    make_account(other_workspace, name="Breton's")

    page = owner_client.get(reverse("messaging_budget")).content.decode()

    assert ("OVH Paris" in page, "45,00" in page, "Breton" in page) == (True, True, False)


def test_an_owner_sets_the_budget_of_a_month(owner_client, workspace, other_workspace):
    answer = owner_client.post(reverse("messaging_budget"), {"month_budget": "150,50", "warn_percent": "70"})

    assert answer.status_code == 302
    assert (limits(workspace), limits(other_workspace)) == ([(15_050, 70)], [])


def test_an_empty_budget_is_any_amount(owner_client, workspace):
    owner_client.post(reverse("messaging_budget"), {"month_budget": "150", "warn_percent": "80"})
    owner_client.post(reverse("messaging_budget"), {"month_budget": "", "warn_percent": "80"})

    assert limits(workspace) == [(None, 80)]


@pytest.mark.parametrize(("budget", "percent"), [("much", "80"), ("-1", "80"), ("10", "0"), ("10", "101")])
def test_what_makes_no_sense_is_not_stored(owner_client, workspace, budget, percent):
    answer = owner_client.post(reverse("messaging_budget"), {"month_budget": budget, "warn_percent": percent})

    assert (answer.status_code, limits(workspace)) == (200, [])


def test_a_budget_is_an_owners(workspace):
    client = Client()
    client.force_login(make_member(workspace, Role.MARKETER))

    client.post(reverse("messaging_budget"), {"month_budget": "150", "warn_percent": "80"})

    assert limits(workspace) == []
