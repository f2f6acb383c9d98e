"""Oppositions: the ledger's row and the gate's projection, always in one transaction."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django_scopes import scope as workspace_scope

from accounts.keys import opt_out_hash, opt_out_hashes
from accounts.models import Workspace
from audience.models import Block, Consent, ConsentAct, Contact, OptOut
from audience.phone import canonical
from audience.queries import contact_of, opt_outs_of
from audience.services.ledger import count_anew, write_row

# What follows the number of somebody who was erased and comes back: every no, and no yes.
NO = (ConsentAct.WITHDRAWN, ConsentAct.HELD, ConsentAct.RELEASED)


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
    """This number says no to this scope: once in the ledger, and for the gate. Said again, it only counts as later."""
    number = canonical(phone, workspace.country)
    with workspace_scope(workspace=workspace):
        # Whoever is just changing numbers takes this no along, or has left this number before it was said.
        contact = contact_of(workspace=workspace, phone=number, is_locked=True)
        if known := opt_outs_of(number).filter(scope=scope).select_for_update().first():
            return _say_again(known, now)
        opt_out, is_new = OptOut.objects.get_or_create(
            workspace=workspace,
            number_hash=opt_out_hash(number),
            scope=scope,
            defaults={"contact": contact, "source": source, "opted_out_at": now},
        )
        if is_new:
            _write_no(opt_out, number, contact, source=source, said_at=now, now=now, evidence=evidence)
        if is_new and contact is None:
            # A contact that is being added at this very moment is visible only when both are committed.
            transaction.on_commit(partial(_give_to_contact, workspace, number), robust=True)
    return opt_out


def lift_opt_out(*, workspace: Workspace, phone: str, scope: str, said_at: datetime, now: datetime) -> bool:
    """The number said yes itself at `said_at`: an older no is over. Whether one was.

    Called by the two acts that may lift one, after they have written their own row: a confirmation from the phone
    (marketing), and the preference page (service). A no said since then stays, and gets its own row in the ledger.
    """
    was_opposed = False
    for opt_out in opt_outs_of(phone).filter(scope=scope).select_for_update():
        if opt_out.last_said_at < said_at:
            opt_out.delete()
            was_opposed = True
        elif opt_out.opted_out_at < said_at:
            last = opt_out.last_said_at
            _write_no(opt_out, phone, opt_out.contact, source=opt_out.source, said_at=last, now=now, evidence=None)
            OptOut.objects.filter(pk=opt_out.pk).update(opted_out_at=last, repeated_at=None)
    return was_opposed


def claim_oppositions(*, workspace: Workspace, contacts: Mapping[str, int]) -> None:
    """What these new contacts (keys by E.164 number) said no to when they were none, or before they were erased.

    Under whichever key it was written. What they once agreed to does not come back.
    """
    owners = {digest: key for phone, key in contacts.items() for digest in opt_out_hashes(phone)}
    with workspace_scope(workspace=workspace):
        _claim(OptOut.objects.all(), owners)
        _claim(Block.objects.all(), owners)
        count_anew(_claim(Consent.objects.filter(act__in=NO), owners))


def _claim(rows: QuerySet[Any], owners: Mapping[bytes, int]) -> set[int]:
    """Rows of nobody become those of the contacts with these hashes; whose they are now."""
    claimed = list(rows.filter(number_hash__in=list(owners), contact=None).only("pk", "number_hash"))
    for row in claimed:
        row.contact_id = owners[bytes(row.number_hash)]
    rows.model._default_manager.bulk_update(claimed, ["contact"])
    return {row.contact_id for row in claimed}


def _give_to_contact(workspace: Workspace, number: str) -> None:
    if contact := contact_of(workspace=workspace, phone=number):
        claim_oppositions(workspace=workspace, contacts={number: contact.pk})


def _say_again(opt_out: OptOut, now: datetime) -> OptOut:
    if now > opt_out.last_said_at:
        OptOut.objects.filter(pk=opt_out.pk).update(repeated_at=now)
    return opt_out


def _write_no(
    opt_out: OptOut,
    phone: str,
    contact: Contact | None,
    *,
    source: str,
    said_at: datetime,
    now: datetime,
    evidence: Mapping[str, Any] | None,
) -> Consent:
    return write_row(
        workspace=opt_out.workspace,
        phone=phone,
        contact=contact,
        purpose=opt_out.scope,  # the scopes of an opposition are purposes of the ledger
        act=ConsentAct.WITHDRAWN,
        source=source,
        occurred_at=said_at,
        now=now,
        evidence=evidence,
    )
