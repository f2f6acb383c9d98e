"""Delivery reports: by provider id or by our reference, in any order, any number of times, even before the answer."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django_scopes import scope

from integrations.gateways.base import DeliveryReport
from integrations.models import GatewayAccount
from messaging.models import Attempt, ReportEvent
from messaging.services.settling import lock, owners_of_ids, settle_locked


@transaction.atomic
def take_reports(*, account: GatewayAccount, reports: Sequence[DeliveryReport], now: datetime) -> None:
    """Keep every report, once, and bring its message to the state that all reports add up to.

    A report that fits no attempt yet is kept as an orphan and adopted when the attempt learns its ids.
    """
    with scope(workspace=account.workspace):
        owners = _owners_of(account, reports)
        messages = lock(message for _attempt, message in owners.values())
        rows = [_row(account, report, owners, now) for report in reports]
        ReportEvent.objects.bulk_create(rows, ignore_conflicts=True)
        settle_locked(messages, now=now)


def _row(
    account: GatewayAccount, report: DeliveryReport, owners: dict[str, tuple[UUID, int]], now: datetime
) -> ReportEvent:
    owner = owners.get(report.provider_id) or owners.get(str(_as_uuid(report.reference)))
    return ReportEvent(
        workspace_id=account.workspace_id,
        account=account,
        attempt_id=owner[0] if owner else None,
        provider_id=report.provider_id[:120],
        reference=report.reference[:60],
        status=report.status,
        code=report.code[:40],
        occurred_at=report.occurred_at,
        received_at=now,
    )


def _owners_of(account: GatewayAccount, reports: Sequence[DeliveryReport]) -> dict[str, tuple[UUID, int]]:
    """Attempt and message by provider id and by reference."""
    by_id = owners_of_ids(account, {report.provider_id for report in reports if report.provider_id})
    references = {uuid for report in reports if (uuid := _as_uuid(report.reference))}
    attempts = Attempt.objects.filter(account=account, pk__among=references).values_list("pk", "message")
    return by_id | {str(pk): (pk, message) for pk, message in attempts}


def _as_uuid(reference: str) -> UUID | None:
    try:
        return UUID(reference)
    except ValueError:
        return None
