"""What was written into forms is forgotten when the workspace no longer keeps contacts that long."""

from datetime import datetime

from django_scopes import scope

from accounts.models import Workspace
from audience.queries import settings_of
from audience.services.retention import months_before
from landing.models import FormAnswer

PIECE = 1_000


def forget_old_answers(*, workspace: Workspace, now: datetime) -> int:
    """Empty answers that are older than the months kept, where that is switched on: how many.

    Also those of nobody we know, and of people who are still there: what they wrote has served. That they answered
    stays counted; a yes stands in the ledger. May stop anywhere and run again.
    """
    with scope(workspace=workspace):
        settings = settings_of(workspace)
        limit, forgotten = months_before(now, settings.retention_months), 0
        old = FormAnswer.objects.filter(workspace=workspace, answered_at__lt=limit, forgotten_at=None)
        while settings.retention_is_on and (piece := list(old.order_by().values_list("pk", flat=True)[:PIECE])):
            forgotten += FormAnswer.objects.filter(pk__in=piece).update(words=[], agreed=[], forgotten_at=now)
    return forgotten
