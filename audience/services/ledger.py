"""The one place that writes rows of the ledger, one at a time; imports write theirs in bulk, in the same form.

Whoever writes a last word, or gives one to another contact, has it counted anew in the same transaction.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django_scopes import scope

from accounts.keys import opt_out_hash
from accounts.models import Workspace
from audience.ledger.form import evidence_of, hash_of
from audience.models import LAST_WORDS, Consent, ConsentEvidence, Contact, Purpose
from audience.standing import is_miscounted

CHUNK = 500


def write_row(
    *,
    workspace: Workspace,
    phone: str,
    contact: Contact | None,
    occurred_at: datetime,
    now: datetime,
    evidence: Mapping[str, Any] | None = None,
    **said: str,
) -> Consent:
    """A row and its evidence, in the caller's scope and transaction. `phone` is E.164; `said` are the other columns."""
    kept = evidence_of(evidence)
    consent = Consent.objects.create(
        workspace=workspace,
        contact=contact,
        number_hash=opt_out_hash(phone),
        occurred_at=occurred_at,
        recorded_at=now,
        evidence_hash=hash_of(kept),
        **said,
    )
    if kept is not None:
        ConsentEvidence.objects.create(workspace=workspace, consent=consent, content=kept)
    if contact and consent.purpose == Purpose.MARKETING and consent.act in LAST_WORDS:
        count_anew([contact.pk])
    return consent


def count_anew(contacts: Collection[int]) -> int:
    """`Contact.has_agreed` becomes what the ledger says; how many of these contacts had it otherwise."""
    keys = sorted(contacts)
    return sum(_count_anew(keys[start : start + CHUNK]) for start in range(0, len(keys), CHUNK))


def recount(*, workspace: Workspace) -> int:
    """All contacts of the workspace: how many were counted otherwise than their ledger says. Nobody, or it is a bug."""
    with scope(workspace=workspace):
        return count_anew(list(Contact.objects.filter(is_miscounted()).values_list("pk", flat=True)))


@transaction.atomic
def _count_anew(keys: list[int]) -> int:
    contacts = Contact.objects.filter(pk__in=keys)
    # Whoever writes about the same person at this moment is waited for, and then read.
    list(contacts.order_by("pk").select_for_update(no_key=True).values_list("pk"))
    return contacts.filter(is_miscounted()).update(has_agreed=~F("has_agreed"))
