"""When messages will have left: from the account's rate, the messages an hour, and the hours the law leaves."""

from datetime import datetime, timedelta

from django_scopes import scope

from integrations.models import GatewayAccount
from messaging.clock import workspace_now
from messaging.compliance import NeverLegal, Place, next_legal
from messaging.health import standing_of
from messaging.models import Batch, Message
from messaging.rules import limits_of

# The forecast looks at the clock so often, and so far ahead.
STEP = timedelta(minutes=15)
FARTHEST = timedelta(days=30)
HOUR_SECONDS = 3_600


def finish_of(batch: Batch, now: datetime) -> datetime | None:
    """When the last message that may go leaves, on the workspace's clock: of a pilot, the last of its first share.

    None when nothing waits, or when it takes more than a month.
    """
    with scope(workspace=batch.workspace):
        waiting = Message.objects.filter(batch=batch, state__in=[Message.State.QUEUED, Message.State.CLAIMED]).count()
        rate = standing_of(batch.account, now).rate_per_second
    left = min(waiting, batch.pilot_left) if batch.pilot_left else waiting
    clock = workspace_now(batch.workspace, now)
    return finish_at(batch.account, left, purpose=batch.purpose, per_hour=batch.per_hour, rate=rate, at=clock)


def finish_at(
    account: GatewayAccount,
    messages: int,
    *,
    purpose: str,
    at: datetime,
    per_hour: int | None,
    rate: float | None = None,
) -> datetime | None:
    """When so many messages have left that begin `at`, on the workspace's clock and for people in mainland France.

    `rate` is in messages a second, the account's own without. Others who wait at the account are not counted.
    """
    a_second = account.rate_per_second if rate is None else rate
    if per_hour is not None:
        a_second = min(a_second, per_hour / HOUR_SECONDS)
    if not messages or not a_second:
        return None
    limits, a_step = limits_of(account.workspace, account), a_second * STEP.total_seconds()
    moment, left = at, float(messages)
    try:
        while moment < at + FARTHEST:
            moment = next_legal(purpose=purpose, place=Place(), at=moment, limits=limits)
            if left <= a_step:
                return moment + timedelta(seconds=left / a_second)
            moment, left = moment + STEP, left - a_step
    except NeverLegal:
        return None
    return None
