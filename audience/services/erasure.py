"""A person is forgotten: what stays names nobody.

Kept are the keyed hash of an opposition, the ledger's rows without their evidence, and counts.
"""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from audience import registry
from audience.models import AuditEntry, Contact
from audience.services.audit import note

Action = AuditEntry.Action


@transaction.atomic
def erase_contact(*, contact: Contact, by: User | None, now: datetime, reason: str = "") -> None:
    """Every room erases what it holds, then the contact goes; who did it stays in the audit log."""
    note(action=Action.ERASED, by=by, now=now, contact=contact, reason=reason)
    forget(contact=contact, now=now)


@transaction.atomic
def forget(*, contact: Contact, now: datetime) -> None:
    """The erasure itself, for callers that log it in their own way."""
    Contact.objects.select_for_update().get(pk=contact.pk)  # nobody writes to it meanwhile
    for erase in registry.erasures.values():
        erase(contact=contact, now=now)
    Contact.objects.filter(pk=contact.pk).delete()
