"""Reads the CSV files that shops, tills and spreadsheets write: encoding, delimiter and columns are found out."""

import codecs
import csv
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audience.phone import NotAMobile, parse_mobile

DELIMITERS = ";,\t|"
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
# An open quote must not swallow the rest of a file: a record has at most this many lines.
LINES_PER_RECORD = 20
# Excel's own hint in front of the header.
SEPARATOR_LINE = re.compile(r"sep=.?")
# What a column may be called, folded (no case, accents or punctuation); the first name found wins.
HEADERS = {
    "phone": [
        *("mobile", "telephonemobile", "telmobile", "mobilephone", "phonemobile", "portable", "telephoneportable"),
        *("telportable", "gsm", "numeromobile", "numerodemobile", "telephone", "tel", "phone", "phonenumber"),
        *("numerodetelephone", "numero"),
    ],
    "first_name": ["prenom", "firstname", "givenname"],
    "last_name": ["nom", "lastname", "surname", "familyname", "nomdefamille"],
    "email": ["email", "mail", "courriel", "adresseemail", "emailaddress", "adressemail"],
    "postcode": ["codepostal", "cp", "postcode", "zip", "zipcode", "postalcode"],
    "city": ["ville", "city", "commune", "town"],
}


class UnreadableFile(Exception):
    """Nothing can be read from this file. `reason` says what to do."""

    def __init__(self, reason: str | Promise) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Record:
    """A line of the file, or the several lines of a quoted text; `error` when it can't be read."""

    line: int
    cells: list[str]
    error: str | Promise = ""

    def cell(self, index: int) -> str:
        return self.cells[index].strip() if index < len(self.cells) else ""


@dataclass(frozen=True)
class CsvFile:
    """A file whose columns are known. `columns` names the places of `phone`, `first_name`…"""

    encoding: str
    delimiter: str
    header: list[str]
    columns: dict[str, int]
    lines: list[str]
    # Index of the first line of data.
    start: int

    def records(self) -> Iterator[Record]:
        """The lines behind the header; empty ones are passed over."""
        width = len(self.header)
        for record in _records(self.lines, self.delimiter, self.start):
            if record.error or any(cell.strip() for cell in record.cells):
                yield record if record.error else _checked(record, width)


def read_csv(content: bytes, country: str) -> CsvFile:
    """The file with its encoding, delimiter and columns found out. Raises UnreadableFile."""
    text, encoding = _decode(content)
    lines = re.split(r"\r\n|\n|\r", text)
    if all(not line.strip() or SEPARATOR_LINE.fullmatch(line) for line in lines):
        raise UnreadableFile(_("This file is empty."))
    head = next(index for index, line in enumerate(lines) if line.strip() and not SEPARATOR_LINE.fullmatch(line))
    delimiter = max(DELIMITERS, key=lines[head].count)
    first = next(_records(lines, delimiter, head)).cells
    named = _named(first)
    columns = named or _guessed(first, country)
    if not columns:
        raise UnreadableFile(
            _("No column holds mobile numbers: name one of them “mobile” or “phone” in the first line of the file.")
        )
    return CsvFile(encoding, delimiter, first, columns, lines, start=head + 1 if named else head)


def _decode(content: bytes) -> tuple[str, str]:
    if content.startswith(WORKBOOKS):
        raise UnreadableFile(_("This is an Excel workbook: save it as CSV (UTF-8), and bring that file."))
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", errors="replace").replace("\0", ""), "utf-16"
    try:
        return content.decode("utf-8-sig").replace("\0", ""), "utf-8"
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace").replace("\0", ""), "windows-1252"


def _records(lines: list[str], delimiter: str, start: int) -> Iterator[Record]:
    """Record by record; a broken one costs its first line, and reading goes on behind it."""
    index = start
    while index < len(lines):
        ahead = (lines[at] + "\n" for at in range(index, min(index + LINES_PER_RECORD, len(lines))))
        reader = csv.reader(ahead, delimiter=delimiter, strict=True)
        try:
            yield Record(index + 1, next(reader))
            index += max(reader.line_num, 1)
        except csv.Error:
            yield Record(index + 1, [lines[index]], _("A quotation mark is opened and never closed, or out of place."))
            index += 1


def _checked(record: Record, width: int) -> Record:
    extra = [cell for cell in record.cells[width:] if cell.strip()]
    if not extra and len(record.cells) >= width:
        return record
    reason = _("This line has %(count)d columns, the first line has %(width)d.")
    return Record(record.line, record.cells, reason % {"count": len(record.cells), "width": width})


def _named(cells: list[str]) -> dict[str, int]:
    folded = [_fold(cell) for cell in cells]
    found = {
        field: folded.index(next(name for name in names if name in folded))
        for field, names in HEADERS.items()
        if any(name in folded for name in names)
    }
    return found if "phone" in found else {}


def _guessed(cells: list[str], country: str) -> dict[str, int]:
    """A file without header: the first column whose first cell is a mobile."""
    for index, cell in enumerate(cells):
        try:
            parse_mobile(cell, country)
        except NotAMobile:
            continue
        return {"phone": index}
    return {}


def _fold(cell: str) -> str:
    plain = unicodedata.normalize("NFKD", cell).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]", "", plain.lower())


def write_rejects(target: Any, rejects: list[dict[str, Any]]) -> None:
    """Refused lines as CSV, to anything with `write`: line, reason, and the cells as they came."""
    writer = csv.writer(target, delimiter=";")
    writer.writerow([_("line"), _("reason")])
    for reject in rejects:
        writer.writerow([reject["line"], reject["reason"], *map(_harmless, reject["cells"])])


def _harmless(cell: str) -> str:
    """A cell that a spreadsheet would run as a formula becomes text; `+33…` may stay."""
    return f"'{cell}" if cell.startswith(("=", "@", "+", "-")) and not cell[1:].strip().isdecimal() else cell
