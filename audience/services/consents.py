import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django_scopes import scope

from accounts.keys import opt_out_hash
from accounts.models import Workspace
from audience.models import Consent, ConsentAct, ConsentEvidence, Contact, LegalBasis
from audience.queries import has_consent
from audience.services.activity import note_activity


class MissingProof(Exception):
    """A consent without source, wording or date proves nothing."""


class NothingToWithdraw(Exception):
    """There is no consent for this purpose."""


@transaction.atomic
def grant_consent(
    *,
    workspace: Workspace,
    contact: Contact,
    purpose: str,
    source: str,
    wording: str,
    occurred_at: datetime,
    now: datetime,
    act: str = ConsentAct.GRANTED,
    evidence: Mapping[str, Any] | None = None,
    **details: str,
) -> Consent:
    """A yes in the ledger. `details` are `legal_basis`, `wording_version`, `collected_by`. Raises MissingProof.

    It never lifts an opt-out.
    """
    check_proof(source=source, wording=wording, occurred_at=occurred_at, now=now)
    details.setdefault("legal_basis", LegalBasis.OPT_IN)
    with scope(workspace=workspace):
        consent = Consent.objects.create(
            workspace=workspace,
            contact=contact,
            number_hash=opt_out_hash(contact.phone),
            purpose=purpose,
            act=act,
            source=source,
            wording=wording,
            occurred_at=occurred_at,
            recorded_at=now,
            evidence_hash=hash_of(evidence),
            **details,
        )
        keep_evidence(consent, evidence)
        note_activity(moments={contact.pk: occurred_at})
    return consent


@transaction.atomic
def withdraw_consent(*, workspace: Workspace, contact: Contact, purpose: str, source: str, now: datetime) -> Consent:
    """A no in the ledger, from somebody who had said yes. Raises NothingToWithdraw."""
    if not has_consent(contact=contact, purpose=purpose):
        raise NothingToWithdraw
    with scope(workspace=workspace):
        return Consent.objects.create(
            workspace=workspace,
            contact=contact,
            number_hash=opt_out_hash(contact.phone),
            purpose=purpose,
            act=ConsentAct.WITHDRAWN,
            source=source,
            occurred_at=now,
            recorded_at=now,
        )


def check_proof(*, source: str, wording: str, occurred_at: datetime | None, now: datetime) -> None:
    """Raises MissingProof, saying what is missing."""
    if not source.strip():
        raise MissingProof(_("Say where the consent was given."))
    if not wording.strip():
        raise MissingProof(_("Give the exact words that people agreed to."))
    if occurred_at is None:
        raise MissingProof(_("Say when the consent was given."))
    if occurred_at > now:
        raise MissingProof(_("A consent can't be given in the future."))


def hash_of(evidence: Mapping[str, Any] | None) -> bytes | None:
    if evidence is None:
        return None
    return hashlib.sha256(json.dumps(evidence, sort_keys=True, default=str).encode()).digest()


def keep_evidence(consent: Consent, evidence: Mapping[str, Any] | None) -> None:
    if evidence is not None:
        ConsentEvidence.objects.create(workspace=consent.workspace, consent=consent, content=dict(evidence))
