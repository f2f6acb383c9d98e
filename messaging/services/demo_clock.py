"""The demo clock: trying the product on a Sunday night. Impossible beside a real account."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _
from django_scopes import scope

from accounts.models import Workspace
from integrations.models import GatewayAccount
from messaging.clock import is_possible, offset_of
from messaging.models import DemoClock, Message


class RealAccount(Exception):
    """A workspace that can reach people lives in real time."""


@transaction.atomic
def set_demo_clock(*, workspace: Workspace, shows_at: datetime, now: datetime) -> DemoClock:
    """It is `shows_at` in this workspace from now on: what was due by then is due now. Raises RealAccount."""
    if not is_possible(workspace):
        raise RealAccount(_("There is an account that reaches real people: the clock stays real."))
    before = offset_of(workspace)
    with scope(workspace=workspace):
        values = {"shows_at": shows_at, "set_at": now, "is_on": True}
        clock, _is_new = DemoClock.objects.update_or_create(workspace=workspace, defaults=values)
        _turn_back_queue(shows_at - now - before)
    return clock


@transaction.atomic
def stop_demo_clock(*, workspace: Workspace, now: datetime) -> None:
    """Back to real time; what is queued keeps its distance from now."""
    before = offset_of(workspace)
    with scope(workspace=workspace):
        DemoClock.objects.filter(is_on=True).update(is_on=False)
        _turn_back_queue(-before)


def _turn_back_queue(by: timedelta) -> None:
    """When a clock goes back, what is queued keeps its distance; when it goes on, the hours between have passed."""
    if by >= timedelta():
        return
    waiting = Message.objects.filter(
        account__in=GatewayAccount.objects.all(), state__in=[Message.State.QUEUED, Message.State.CLAIMED]
    )
    waiting.update(due_at=F("due_at") + by)
