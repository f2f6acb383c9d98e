from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django_scopes import scope

from accounts.models import Role
from integrations.addresses import webhook_url
from integrations.gateways.base import Connected, ErrorClass
from integrations.gateways.registry import UnknownGateway, gateway_class
from integrations.models import GatewayAccount
from integrations.services.accounts import CredentialsTaken, live_id, save_account, try_account
from integrations.states import state_of
from tests.factories import TUESDAY, make_account, make_member
from tests.integrations.providers.rehearsals import OVH, SECRETS, OvhProvider, place_ovh
from tests.integrations.providers.stage import Answer, on_stage

MINUTE = timedelta(minutes=1)


@pytest.fixture
def account(workspace):
    return make_account(workspace)


@pytest.fixture
def provider(monkeypatch):
    """OVHcloud on stage."""
    provider = OvhProvider()
    with on_stage(provider) as address:
        provider.address = address
        place_ovh(monkeypatch, OVH.credentials, address)
        yield provider


@pytest.fixture
def real_account(workspace):
    return make_real(workspace)


def make_real(workspace) -> GatewayAccount:
    account = GatewayAccount(workspace=workspace, gateway="ovh", name="OVH")
    with scope(workspace=workspace):
        return save_account(account=account, credentials=OVH.credentials)


def typed(**changes):
    """The provider's own fields as a browser sends them."""
    return {f"credentials-{name}": value for name, value in {**OVH.credentials, **changes}.items()}


def form(**changes):
    return {
        "name": "Main",
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
    response = owner_client.post(reverse("gateway_accounts:add") + "?gateway=simulator", form())

    with scope(workspace=workspace):
        (account,) = GatewayAccount.objects.all()
    assert response.status_code == 302
    assert (account.workspace, account.gateway, account.part_price_micros) == (workspace, "simulator", 38_500)
    assert len(account.webhook_secret) > 30


def test_an_account_is_changed_but_not_its_provider(owner_client, account):
    url = reverse("gateway_accounts:edit", args=[account.pk])

    owner_client.post(url + "?gateway=ovh", form(name="Renamed", gateway="ovh", is_enabled=""))

    with scope(workspace=account.workspace):
        account = GatewayAccount.objects.get()
    assert (account.name, account.gateway, account.stop_number) == ("Renamed", "simulator", "36181")
    assert (account.rate_per_second, account.is_enabled) == (20, False)


def test_addresses_to_paste_are_shown_and_no_secret_is(owner_client, real_account):
    html = owner_client.get(reverse("gateway_accounts:inspect", args=[real_account.pk])).content.decode()
    html += owner_client.get(reverse("gateway_accounts:edit", args=[real_account.pk])).content.decode()

    assert [kind for kind in ("dlr", "mo", "stop") if webhook_url(real_account, kind) not in html] == []
    assert [secret for secret in (*SECRETS, real_account.webhook_secret) if secret in html] == []
    assert "sms-ab12345-1" in html


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

    for name in ("edit", "delete", "inspect"):
        url = reverse(f"gateway_accounts:{name}", args=[foreign.pk])
        assert owner_client.get(url).status_code == 404
    for name in ("edit", "delete", "test"):
        url = reverse(f"gateway_accounts:{name}", args=[foreign.pk])
        assert owner_client.post(url, form()).status_code == 404


def test_an_account_whose_gateway_is_gone_can_still_be_opened(owner_client, workspace):
    account = make_account(workspace, gateway="gone")

    assert owner_client.get(reverse("gateway_accounts:index")).status_code == 200
    for name in ("edit", "inspect"):
        assert owner_client.get(reverse(f"gateway_accounts:{name}", args=[account.pk])).status_code == 200
    assert owner_client.post(reverse("gateway_accounts:test", args=[account.pk])).status_code == 302
    assert owner_client.post(reverse("gateway_accounts:edit", args=[account.pk]), form(name="x")).status_code == 302


def test_adding_begins_with_the_choice_of_a_provider(owner_client, workspace):
    html = owner_client.get(reverse("gateway_accounts:add")).content.decode()

    response = owner_client.post(reverse("gateway_accounts:add"), form())

    assert all(f"?gateway={slug}" in html for slug in ("simulator", "ovh", "brevo", "generic_http"))
    with scope(workspace=workspace):
        assert (response.status_code, GatewayAccount.objects.count()) == (200, 0)


def test_a_real_account_keeps_what_was_typed_sealed_and_knows_itself_again(owner_client, workspace):
    response = owner_client.post(reverse("gateway_accounts:add") + "?gateway=ovh", form(stop_number="", **typed()))

    with scope(workspace=workspace):
        account = GatewayAccount.objects.get()
    assert response.status_code == 302
    assert account.credentials == {**OVH.credentials, "takes_answers": False}
    assert len(account.identity_hash) == 32


def test_what_the_provider_needs_is_asked_for(owner_client, workspace):
    url = reverse("gateway_accounts:add") + "?gateway=ovh"

    response = owner_client.post(url, form(**typed(consumer_key="", service_name="my shop")))

    assert response.status_code == 200
    assert set(response.context["form"].config.errors) == {"consumer_key", "service_name"}
    assert SECRETS[0] not in response.content.decode()


def test_a_secret_left_empty_stays_and_a_new_one_replaces_it(owner_client, real_account):
    url = reverse("gateway_accounts:edit", args=[real_account.pk])

    kept = owner_client.post(url, form(stop_number="", **typed(application_secret="", consumer_key="")))
    real_account.refresh_from_db()
    before = real_account.credentials["consumer_key"]
    owner_client.post(url, form(stop_number="", **typed(application_secret="", consumer_key="another")))
    real_account.refresh_from_db()

    assert (kept.status_code, before) == (302, SECRETS[1])
    assert real_account.credentials["application_secret"] == SECRETS[0]
    assert real_account.credentials["consumer_key"] == "another"


@pytest.mark.parametrize("spelling", ["sms-ab12345-1", "sms-AB12345-1"])
def test_an_account_at_a_provider_serves_one_workspace(owner_client, workspace, other_workspace, spelling):
    make_real(other_workspace)
    url = reverse("gateway_accounts:add") + "?gateway=ovh"

    response = owner_client.post(url, form(**typed(service_name=spelling, consumer_key="of another token")))

    html = response.content.decode()
    assert response.status_code == 200
    assert "These credentials are in use already." in html
    assert other_workspace.name not in html
    with scope(workspace=workspace):
        assert GatewayAccount.objects.count() == 0


def test_the_database_itself_refuses_a_second_one(workspace, other_workspace):
    first = make_real(other_workspace)

    with pytest.raises(CredentialsTaken):
        make_real(workspace)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_account(workspace, gateway="ovh", identity_hash=first.identity_hash)


def test_any_number_of_simulators_is_fine(owner_client, workspace, other_workspace):
    make_account(other_workspace)

    for name in ("One", "Two"):
        owner_client.post(reverse("gateway_accounts:add") + "?gateway=simulator", form(name=name))

    with scope(workspace=workspace):
        assert GatewayAccount.objects.count() == 2


def test_a_trial_says_that_all_is_well_and_what_is_still_to_do(owner_client, real_account, provider):
    response = owner_client.post(reverse("gateway_accounts:test", args=[real_account.pk]), follow=True)

    html = response.content.decode()
    real_account.refresh_from_db()
    assert "The provider answered and knows these credentials." in html
    assert "STOP reaches us once a day only" in html
    assert "204,50 credits" in html
    assert (str(real_account.balance), real_account.check_error) == ("1204.5000", "")
    assert provider.submissions == []


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(403, b'{"errorCode": "INVALID_CREDENTIAL", "message": "no"}'), "refuses these credentials"),
        (Answer(402, b"{}"), "no credit left"),
        (Answer(429, b"{}"), "asks us to wait"),
        (Answer(200, b"<html>"), "could not be understood"),
        (Answer(500, b""), "could not be understood"),
    ],
)
def test_a_trial_that_fails_says_what_happened_and_what_to_do(
    owner_client, real_account, provider, monkeypatch, answer, words
):
    honest = provider.answer
    monkeypatch.setattr(provider, "answer", lambda request: honest(request) if request.path == "/auth/time" else answer)

    response = owner_client.post(reverse("gateway_accounts:test", args=[real_account.pk]), follow=True)

    assert words in response.content.decode()


