"""An import's file: kept in sealed pieces, read piece by piece, gone after a week."""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User, Workspace
from audience.columns import looks_like_header, propose, targets_of
from audience.models import ContactImport, ImportPiece
from audience.queries import settings_of
from audience.sheets.text import (
    Record,
    UnreadableFile,
    detect_delimiter,
    detect_encoding,
    lines_of,
    records_of,
)
from audience.sheets.workbooks import is_workbook, read_sheet

MOST_BYTES = 50 * 1024 * 1024
PIECE_BYTES = 1 << 20
KEPT_FOR = timedelta(days=7)
SAMPLE_RECORDS = 50
TOO_LARGE = _("This file is larger than 50 MB: split it, and bring the parts one by one.")
EMPTY = _("This file is empty.")
Kind = ImportPiece.Kind


class WrongState(Exception):
    """The import is not where this can be done."""


@transaction.atomic
def keep_file(
    *, workspace: Workspace, file_name: str, content: bytes, now: datetime, by: User | None = None
) -> ContactImport:
    """A draft of an import: the file, sealed, and how it seems to be read. Raises UnreadableFile."""
    if len(content) > MOST_BYTES:
        raise UnreadableFile(TOO_LARGE)
    contact_import = ContactImport.objects.create(
        workspace=workspace,
        file_name=file_name[-200:],
        file_hash=hashlib.sha256(content).digest(),
        file_bytes=len(content),
        started_by=by,
        purge_at=now + KEPT_FOR,
    )
    pieces = [content[at : at + PIECE_BYTES] for at in range(0, len(content), PIECE_BYTES)]
    _keep(contact_import, Kind.FILE, pieces)
    if is_workbook(content):
        choose_sheet(contact_import=contact_import, sheet="")
    else:
        contact_import.encoding = detect_encoding(pieces)
        read_anew(contact_import=contact_import)
    return contact_import


@transaction.atomic
def choose_sheet(*, contact_import: ContactImport, sheet: str) -> None:
    """Another sheet of the workbook. Raises UnreadableFile."""
    content = b"".join(pieces_of(contact_import, Kind.FILE))
    found = read_sheet(content, sheet)
    contact_import.pieces.filter(kind=Kind.TEXT).delete()
    _keep(contact_import, Kind.TEXT, found.pieces)
    contact_import.sheets, contact_import.sheet = found.names, found.name[:120]
    contact_import.encoding = "utf-8"
    read_anew(contact_import=contact_import)


def read_anew(*, contact_import: ContactImport) -> None:
    """Finds out separator, header and columns, and how many lines there are. Raises UnreadableFile."""
    contact_import.delimiter = (
        ";" if contact_import.sheet else detect_delimiter(islice(text_lines(contact_import), 100))
    )
    first = next(iter(records(contact_import)), None)
    if first is None:
        raise UnreadableFile(EMPTY)
    contact_import.has_header = looks_like_header(first.cells, contact_import.workspace.country)
    propose_columns(contact_import=contact_import)


def propose_columns(*, contact_import: ContactImport) -> None:
    """Proposes what the columns are, and counts the lines. Raises UnreadableFile, WrongState."""
    sample = list(islice(records(contact_import), SAMPLE_RECORDS))
    if not sample:
        raise UnreadableFile(EMPTY)
    header = sample[0].cells if contact_import.has_header else [""] * max(len(one.cells) for one in sample)
    contact_import.header = [cell.strip() for cell in header]
    workspace = contact_import.workspace
    targets = targets_of(settings=settings_of(workspace), with_orders=True)
    rows = sample[contact_import.has_header :]
    contact_import.columns = propose(header=header, rows=rows, country=workspace.country, targets=targets)
    contact_import.lines_total = sum(1 for _ in records(contact_import)) - contact_import.has_header
    if not contact_import.lines_total:
        raise UnreadableFile(_("This file names its columns, and has no line below them."))
    save_draft(contact_import=contact_import)


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
    return islice(records(contact_import), int(contact_import.has_header), None)


def records(contact_import: ContactImport) -> Iterator[Record]:
    return records_of(text_lines(contact_import), contact_import.delimiter)


def text_lines(contact_import: ContactImport) -> Iterator[str]:
    kind = Kind.TEXT if contact_import.sheet else Kind.FILE
    return lines_of(pieces_of(contact_import, kind), contact_import.encoding)


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
