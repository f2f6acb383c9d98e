import pytest
from django_scopes import scope

from audience.models import OptOutScope
from audience.queries import is_opted_out
from integrations.models import GatewayAccount
from integrations.services.accounts import save_account
from integrations.services.oppositions import collect_oppositions
from messaging.models import InboundMessage
from tests.factories import TUESDAY, make_account
from tests.integrations.providers.rehearsals import GOOD, OVH, OvhProvider, place_ovh
from tests.integrations.providers.stage import Answer, on_stage


@pytest.fixture
def provider(monkeypatch):
    provider = OvhProvider()
    with on_stage(provider) as address:
        provider.address = address
        place_ovh(monkeypatch, OVH.credentials, address)
        yield provider


@pytest.fixture
def account(workspace):
    with scope(workspace=workspace):
        unsaved = GatewayAccount(workspace=workspace, gateway="ovh", name="OVH")
        return save_account(account=unsaved, credentials=OVH.credentials)


def said_no(workspace) -> bool:
    with scope(workspace=workspace):
        return is_opted_out(workspace=workspace, phone=GOOD, scope=OptOutScope.MARKETING)


def test_a_stop_that_only_the_provider_knew_is_one_of_ours_and_of_this_workspace_only(
    account, provider, workspace, other_workspace
):
    make_account(other_workspace)

    told = [collect_oppositions(now=TUESDAY) for _ in range(2)]

    with scope(workspace=workspace):
        assert InboundMessage.objects.count() == 1
    assert told == [1, 1]
    assert (said_no(workspace), said_no(other_workspace)) == (True, False)


@pytest.mark.parametrize("answer", [Answer(500), Answer(200, b"<html>"), Answer(200, b"7")])
def test_a_provider_that_cannot_be_asked_keeps_nobody_from_being_asked(
    account, provider, monkeypatch, workspace, answer
):
    make_account(workspace, gateway="gone")
    monkeypatch.setattr(provider, "_tell", lambda _request: answer)

    assert collect_oppositions(now=TUESDAY) == 0


def test_an_account_that_is_switched_off_is_not_asked(account, provider, workspace):
    account.is_enabled = False
    account.save()

    assert collect_oppositions(now=TUESDAY) == 0
    assert not said_no(workspace)
