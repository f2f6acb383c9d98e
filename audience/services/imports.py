"""A CSV file becomes contacts, chunk by chunk: every chunk is one transaction with a constant number of queries."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.keys import keyed_index, opt_out_hash
from accounts.models import Workspace
from audience.csvfile import CsvFile, Record, read_csv
from audience.ledger.form import evidence_of, hash_of
from audience.models import (
    Consent,
    ConsentAct,
    ConsentEvidence,
    Contact,
    ContactImport,
    ContactList,
    ListMembership,
    Purpose,
)
from audience.phone import Mobile, NotAMobile, parse_mobile
from audience.queries import with_standing
from audience.services.consents import check_proof
from audience.services.contacts import number_fields
from audience.services.opt_outs import claim_oppositions

CHUNK = 500
# More refusals than these are counted, not kept.
REJECTS_KEPT = 5_000
PROGRESS = ["added", "known", "rejected", "rejects", "consented", "opted_out", "lines_done", "touched_at"]


@dataclass(frozen=True)
class Proof:
    """Where, when and to which words these people agreed."""

    source: str
    wording: str
    occurred_at: datetime | None
    collected_by: str = ""


class ImportTakenOver(Exception):
    """Another worker is bringing this file in."""


class _Refused(Exception):
    def __init__(self, reason: str | Promise) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass
class _Row:
    """A good line: one number, and what the file says about it."""

    record: Record
    mobile: Mobile
    fields: dict[str, str]
    contact: Contact = field(default_factory=Contact)
    is_new: bool = False


@dataclass
class _Chunk:
    rows: list[_Row] = field(default_factory=list)
    rejects: list[dict[str, Any]] = field(default_factory=list)
    last_line: int = 0


@transaction.atomic
def start_import(
    *,
    workspace: Workspace,
    file_name: str,
    content: bytes,
    proof: Proof | None,
    now: datetime,
    contact_list: ContactList | None = None,
    new_list: str = "",
) -> ContactImport:
    """Keeps the file, sealed, for the worker, who fills this list or a new one. Raises UnreadableFile, MissingProof."""
    read_csv(content, workspace.country)
    if proof:
        check_proof(source=proof.source, wording=proof.wording, occurred_at=proof.occurred_at, now=now)
    return ContactImport.objects.create(
        workspace=workspace,
        contact_list=contact_list or ContactList.objects.create(workspace=workspace, name=new_list),
        file_name=file_name[:200],
        file_hash=hashlib.sha256(content).digest(),
        content=content,
        consent_source=proof.source if proof else "",
        consent_wording=proof.wording if proof else "",
        consent_at=proof.occurred_at if proof else None,
        collected_by=proof.collected_by if proof else "",
    )


def run_import(*, contact_import: ContactImport, now: datetime) -> ContactImport:
    """Brings in what is not in yet. After an interruption it goes on behind the last stored line."""
    workspace = contact_import.workspace
    csv_file = read_csv(contact_import.content or b"", workspace.country)
    with override(workspace.language):
        for chunk in _chunks(csv_file, workspace.country):
            if chunk.last_line > contact_import.lines_done:
                _store(contact_import, chunk, now)
    contact_import.state = ContactImport.State.DONE
    contact_import.content = None
    contact_import.save(update_fields=["state", "content", "touched_at"])
    return contact_import


def _chunks(csv_file: CsvFile, country: str) -> Iterator[_Chunk]:
    first_lines: dict[str, int] = {}
    remaining = csv_file.records()
    while records := list(islice(remaining, CHUNK)):
        chunk = _Chunk(last_line=records[-1].line)
        for record in records:
            try:
                chunk.rows.append(_read_row(record, csv_file, country, first_lines))
            except _Refused as refusal:
                chunk.rejects.append({"line": record.line, "reason": str(refusal.reason), "cells": record.cells})
        yield chunk


def _read_row(record: Record, csv_file: CsvFile, country: str, first_lines: dict[str, int]) -> _Row:
    if record.error:
        raise _Refused(record.error)
    values = {name: record.cell(index) for name, index in csv_file.columns.items()}
    try:
        mobile = parse_mobile(values.pop("phone"), country)
    except NotAMobile as error:
        raise _Refused(error.reason) from error
    _check_fields(values)
    first_line = first_lines.setdefault(mobile.e164, record.line)
    if first_line != record.line:
        raise _Refused(_("The same number stands on line %(line)d already.") % {"line": first_line})
    return _Row(record, mobile, {name: value for name, value in values.items() if value})


def _check_fields(values: dict[str, str]) -> None:
    for name, value in values.items():
        model_field: Any = Contact._meta.get_field(name)
        if len(value) > model_field.max_length:
            raise _Refused(
                _("Too long for “%(field)s”: at most %(count)d characters.")
                % {"field": model_field.verbose_name, "count": model_field.max_length}
            )
    if values.get("email"):
        try:
            validate_email(values["email"])
        except ValidationError as error:
            raise _Refused(_("This is not an e-mail address.")) from error


@transaction.atomic
def _store(contact_import: ContactImport, chunk: _Chunk, now: datetime) -> None:
    _claim(contact_import)
    _find_or_add(contact_import, chunk.rows)
    new = {row.mobile.e164: row.contact.pk for row in chunk.rows if row.is_new}
    claim_oppositions(workspace=contact_import.workspace, contacts=new)
    _fill_empty([row for row in chunk.rows if not row.is_new])
    _put_in_list(contact_import, chunk.rows)
    standing = with_standing(Contact.objects.filter(pk__in=[row.contact.pk for row in chunk.rows])).in_bulk()
    contact_import.opted_out += sum(contact.said_no for contact in standing.values())
    if given_at := contact_import.consent_at:
        silent = {pk for pk, contact in standing.items() if not contact.said_no and contact.latest_act is None}
        contact_import.consented += _grant(
            contact_import, [row for row in chunk.rows if row.contact.pk in silent], given_at, now
        )
    contact_import.added += sum(row.is_new for row in chunk.rows)
    contact_import.known += sum(not row.is_new for row in chunk.rows)
    contact_import.rejected += len(chunk.rejects)
    contact_import.rejects = (contact_import.rejects + chunk.rejects)[:REJECTS_KEPT]
    contact_import.lines_done = chunk.last_line
    contact_import.save(update_fields=PROGRESS)


def _claim(contact_import: ContactImport) -> None:
    """Two workers on one file (a sweep that came too early): the second one leaves."""
    stored = ContactImport.objects.select_for_update().values_list("lines_done", flat=True).get(pk=contact_import.pk)
    if stored != contact_import.lines_done:
        raise ImportTakenOver


def _find_or_add(contact_import: ContactImport, rows: Sequence[_Row]) -> None:
    """Gives each row its contact, found or new."""
    indexes = {row.mobile.e164: keyed_index(row.mobile.e164) for row in rows}
    known = _by_index(indexes.values())
    new = [row for row in rows if indexes[row.mobile.e164] not in known]
    Contact.objects.bulk_create(
        [
            Contact(
                workspace=contact_import.workspace,
                phone_index=indexes[row.mobile.e164],
                source=contact_import.file_name[:80],
                **number_fields(row.mobile),
                **row.fields,
            )
            for row in new
        ],
        ignore_conflicts=True,  # somebody may add the same number at this very moment
    )
    known |= _by_index(indexes[row.mobile.e164] for row in new)
    for row in rows:
        row.contact = known[indexes[row.mobile.e164]]
    for row in new:
        row.is_new = True


def _by_index(indexes: Iterable[bytes]) -> dict[bytes, Contact]:
    contacts = Contact.objects.filter(phone_index__in=list(indexes)).defer("phone")
    return {bytes(contact.phone_index): contact for contact in contacts}


def _fill_empty(rows: Sequence[_Row]) -> None:
    """What is known stays; only holes are filled."""
    changed = []
    for row in rows:
        news = {name: value for name, value in row.fields.items() if not getattr(row.contact, name)}
        for name, value in news.items():
            setattr(row.contact, name, value)
        if news:
            changed.append(row.contact)
    Contact.objects.bulk_update(changed, ["first_name", "last_name", "email", "postcode", "city"])


def _put_in_list(contact_import: ContactImport, rows: Sequence[_Row]) -> None:
    ListMembership.objects.bulk_create(
        [
            ListMembership(
                workspace=contact_import.workspace, contact_list=contact_import.contact_list, contact=row.contact
            )
            for row in rows
        ],
        ignore_conflicts=True,
    )


def _grant(contact_import: ContactImport, rows: Sequence[_Row], given_at: datetime, now: datetime) -> int:
    """The ledger rows that the proof allows; an import never overrules somebody's own word."""
    contents: list[Any] = [
        evidence_of(
            {"file": contact_import.file_name, "sha256": contact_import.file_hash.hex(), "line": row.record.line}
        )
        for row in rows
    ]
    consents = Consent.objects.bulk_create(
        Consent(
            workspace=contact_import.workspace,
            contact=row.contact,
            number_hash=opt_out_hash(row.mobile.e164),
            purpose=Purpose.MARKETING,
            act=ConsentAct.GRANTED,
            source=contact_import.consent_source,
            wording=contact_import.consent_wording,
            collected_by=contact_import.collected_by,
            occurred_at=given_at,
            recorded_at=now,
            evidence_hash=hash_of(content),
        )
        for row, content in zip(rows, contents, strict=True)
    )
    ConsentEvidence.objects.bulk_create(
        ConsentEvidence(workspace=contact_import.workspace, consent=consent, content=content)
        for consent, content in zip(consents, contents, strict=True)
    )
    return len(consents)
