"""One chunk of an import, in one transaction with a constant number of queries."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from accounts.keys import seal_many
from audience.bulk import append_rows, insert_rows, update_contacts
from audience.judging import Proof, Row
from audience.ledger.form import canonical, evidence_of
from audience.models import (
    Consent,
    ConsentAct,
    ConsentEvidence,
    Contact,
    ContactImport,
    ListMembership,
    Purpose,
    Tag,
    Tagging,
)
from audience.numbers import Known, late_oppositions, look_up
from audience.phone import mask
from audience.services.activity import note_activity
from audience.services.dates import keep_dates
from audience.services.ledger import count_anew
from audience.services.opt_outs import claim_oppositions

FACTS = (
    "first_name", "last_name", "birth_date", "gender", "email", "postcode", "city", "country", "language",
)  # fmt: skip
EMPTY = {name: Contact._meta.get_field(name).get_default() for name in FACTS}  # type: ignore[union-attr]


@dataclass
class Outcome:
    """What a chunk brought."""

    added: int = 0
    known: int = 0
    duplicates: int = 0
    opted_out: int = 0
    consented: int = 0
    ids: dict[str, int] = field(default_factory=dict)
    by_hash: dict[bytes, str] = field(default_factory=dict)


def store_rows(contact_import: ContactImport, rows: Sequence[Row], seen: "Seen", now: datetime) -> Outcome:
    """Contacts, memberships, tags, consents and their evidence. IntegrityError: somebody else adds the same number."""
    merged = merge_rows(rows, contact_import.merge_rule)
    known = look_up(contact_import.workspace, list(merged))
    new = {number: row for number, row in merged.items() if number not in known.contacts}
    outcome = Outcome(ids={number: contact.pk for number, contact in known.contacts.items()}, by_hash=known.by_hash)
    outcome.ids |= zip(new, _add(contact_import, new, known), strict=True)
    _claim(contact_import, outcome, known.unclaimed & new.keys())
    _update(contact_import, merged, known)
    _keep_dates(contact_import, outcome, merged)
    _put_in_list(contact_import, outcome, new)
    _tag(contact_import, outcome, merged)
    outcome.opted_out = sum(not seen.has(number) for number in known.opposed_at)
    outcome.consented = _grant(contact_import, outcome, merged, known, now)
    outcome.added = len(new)
    outcome.known = sum(not seen.has(number) for number in known.contacts)
    outcome.duplicates = len(rows) - outcome.added - outcome.known
    return outcome


class Seen:
    """The numbers of a file, a bit each: a million of them are some forty megabytes."""

    PAGE = 1 << 11

    def __init__(self) -> None:
        self.pages: dict[int, bytearray] = {}

    def add(self, numbers: Iterable[str]) -> None:
        for number in numbers:
            page, place = divmod(int(number[1:]), self.PAGE)
            bits = self.pages.setdefault(page, bytearray(self.PAGE // 8))
            bits[place >> 3] |= 1 << (place & 7)

    def has(self, number: str) -> bool:
        page, place = divmod(int(number[1:]), self.PAGE)
        bits = self.pages.get(page)
        return bits is not None and bool(bits[place >> 3] & 1 << (place & 7))


def merge_rows(rows: Iterable[Row], rule: str) -> dict[str, Row]:
    """One row a number: a second line about the same person is told as a known contact is."""
    merged: dict[str, Row] = {}
    for row in rows:
        first = merged.setdefault(row.mobile.e164, row)
        if first is row:
            continue
        first.tags = [*first.tags, *row.tags]
        if rule == ContactImport.Merge.OVERWRITE:
            first.fields, first.attributes = first.fields | row.fields, first.attributes | row.attributes
        elif rule == ContactImport.Merge.FILL:
            first.fields, first.attributes = row.fields | first.fields, row.attributes | first.attributes
        if first.proof is None:
            first.proof, first.unproven, first.order = row.proof, row.unproven, row.order
    return merged


def _add(contact_import: ContactImport, new: dict[str, Row], known: Known) -> list[int]:
    like = Contact(workspace=contact_import.workspace, source=contact_import.file_name[:80])
    names = (
        "phone", "phone_index", "phone_hint", "territory", "time_zone", *FACTS, "attributes", "last_active_at",
        "has_agreed",
    )  # fmt: skip
    sealed = seal_many([number.encode() for number in new])
    return insert_rows(
        workspace_id=contact_import.workspace_id,
        like=like,
        names=names,
        rows=[
            (
                phone, known.indexes[number], mask(number), row.mobile.territory, row.mobile.time_zone,
                *(EMPTY | row.fields).values(), json.dumps(row.attributes) if row.attributes else "{}",
                *_agreement(row.proof if known.may_grant(number) else None),
            )
            for phone, (number, row) in zip(sealed, new.items(), strict=True)
        ],
    )  # fmt: skip


def _agreement(proof: Proof | None) -> tuple[datetime | None, bool]:
    """When somebody new did something last, and whether they have agreed: the row of the ledger is written below."""
    return (proof.occurred_at, True) if proof else (None, False)


def claim_late_opt_outs(contact_import: ContactImport, outcome: Outcome) -> None:
    """After the chunk is committed: an opposition that was written at the same moment was not visible to it."""
    _claim(contact_import, outcome, late_oppositions(contact_import.workspace, outcome.by_hash))


def _claim(contact_import: ContactImport, outcome: Outcome, numbers: Iterable[str]) -> None:
    """What these people said before they were contacts becomes theirs."""
    contacts = {number: outcome.ids[number] for number in numbers}
    if contacts:
        claim_oppositions(workspace=contact_import.workspace, contacts=contacts)


def _update(contact_import: ContactImport, merged: dict[str, Row], known: Known) -> None:
    """What the file says of people who are known already, under the merge rule."""
    changes: dict[str, list[tuple[Any, int]]] = {}
    for number, contact in known.contacts.items():
        for name, value in changes_of(contact, merged[number], contact_import.merge_rule).items():
            changes.setdefault(name, []).append((json.dumps(value) if name == "attributes" else value, contact.pk))
    for name, values in changes.items():
        update_contacts(workspace_id=contact_import.workspace_id, name=name, values=values)


def changes_of(contact: Contact, row: Row, rule: str) -> dict[str, Any]:
    """The new values of the contact's fields that would change."""
    if rule == ContactImport.Merge.KEEP:
        return {}
    overwrites = rule == ContactImport.Merge.OVERWRITE
    # `language` is never empty: its default is what nobody has said.
    changes = {
        name: value
        for name, value in row.fields.items()
        if value != (old := getattr(contact, name)) and (overwrites or old in ("", None))
    }
    attributes = contact.attributes | row.attributes if overwrites else row.attributes | contact.attributes
    return changes | ({"attributes": attributes} if attributes != contact.attributes else {})


