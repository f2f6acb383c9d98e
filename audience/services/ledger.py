"""The one place that writes rows of the ledger, one at a time; imports write theirs in bulk, in the same form."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accounts.keys import opt_out_hash
from accounts.models import Workspace
from audience.ledger.form import evidence_of, hash_of
from audience.models import Consent, ConsentEvidence, Contact


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
    return consent
