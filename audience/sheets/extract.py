"""Run as a program of its own: a workbook on standard input becomes one line of JSON, then CSV, on standard output.

It reads what strangers made, with little memory, little time, no settings and no keys: whatever a workbook does to
it, the site and its worker live on. Imports nothing of ours.
"""

import contextlib
import csv
import io
import json
import resource
import sys
import zipfile
from datetime import date, datetime, time
from typing import Any

MEMORY_BYTES = 1_500_000_000
CPU_SECONDS = 60
MOST_COLUMNS = 1_000
MOST_SHEETS, LONGEST_NAME = 200, 120
# What it may hold when it is unpacked.
MOST_UNPACKED_BYTES = 600_000_000
MOST_MEMBERS = 5_000
COMPOUND, ENCRYPTED = b"\xd0\xcf\x11\xe0", "EncryptedPackage".encode("utf-16-le")


def main(wanted: str) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

    content = sys.stdin.buffer.read()
    if problem := problem_of(content):
        say(problem=problem)
        return
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = [sheet.name for sheet in book.sheets_metadata if sheet.visible == SheetVisibleEnum.Visible]
        names = [name for name in sheets or book.sheet_names if len(name) <= LONGEST_NAME][:MOST_SHEETS]
        sheet = next((book.get_sheet_by_name(name) for name in names if name == wanted), None)
        sheet = sheet or first_filled(book, names)
    except CalamineError as error:
        say(problem="password" if "assword" in str(error) else "broken")
    else:
        write(sheet, names)


def problem_of(content: bytes) -> str:
    """Why it is not even unpacked, from its table of contents alone, or nothing."""
    if content.startswith(COMPOUND):
        return "password" if ENCRYPTED in content else "old"
    try:
        members = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return "broken"
    if not {member.filename for member in members} & {"xl/workbook.xml", "content.xml"}:
        return "archive"
    is_bomb = len(members) > MOST_MEMBERS or sum(member.file_size for member in members) > MOST_UNPACKED_BYTES
    return "bomb" if is_bomb else ""


def write(sheet: Any, names: list[str]) -> None:
    if sheet is None or sheet.width > MOST_COLUMNS:
        say(problem="wide" if sheet else "empty")
        return
    say(sheets=names, sheet=sheet.name)
    out = csv.writer(sys.stdout, delimiter=";", lineterminator="\n")
    # Rows above the first filled one count: line numbers are those that the spreadsheet shows.
    out.writerows([] for _ in range(sheet.start[0] if sheet.start else 0))
    out.writerows([written(cell) for cell in row] for row in sheet.iter_rows())


def first_filled(book: Any, names: list[str]) -> Any:
    """The first with a line below its first one; a sheet of notes in front, or a cover, has none."""
    first = None
    for sheet in map(book.get_sheet_by_name, names):
        if sheet.height > 1 and sheet.width:
            return sheet
        if first is None and sheet.height and sheet.width:
            first = sheet
    return first


def say(**facts: Any) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")


def written(cell: Any) -> str:
    """A cell as somebody would have typed it."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime) and cell.time() == time.min:
        return cell.date().isoformat()
    if isinstance(cell, datetime):
        return cell.isoformat(" ", "seconds")
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell).replace("\r", " ").replace("\n", " ")


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    with contextlib.suppress(BrokenPipeError):
        main(sys.argv[1] if len(sys.argv) > 1 else "")
