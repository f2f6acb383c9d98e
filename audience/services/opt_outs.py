from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django_scopes import scope as workspace_scope

from accounts.keys import opt_out_hash
from accounts.models import Workspace
from audience.models import Consent, ConsentAct, Contact, OptOut
from audience.phone import canonical
from audience.queries import contact_of, opt_outs_of
from audience.services.consents import hash_of, keep_evidence
from audience.services.contacts import claim_opt_outs


@transaction.atomic
def record_opt_out(
    *,
    workspace: Workspace,
    phone: str,
    scope: str,
    source: str,
    now: datetime,
    evidence: Mapping[str, Any] | None = None,
) -> OptOut:
    """This number says no to this scope: once in the ledger, and for the gate. Said twice, it changes nothing."""
    number = canonical(phone, workspace.country)
    with workspace_scope(workspace=workspace):
        known = opt_outs_of(number).filter(scope=scope).first()
        if known:
            return known
        contact = contact_of(workspace=workspace, phone=number)
        opt_out, is_new = OptOut.objects.get_or_create(
            workspace=workspace,
            number_hash=opt_out_hash(number),
            scope=scope,
            defaults={"contact": contact, "source": source, "opted_out_at": now},
        )
        if is_new:
            _write_ledger(opt_out, contact, evidence)
        if is_new and contact is None:
            # A contact that is being added at this very moment is visible only when both are committed.
            transaction.on_commit(partial(_give_to_contact, workspace, number), robust=True)
    return opt_out


def _give_to_contact(workspace: Workspace, number: str) -> None:
    if contact := contact_of(workspace=workspace, phone=number):
        claim_opt_outs(contact)


def _write_ledger(opt_out: OptOut, contact: Contact | None, evidence: Mapping[str, Any] | None) -> None:
    consent = Consent.objects.create(
        workspace=opt_out.workspace,
        contact=contact,
        number_hash=opt_out.number_hash,
        purpose=opt_out.scope,  # the scopes of an opposition are purposes of the ledger
        act=ConsentAct.WITHDRAWN,
        source=opt_out.source,
        occurred_at=opt_out.opted_out_at,
        recorded_at=opt_out.opted_out_at,
        evidence_hash=hash_of(evidence),
    )
    keep_evidence(consent, evidence)
