"""Numbers that fail again and again are left alone: every attempt costs, and none arrives."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, QuerySet, Subquery

from accounts.models import Workspace
from audience.models import Block, Contact
from audience.queries import settings_of
from audience.services.blocks import block_number
from integrations.gateways.base import ErrorClass
from integrations.models import GatewayAccount
from messaging.models import Attempt, Message

State = Message.State
# A phone that is switched off expires; only these say that nobody is there.
PERMANENT = Q(state=State.UNDELIVERED) | Q(state=State.REJECTED, reason=ErrorClass.RECIPIENT)
LOOKS_BACK = timedelta(days=1)


def block_dead_numbers(*, workspace: Workspace, now: datetime) -> int:
    """Block whoever has failed for good since the last look, if the rule of the settings holds; how many are blocked.

    The rule: so many permanent failures since the last delivery, the first and the last of them so many days apart.
    In the workspace's scope.
    """
    dead = list(_dead(workspace, now))
    for contact in Contact.objects.filter(pk__in=dead).iterator():
        block_number(
            workspace=workspace,
            phone=contact.phone,
            kind=Block.Kind.INVALID,
            source="delivery reports",
            now=now,
            bars_service=True,
        )
    return len(dead)


def _dead(workspace: Workspace, now: datetime) -> Iterator[int]:
    settings = settings_of(workspace)
    lasting = timedelta(days=settings.bounce_days)
    for contact, first, last in _failing(now).filter(failures__gte=settings.bounce_count):
        if last - first >= lasting:
            yield contact


def _went_to_todays_number() -> Exists:
    """What became of an earlier number, or of one that came by a merge, says nothing about this one."""
    reached = Attempt.objects.filter(message=OuterRef("pk"), phone_index=OuterRef("contact__phone_index"))
    return Exists(reached.filter(Q(outcome=Attempt.Outcome.ACCEPTED) | Q(error=ErrorClass.RECIPIENT)))


def _failing(now: datetime) -> QuerySet[Any, Any]:
    """Contacts with a fresh failure: when their number first and last failed since a message last arrived there.

    Failures are asked for through the accounts, whose index by state makes this a look-up.
    """
    theirs = Message.objects.filter(_went_to_todays_number(), contact__isnull=False)
    failed = theirs.filter(PERMANENT, account__in=GatewayAccount.objects.all(), finished_at__lte=now)
    fresh = failed.filter(finished_at__gt=now - LOOKS_BACK).exclude(contact__blocks__kind=Block.Kind.INVALID)
    arrived = theirs.filter(contact=OuterRef("contact"), state=State.DELIVERED).order_by("-finished_at")
    since = failed.filter(contact__in=fresh.values("contact")).annotate(
        arrived_at=Subquery(arrived.values("finished_at")[:1])
    )
    since = since.filter(Q(arrived_at=None) | Q(finished_at__gt=F("arrived_at")))
    counted = since.order_by().values("contact").annotate(failures=Count("pk"))
    return counted.annotate(first=Min("finished_at"), last=Max("finished_at")).values_list("contact", "first", "last")
