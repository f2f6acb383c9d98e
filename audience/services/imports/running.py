"""The worker's part: chunk by chunk, each of them one transaction."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from accounts.bulk import refresh_statistics
from audience.bulk import commit_without_waiting
from audience.judging import Judge, Row
from audience.models import Attribute, Consent, Contact, ContactImport, ImportPiece, ListMembership
from audience.queries import settings_of
from audience.refusals import Refused
from audience.services.imports.files import rows_of
from audience.services.imports.storing import Outcome, Seen, claim_late_opt_outs, store_rows
from audience.sheets.text import Record, take

CHUNK = 5_000
# Somebody else adds a number at the very moment that an import does: its chunk is tried again.
TRIES = 5
COUNTS = ("added", "known", "duplicates", "opted_out", "consented")
PROGRESS = [*COUNTS, "rejected", "reasons", "lines_done", "troubles", "touched_at"]


class ImportTakenOver(Exception):
    """Another worker is bringing this file in, or somebody has stopped it."""


@dataclass
class Chunk:
    """Some lines, judged. `rejects` are [{"line", "code", "cell", "cells"}]."""

    last_line: int
    rows: list[Row] = field(default_factory=list)
    rejects: list[dict[str, Any]] = field(default_factory=list)


def run_import(*, contact_import: ContactImport, now: datetime) -> ContactImport:
    """Brings in what is not in yet. After an interruption it goes on behind the last stored line."""
    seen = Seen()
    for chunk in _chunks(contact_import, now):
        if chunk.last_line > contact_import.lines_done:
            _store(contact_import, chunk, seen, now)
        seen.add(row.mobile.e164 for row in chunk.rows)
    refresh_statistics(Contact, Consent, ListMembership)
    _finish(contact_import, now)
    return contact_import


def judge_of(contact_import: ContactImport, now: datetime) -> Judge:
    settings = settings_of(contact_import.workspace)
    return Judge(contact_import, settings=settings, attributes=Attribute.objects.order_by("slug"), now=now)


def judged(judge: Judge, records: list[Record]) -> Chunk:
    chunk = Chunk(records[-1].line)
    for record in records:
        try:
            chunk.rows.append(judge.judge(record))
        except Refused as refused:
            chunk.rejects.append(
                {"line": record.line, "code": refused.code.value, "cell": refused.cell, "cells": record.cells}
            )
    return chunk


def _chunks(contact_import: ContactImport, now: datetime) -> Iterator[Chunk]:
    judge, rows = judge_of(contact_import, now), rows_of(contact_import)
    while records := take(rows, CHUNK):
        yield judged(judge, records)


def _store(contact_import: ContactImport, chunk: Chunk, seen: Seen, now: datetime) -> None:
    before = contact_import.lines_done
    for tries_left in reversed(range(TRIES)):
        try:
            with transaction.atomic():
                commit_without_waiting(workspace_id=contact_import.workspace_id)
                _claim(contact_import)
                outcome = store_rows(contact_import, chunk.rows, seen, now)
                _report(contact_import, chunk, outcome)
        except IntegrityError:
            contact_import.refresh_from_db(fields=PROGRESS)
            if contact_import.lines_done != before:
                raise ImportTakenOver from None
            if not tries_left:
                raise
        else:
            claim_late_opt_outs(contact_import, outcome)
            return


def _claim(contact_import: ContactImport) -> None:
    """Two workers on one file (a sweep that came too early), or somebody who stops it: this one leaves."""
    rows = ContactImport.objects.select_for_update().filter(pk=contact_import.pk)
    if rows.values_list("state", "lines_done").get() != (ContactImport.State.RUNNING, contact_import.lines_done):
        raise ImportTakenOver


def _report(contact_import: ContactImport, chunk: Chunk, outcome: Outcome) -> None:
    for name in COUNTS:
        setattr(contact_import, name, getattr(contact_import, name) + getattr(outcome, name))
    contact_import.rejected += len(chunk.rejects)
    reasons = Counter(contact_import.reasons) + Counter(reject["code"] for reject in chunk.rejects)
    contact_import.reasons = dict(reasons)
    contact_import.lines_done, contact_import.troubles = chunk.last_line, 0
    contact_import.save(update_fields=PROGRESS)
    if chunk.rejects:
        ImportPiece.objects.create(
            workspace=contact_import.workspace,
            contact_import=contact_import,
            kind=ImportPiece.Kind.REJECTS,
            number=chunk.last_line,
            content=json.dumps(chunk.rejects, ensure_ascii=False).encode(),
        )


@transaction.atomic
def _finish(contact_import: ContactImport, now: datetime) -> None:
    """The file itself is not needed any more; what was refused stays until the purge."""
    _claim(contact_import)
    contact_import.state, contact_import.finished_at = ContactImport.State.DONE, now
    contact_import.save(update_fields=["state", "finished_at", "touched_at"])
    contact_import.pieces.exclude(kind=ImportPiece.Kind.REJECTS).delete()
