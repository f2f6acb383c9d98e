"""What time a workspace believes it is: simulated while its demo clock runs, real otherwise.

`due_at` of messages is on this clock; leases, rates and everything a provider tells are on the real one.
"""

from datetime import datetime, timedelta

from django_scopes import scope

from accounts.models import Workspace
from messaging.models import DemoClock


def offset_of(workspace: Workspace) -> timedelta:
    """How far the workspace's clock is ahead of the real one."""
    with scope(workspace=workspace):
        clock = DemoClock.objects.filter(is_on=True).first()
    return clock.shows_at - clock.set_at if clock else timedelta()


def workspace_now(workspace: Workspace, now: datetime) -> datetime:
    return now + offset_of(workspace)
