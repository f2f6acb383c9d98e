from collections.abc import Iterator

import pytest

from accounts.models import Workspace
from integrations.models import GatewayAccount
from messaging.models import Sender
from shortlinks.models import ShortLink
from tests.factories import make_account, make_link, make_sender
from tests.messaging.scripted import ScriptedGateway


@pytest.fixture(autouse=True)
def gateway(settings) -> Iterator[type[ScriptedGateway]]:
    """The scripted gateway, installed beside the others."""
    paths = ["tests.messaging.scripted.ScriptedGateway", "tests.messaging.scripted.AppendingGateway"]
    settings.GATEWAYS = paths
    ScriptedGateway.reset()
    yield ScriptedGateway
    ScriptedGateway.reset()


@pytest.fixture
def account(workspace: Workspace) -> GatewayAccount:
    return make_account(workspace, gateway="scripted")


@pytest.fixture
def sender(account: GatewayAccount) -> Sender:
    return make_sender(account)


@pytest.fixture
def link(workspace: Workspace) -> ShortLink:
    return make_link(workspace)
