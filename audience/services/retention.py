"""Contacts who have not been heard of for long are forgotten, once their owner has seen who that will be."""

from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django_scopes import scope

from accounts.models import User, Workspace
from audience.models import AudienceSettings, AuditEntry, Contact
from audience.queries import settings_of
from audience.services.audit import note
from audience.services.erasure import forget

# The list shows whom the next weeks will bring, before it happens.
NOTICE = timedelta(days=30)
PIECE = 200


def months_before(now: datetime, months: int) -> datetime:
    """The same day of an earlier month; the first of the next where that day is missing."""
    year, month = divmod(now.year * 12 + now.month - 1 - months, 12)
    day = datetime(year, month + 1, 1, now.hour, now.minute, now.second, tzinfo=now.tzinfo or UTC)
    return day + timedelta(days=now.day - 1)


def silent_since(settings: AudienceSettings, now: datetime) -> QuerySet[Contact]:
    """Nothing human has come from them for the months that the workspace keeps, and they are not newer themselves."""
    limit = months_before(now, settings.retention_months)
    is_silent = Q(last_active_at__lt=limit) | Q(last_active_at=None)
    return Contact.objects.filter(is_silent, created_at__lt=limit)


@transaction.atomic
def switch_retention(*, workspace: Workspace, is_on: bool, by: User | None, now: datetime) -> AudienceSettings:
    """The owner has seen the list, or wants it to stop."""
    settings = settings_of(workspace)
    settings.retention_is_on = is_on
    settings.save()
    note(action=AuditEntry.Action.RETENTION, by=by, now=now, count=0, reason="on" if is_on else "off")
    return settings


def apply_retention(*, workspace: Workspace, now: datetime) -> int:
    """Forget who is due, where it is switched on; the number of contacts. May stop anywhere and run again."""
    with scope(workspace=workspace):
        settings = settings_of(workspace)
        if not settings.retention_is_on:
            return 0
        forgotten = 0
        while piece := list(silent_since(settings, now).order_by("pk")[:PIECE]):
            _forget_piece(piece, settings, now)
            forgotten += len(piece)
    return forgotten


@transaction.atomic
def _forget_piece(piece: list[Contact], settings: AudienceSettings, now: datetime) -> None:
    for contact in piece:
        forget(contact=contact, now=now)
    note(
        action=AuditEntry.Action.RETENTION, by=None, now=now, count=len(piece), reason=f"{settings.retention_months} m"
    )
