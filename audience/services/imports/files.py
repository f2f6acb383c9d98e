"""An import's file: kept in sealed pieces, read piece by piece, gone after a week."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User, Workspace
from audience.columns import looks_like_header, propose, targets_of
from audience.models import ContactImport, ImportPiece
from audience.queries import settings_of
from audience.refusals import Refusal
from audience.sheets.extract import MOST_COLUMNS
from audience.sheets.text import (
    NO_TABLE,
    Record,
    UnreadableFile,
    detect_delimiter,
    detect_encoding,
    lines_of,
    records_of,
)
from audience.sheets.workbooks import PROBLEMS, is_workbook, read_sheet
from audience.spool import Spool

MOST_BYTES = 50 * 1024 * 1024
KEPT_FOR = timedelta(days=7)
SAMPLE_LINES, SAMPLE_RECORDS = 100, 50
TOO_LARGE = _("This file is larger than 50 MB: split it, and bring the parts one by one.")
EMPTY = _("This file is empty.")
Kind = ImportPiece.Kind


class WrongState(Exception):
    """The import is not where this can be done."""


@dataclass(frozen=True)
class Reading:
    """A file that was read, and is not kept yet. `pieces` by their kind."""

    draft: ContactImport
    pieces: dict[str, Spool]


def keep_file(
    *, workspace: Workspace, file_name: str, content: bytes | Spool, now: datetime, by: User | None = None
) -> ContactImport:
    """A draft of an import: the file, sealed, and how it seems to be read. Raises UnreadableFile."""
    return keep(read_file(workspace=workspace, file_name=file_name, content=content, now=now, by=by))


def read_file(
    *, workspace: Workspace, file_name: str, content: bytes | Spool, now: datetime, by: User | None = None
) -> Reading:
    """Writes nothing: a workbook takes its time, and SQLite has one writer. Raises UnreadableFile."""
    file = content if isinstance(content, Spool) else Spool(content)
    if file.size > MOST_BYTES:
        raise UnreadableFile(TOO_LARGE)
    draft = ContactImport(
        workspace=workspace,
        file_name=file_name[-200:],
        file_hash=file.digest,
        file_bytes=file.size,
        started_by=by,
        purge_at=now + KEPT_FOR,
    )
    if is_workbook(next(iter(file), b"")):
        text = read_workbook(draft, file, sheet="")
        return Reading(draft, {Kind.FILE: file, Kind.TEXT: text})
    draft.encoding = detect_encoding(file)
    read_anew(draft, file)
    return Reading(draft, {Kind.FILE: file})


@transaction.atomic
def keep(reading: Reading) -> ContactImport:
    reading.draft.save()
    for kind, spool in reading.pieces.items():
        _keep(reading.draft, kind, spool)
    return reading.draft


def choose_sheet(*, contact_import: ContactImport, sheet: str) -> None:
    """Another sheet of the workbook. Raises UnreadableFile, WrongState."""
    text = read_workbook(contact_import, pieces_of(contact_import, Kind.FILE), sheet=sheet)
    with transaction.atomic():
        save_draft(contact_import=contact_import)
        contact_import.pieces.filter(kind=Kind.TEXT).delete()
        _keep(contact_import, Kind.TEXT, text)


def read_workbook(draft: ContactImport, file: Iterable[bytes], *, sheet: str) -> Spool:
    """The text of a sheet, and what is found out about it. Raises UnreadableFile."""
    found, text = read_sheet(file, sheet), Spool()
    for piece in found.pieces:
        text.write(piece)
    draft.sheets, draft.sheet, draft.encoding = found.names, found.name, "utf-8"
    read_anew(draft, text)
    return text


def read_anew(draft: ContactImport, text: Iterable[bytes]) -> None:
    """Finds out separator, header and columns, and how many lines there are. Raises UnreadableFile."""
    draft.delimiter = ";" if draft.sheet else detect_delimiter(islice(lines_of(text, draft.encoding), SAMPLE_LINES))
    first = next(_records(draft, text), None)
    if first is None:
        raise UnreadableFile(EMPTY)
    if first.refusal == Refusal.LINE_TOO_LONG:
        raise UnreadableFile(NO_TABLE)
    draft.has_header = looks_like_header(first.cells, draft.workspace.country)
    _find_columns(draft, text)


def propose_columns(*, contact_import: ContactImport) -> None:
    """Proposes what the columns are, and counts the lines. Raises UnreadableFile, WrongState."""
    _find_columns(contact_import, Kept(contact_import))
    save_draft(contact_import=contact_import)


def _find_columns(draft: ContactImport, text: Iterable[bytes]) -> None:
    sample = list(islice(_records(draft, text), SAMPLE_RECORDS))
    if not sample:
        raise UnreadableFile(EMPTY)
    header = sample[0].cells if draft.has_header else [""] * max(len(one.cells) for one in sample)
    if len(header) > MOST_COLUMNS:
        raise UnreadableFile(PROBLEMS["wide"])
    draft.header = [cell.strip() for cell in header]
    targets = targets_of(settings=settings_of(draft.workspace), with_orders=True)
    rows = sample[draft.has_header :]
    draft.columns = propose(header=header, rows=rows, country=draft.workspace.country, targets=targets)
    draft.lines_total = sum(1 for _ in _records(draft, text)) - draft.has_header
    if not draft.lines_total:
        raise UnreadableFile(_("This file names its columns, and has no line below them."))


@transaction.atomic
def save_draft(*, contact_import: ContactImport) -> None:
    """Keep what was found out or decided. Raises WrongState: it was launched or dropped meanwhile."""
    check_state(contact_import, ContactImport.State.DRAFT)
    contact_import.save()


def check_state(contact_import: ContactImport, *allowed: str) -> None:
    """Locks the row; what is in memory may be older. Raises WrongState."""
    rows = ContactImport.objects.select_for_update().filter(pk=contact_import.pk)
    if rows.values_list("state", flat=True).get() not in allowed:
        raise WrongState


def rows_of(contact_import: ContactImport) -> Iterator[Record]:
    """The lines below the header."""
    return islice(_records(contact_import, Kept(contact_import)), int(contact_import.has_header), None)


@dataclass(frozen=True)
class Kept:
    """The text of a kept file, read as often as need be."""

    contact_import: ContactImport

    def __iter__(self) -> Iterator[bytes]:
        return pieces_of(self.contact_import, Kind.TEXT if self.contact_import.sheet else Kind.FILE)


def _records(draft: ContactImport, text: Iterable[bytes]) -> Iterator[Record]:
    return records_of(lines_of(text, draft.encoding), draft.delimiter)


def pieces_of(contact_import: ContactImport, kind: str) -> Iterator[bytes]:
    """One piece in memory at a time, and no query kept open."""
    number = -1
    while piece := contact_import.pieces.filter(kind=kind, number__gt=number).order_by("number").first():
        number = piece.number
        yield piece.content


def _keep(contact_import: ContactImport, kind: str, pieces: Iterable[bytes]) -> None:
    for number, piece in enumerate(pieces):
        ImportPiece.objects.create(
            workspace=contact_import.workspace, contact_import=contact_import, kind=kind, number=number, content=piece
        )