def _keep_dates(contact_import: ContactImport, outcome: Outcome, merged: dict[str, Row]) -> None:
    if contacts := [outcome.ids[number] for number, row in merged.items() if row.attributes]:
        keep_dates(workspace=contact_import.workspace, contacts=contacts)


def _put_in_list(contact_import: ContactImport, outcome: Outcome, new: dict[str, Row]) -> None:
    if contact_import.contact_list_id is None:
        return
    like = ListMembership(workspace=contact_import.workspace, contact_list_id=contact_import.contact_list_id)
    rows = [(outcome.ids[number],) for number in new]
    append_rows(workspace_id=contact_import.workspace_id, like=like, names=("contact_id",), rows=rows)
    ListMembership.objects.bulk_create(
        (
            ListMembership(workspace=like.workspace, contact_list_id=like.contact_list_id, contact_id=pk)
            for number, pk in outcome.ids.items()
            if number not in new
        ),
        ignore_conflicts=True,
    )


def _tag(contact_import: ContactImport, outcome: Outcome, merged: dict[str, Row]) -> None:
    wanted = {
        (tag, outcome.ids[number]) for number, row in merged.items() for tag in (*contact_import.tag_names, *row.tags)
    }
    if not wanted:
        return
    workspace, names = contact_import.workspace, {tag for tag, _ in wanted}
    Tag.objects.bulk_create((Tag(workspace=workspace, name=name) for name in sorted(names)), ignore_conflicts=True)
    tags = dict(Tag.objects.filter(name__in=names).values_list("name", "pk"))
    Tagging.objects.bulk_create(
        (Tagging(workspace=workspace, tag_id=tags[name], contact_id=pk) for name, pk in sorted(wanted)),
        ignore_conflicts=True,
    )


def _grant(contact_import: ContactImport, outcome: Outcome, merged: dict[str, Row], known: Known, now: datetime) -> int:
    """The ledger rows that the proofs allow; an import never overrules somebody's own word."""
    rows = [(number, row, row.proof) for number, row in merged.items() if row.proof and known.may_grant(number)]
    # Of new contacts, the row itself says it.
    moments = {
        known.contacts[number].pk: proof.occurred_at
        for number, _, proof in rows
        if proof.occurred_at and number in known.contacts
    }
    note_activity(moments=moments)
    evidence = [canonical(evidence_of(_facts(contact_import, row))) for _, row, _ in rows]
    like = Consent(
        workspace=contact_import.workspace,
        purpose=Purpose.MARKETING,
        act=ConsentAct.GRANTED,
        legal_basis=contact_import.legal_basis,
        recorded_at=now,
    )
    names = (
        "contact_id", "number_hash", "evidence_hash", "source", "wording", "occurred_at", "collected_by",
    )  # fmt: skip
    ids = insert_rows(
        workspace_id=contact_import.workspace_id,
        like=like,
        names=names,
        rows=[
            (outcome.ids[number], known.hashes[number][0], hashlib.sha256(content).digest(), *_told(proof))
            for (number, _, proof), content in zip(rows, evidence, strict=True)
        ],
    )
    append_rows(
        workspace_id=contact_import.workspace_id,
        like=ConsentEvidence(workspace=contact_import.workspace),
        names=("consent_id", "content"),
        rows=list(zip(ids, seal_many(evidence), strict=True)),
    )
    count_anew([outcome.ids[number] for number, _, _ in rows if number in known.contacts or number in known.unclaimed])
    return len(ids)


def _told(proof: Proof) -> tuple[str, str, datetime | None, str]:
    return proof.source, proof.wording, proof.occurred_at, proof.collected_by


def _facts(contact_import: ContactImport, row: Row) -> dict[str, Any]:
    """What proves one line: the file by its hash, the place in it, and what was certified about it."""
    evidence: dict[str, Any] = {
        "file": contact_import.file_name,
        "sha256": contact_import.file_hash.hex(),
        "line": row.line,
    }
    if contact_import.attested:
        evidence["box_not_ticked_beforehand"] = True
    return evidence | ({"order": row.order} if row.order else {})
