"""What time a workspace believes it is: simulated while its demo clock runs, real otherwise.

`due_at` of messages is on this clock; leases, rates and everything a provider tells are on the real one.
"""

from datetime import datetime, timedelta

from django_scopes import scope

from accounts.models import Workspace
from integrations.gateways.registry import UnknownGateway, gateway_class
from integrations.models import GatewayAccount
from messaging.models import DemoClock


def is_possible(workspace: Workspace) -> bool:
    """Whether every account of the workspace is a simulator."""
    with scope(workspace=workspace):
        gateways = GatewayAccount.objects.order_by().values_list("gateway", flat=True).distinct()
        return all(map(_is_simulator, gateways))


def _is_simulator(slug: str) -> bool:
    try:
        return gateway_class(slug).capabilities.is_simulator
    except UnknownGateway:
        return False


def offset_of(workspace: Workspace) -> timedelta:
    """How far the workspace's clock is ahead of the real one."""
    with scope(workspace=workspace):
        clock = DemoClock.objects.filter(is_on=True).first()
    return clock.shows_at - clock.set_at if clock and is_possible(workspace) else timedelta()


def workspace_now(workspace: Workspace, now: datetime) -> datetime:
    return now + offset_of(workspace)
