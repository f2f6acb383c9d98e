from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django_scopes import scope

from accounts.models import Workspace
from audience.ledger.form import evidence_of, hash_of
from audience.models import Consent, ConsentAct, Contact, LegalBasis, OptOutScope, Purpose
from audience.queries import has_consent, opt_outs_of, settings_of
from audience.services.activity import note_activity
from audience.services.ledger import write_row
from audience.services.opt_outs import lift_opt_out, record_opt_out

__all__ = [
    "MissingProof",
    "NothingToWithdraw",
    "check_proof",
    "confirm_consent",
    "evidence_of",
    "grant_consent",
    "hash_of",
    "note_request",
    "withdraw_consent",
]


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
    evidence: Mapping[str, Any] | None = None,
    **details: str,
) -> Consent:
    """A yes in the ledger. `details` are `legal_basis`, `wording_version`, `collected_by`. Raises MissingProof.

    It never lifts an opt-out. "Existing customer" has to be switched on, and names the order in its evidence.
    """
    check_proof(source=source, wording=wording, occurred_at=occurred_at, now=now)
    if details.setdefault("legal_basis", LegalBasis.OPT_IN) == LegalBasis.EXISTING_CUSTOMER:
        _check_customer(workspace, evidence)
    return _yes(
        workspace,
        contact,
        act=ConsentAct.GRANTED,
        purpose=purpose,
        source=source,
        wording=wording,
        occurred_at=occurred_at,
        now=now,
        evidence=evidence,
        **details,
    )


@transaction.atomic
def note_request(
    *,
    workspace: Workspace,
    contact: Contact,
    source: str,
    wording: str,
    now: datetime,
    evidence: Mapping[str, Any] | None = None,
    **details: str,
) -> Consent:
    """They read these words and were asked to confirm: written down, and allows nothing. Raises MissingProof."""
    check_proof(source=source, wording=wording, occurred_at=now, now=now)
    return _yes(
        workspace,
        contact,
        act=ConsentAct.REQUESTED,
        purpose=Purpose.MARKETING,
        source=source,
        wording=wording,
        occurred_at=now,
        now=now,
        evidence=evidence,
        **details,
    )


@transaction.atomic
def confirm_consent(
    *,
    workspace: Workspace,
    contact: Contact,
    source: str,
    wording: str,
    occurred_at: datetime,
    now: datetime,
    evidence: Mapping[str, Any] | None = None,
    **details: str,
) -> Consent:
    """A yes to marketing from the very phone: the only act that lifts an earlier opt-out (docs/decisions/0011).

    Raises MissingProof.
    """
    check_proof(source=source, wording=wording, occurred_at=occurred_at, now=now)
    consent = _yes(
        workspace,
        contact,
        act=ConsentAct.CONFIRMED,
        purpose=Purpose.MARKETING,
        source=source,
        wording=wording,
        occurred_at=occurred_at,
        now=now,
        evidence=evidence,
        **details,
    )
    with scope(workspace=workspace):
        lift_opt_out(
            workspace=workspace, phone=contact.phone, scope=OptOutScope.MARKETING, said_at=occurred_at, now=now
        )
    return consent


@transaction.atomic
def withdraw_consent(*, workspace: Workspace, contact: Contact, purpose: str, source: str, now: datetime) -> Consent:
    """A no in the ledger, from somebody who had said yes. Raises NothingToWithdraw.

    For marketing that is an opposition: it outlives the contact as any STOP does.
    """
    if not has_consent(contact=contact, purpose=purpose):
        raise NothingToWithdraw
    with scope(workspace=workspace):
        is_opposed = opt_outs_of(contact.phone).filter(scope=purpose).exists()
        if purpose in OptOutScope.values and not is_opposed:
            record_opt_out(workspace=workspace, phone=contact.phone, scope=purpose, source=source, now=now)
            return Consent.objects.filter(contact=contact, purpose=purpose, act=ConsentAct.WITHDRAWN).latest("pk")
        return _row(
            workspace,
            contact,
            purpose=purpose,
            act=ConsentAct.WITHDRAWN,
            source=source,
            occurred_at=now,
            now=now,
        )


def _yes(workspace: Workspace, contact: Contact, **said: Any) -> Consent:
    with scope(workspace=workspace):
        consent = _row(workspace, contact, **said)
        note_activity(moments={contact.pk: consent.occurred_at})
    return consent


def _row(workspace: Workspace, contact: Contact, **said: Any) -> Consent:
    return write_row(workspace=workspace, phone=contact.phone, contact=contact, **said)


def _check_customer(workspace: Workspace, evidence: Mapping[str, Any] | None) -> None:
    if not settings_of(workspace).existing_customers:
        raise MissingProof(_("Writing to existing customers is not switched on."))
    if not (evidence or {}).get("order"):
        raise MissingProof(_("An existing customer is somebody with a recorded order: name it."))


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
