"""The audit log: every look at, and every export or removal of, personal data."""

from datetime import datetime

from accounts.models import User
from accounts.queries import current_workspace
from audience.models import AuditEntry, Contact


def note(
    *, action: str, by: User | None, now: datetime, contact: Contact | None = None, count: int = 1, reason: str = ""
) -> AuditEntry:
    """One line in the log of the current workspace; `reason` never holds a name or a number."""
    return AuditEntry.objects.create(
        workspace=current_workspace(),
        action=action,
        actor=by,
        contact=contact,
        contact_number=contact.pk if contact else None,
        count=count,
        reason=reason[:200],
        happened_at=now,
    )