def test_a_provider_that_is_not_there_is_told_apart(owner_client, real_account, monkeypatch):
    place_ovh(monkeypatch, OVH.credentials, "http://127.0.0.1:9")

    response = owner_client.post(reverse("gateway_accounts:test", args=[real_account.pk]), follow=True)

    assert "be reached" in response.content.decode()


def test_an_account_that_works_again_waits_no_longer(real_account, provider):
    real_account.paused_until, real_account.check_error = TUESDAY, ErrorClass.AUTH
    real_account.save()

    found = try_account(account=real_account, now=TUESDAY)

    real_account.refresh_from_db()
    assert isinstance(found, Connected)
    assert (real_account.paused_until, real_account.check_error, real_account.checked_at) == (None, "", TUESDAY)


def test_a_trial_is_asked_for_by_post_and_by_owners_only(account, workspace):
    url = reverse("gateway_accounts:test", args=[account.pk])
    client = Client()
    client.force_login(make_member(workspace, Role.MARKETER))

    client.post(url)

    account.refresh_from_db()
    assert account.checked_at is None


def test_how_an_account_stands_is_the_first_thing_that_keeps_messages_back(workspace, real_account, settings):
    def stands(**changes):
        for name, value in changes.items():
            setattr(real_account, name, value)
        return str(state_of(real_account, TUESDAY).words)

    found = [stands(), stands(check_error="auth"), stands(is_enabled=False), stands(gateway="gone")]
    settings.LIVE_INSTALLATION = live_id()
    found += [
        stands(gateway="ovh", is_enabled=True, check_error="", paused_until=TUESDAY + MINUTE),
        stands(paused_until=TUESDAY),
    ]

    assert found == ["not live", "trouble", "switched off", "not installed", "paused", "live"]
    assert str(state_of(make_account(workspace), TUESDAY).words) == "simulated"


def test_a_gateway_that_is_not_installed_is_named():
    with pytest.raises(UnknownGateway, match="carrier-pigeon"):
        gateway_class("carrier-pigeon")
