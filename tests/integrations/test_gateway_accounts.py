import pytest
from django.test import Client
from django.urls import reverse
from django_scopes import scope

from accounts.models import Role
from integrations.addresses import webhook_url
from integrations.models import GatewayAccount
from tests.factories import make_account, make_member


@pytest.fixture
def account(workspace):
    return make_account(workspace)


def form(**changes):
    return {
        "name": "Main",
        "gateway": "simulator",
        "stop_number": "36181",
        "rate_per_second": "20",
        "is_enabled": "on",
        "price": "0.0385",
        **changes,
    }


def test_an_owner_sees_the_accounts_of_the_workspace_only(owner_client, account, other_workspace):
    make_account(other_workspace, name="Breton's")

    html = owner_client.get(reverse("gateway_accounts:index")).content.decode()

    assert "Simulator" in html
    assert "Breton" not in html


def test_the_list_takes_as_many_queries_for_many_accounts(
    owner_client, account, workspace, django_assert_max_num_queries
):
    for number in range(5):
        make_account(workspace, name=f"Account {number}")

    with django_assert_max_num_queries(25):
        owner_client.get(reverse("gateway_accounts:index"))


def test_an_account_is_added_with_a_secret_of_its_own(owner_client, workspace):
    response = owner_client.post(reverse("gateway_accounts:add"), form())

    with scope(workspace=workspace):
        (account,) = GatewayAccount.objects.all()
    assert response.status_code == 302
    assert (account.workspace, account.gateway, account.part_price_micros) == (workspace, "simulator", 38_500)
    assert len(account.webhook_secret) > 30


def test_an_account_is_changed_but_not_its_provider(owner_client, account):
    url = reverse("gateway_accounts:edit", args=[account.pk])

    owner_client.post(url, form(name="Renamed", gateway="other", is_enabled=""))

    with scope(workspace=account.workspace):
        account = GatewayAccount.objects.get()
    assert (account.name, account.gateway, account.stop_number) == ("Renamed", "simulator", "36181")
    assert (account.rate_per_second, account.is_enabled) == (20, False)


def test_the_webhook_address_is_shown_and_the_secret_is_not(owner_client, account):
    html = owner_client.get(reverse("gateway_accounts:edit", args=[account.pk])).content.decode()

    assert webhook_url(account, "events") in html
    assert account.webhook_secret not in html


@pytest.mark.parametrize("number", ["36XXX", "3618", "12345", "361800"])
def test_a_stop_number_that_is_none_is_refused(owner_client, account, number):
    response = owner_client.post(reverse("gateway_accounts:edit", args=[account.pk]), form(stop_number=number))

    assert response.status_code == 200
    assert "stop_number" in response.context["form"].errors


@pytest.mark.parametrize("role", [Role.MARKETER, Role.ANALYST])
def test_only_an_owner_changes_accounts(account, workspace, role):
    client = Client()
    client.force_login(make_member(workspace, role))

    client.post(reverse("gateway_accounts:edit", args=[account.pk]), form(name="Renamed"))
    client.post(reverse("gateway_accounts:add"), form())
    client.post(reverse("gateway_accounts:delete", args=[account.pk]))

    with scope(workspace=workspace):
        assert [each.name for each in GatewayAccount.objects.all()] == [account.name]


def test_an_account_of_another_workspace_is_not_found(owner_client, other_workspace):
    foreign = make_account(other_workspace)

    for name in ("edit", "delete"):
        url = reverse(f"gateway_accounts:{name}", args=[foreign.pk])
        assert [owner_client.get(url).status_code, owner_client.post(url, form()).status_code] == [404, 404]


def test_an_account_whose_gateway_is_gone_can_still_be_opened(owner_client, workspace):
    account = make_account(workspace, gateway="gone")

    assert owner_client.get(reverse("gateway_accounts:index")).status_code == 200
    assert owner_client.get(reverse("gateway_accounts:edit", args=[account.pk])).status_code == 200
