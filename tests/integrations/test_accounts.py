from io import StringIO

import pytest
from django.core.management import call_command

from integrations.gateways.base import Capabilities
from integrations.gateways.simulator import SimulatorGateway
from integrations.models import Installation
from integrations.services.accounts import live_id, may_send
from tests.factories import make_account


class PaidGateway(SimulatorGateway):
    slug = "paid"
    capabilities = Capabilities()


@pytest.fixture
def paid_account(workspace, settings):
    settings.GATEWAYS = [*settings.GATEWAYS, f"{__name__}.PaidGateway"]
    return make_account(workspace, gateway="paid")


def printed_id() -> str:
    out = StringIO()
    call_command("live_id", stdout=out)
    return out.getvalue().strip()


def test_a_simulator_may_send_without_ado(workspace):
    assert may_send(make_account(workspace))
    assert Installation.objects.count() == 0


def test_a_disabled_account_may_not_send(workspace):
    assert not may_send(make_account(workspace, is_enabled=False))


@pytest.mark.parametrize("setting", ["", "yes", "0123456789abcdef"])
def test_a_real_account_may_not_send_unless_this_installation_is_named(paid_account, settings, setting):
    settings.LIVE_INSTALLATION = setting

    assert not may_send(paid_account)


def test_a_real_account_may_send_where_the_printed_id_is_set(paid_account, settings):
    settings.LIVE_INSTALLATION = printed_id()

    assert may_send(paid_account)


def test_a_copy_under_another_address_is_not_live(paid_account, settings):
    settings.LIVE_INSTALLATION = live_id()
    settings.BASE_URL = "https://staging.example"

    assert not may_send(paid_account)


def test_an_account_whose_gateway_is_gone_may_not_send(workspace):
    assert not may_send(make_account(workspace, gateway="gone"))
