"""Workbooks (XLSX, ODS) become text, in a child process with limits."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.utils.translation import gettext_lazy as _

from audience.sheets.text import UnreadableFile

PROGRAM = Path(__file__).with_name("extract.py")
ZIP, COMPOUND = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
# What a sheet may hold as text. A million rows of ten columns are a third of it.
MOST_TEXT_BYTES = 200_000_000
PATIENCE_SECONDS = 90
PIECE_BYTES = 1 << 20
BOMB = _("This workbook unpacks to far more than a list of contacts: save the sheet as CSV, and bring that file.")
BROKEN = _("This workbook is damaged: open it in a spreadsheet, save it again, and bring that file.")
PROBLEMS = {
    "password": _("This workbook is protected by a password: save it without, and bring that file."),
    "old": _("This is a workbook of an old Excel: save it as XLSX or CSV, and bring that file."),
    "archive": _("This archive is not a workbook: bring a CSV, TXT, XLSX or ODS file."),
    "bomb": BOMB,
    "empty": _("This workbook is empty."),
    "wide": _("This sheet has more than 1,000 columns: keep those of your contacts, and bring it again."),
    "broken": BROKEN,
}


@dataclass(frozen=True)
class Sheet:
    """One sheet as UTF-8 text, cells parted by semicolons; `pieces` are read once."""

    names: list[str]
    name: str
    pieces: Iterator[bytes]


def is_workbook(head: bytes) -> bool:
    return head.startswith((ZIP, COMPOUND))


def read_sheet(content: Iterable[bytes], wanted: str = "") -> Sheet:
    """The sheet of this name, or the first that holds a list. Raises UnreadableFile, also while it is read."""
    child = subprocess.Popen(
        [sys.executable, "-I", PROGRAM, wanted], env={}, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert child.stdin is not None and child.stdout is not None
    alarm = threading.Timer(PATIENCE_SECONDS, child.kill)
    alarm.start()
    try:
        for piece in content:
            child.stdin.write(piece)
        child.stdin.close()
    except BrokenPipeError:
        pass  # the child has died, and says why below
    facts = json.loads(child.stdout.readline() or "{}")
    if "sheet" not in facts:
        _end(child, alarm)
        raise UnreadableFile(PROBLEMS.get(facts.get("problem", ""), BOMB if child.returncode else BROKEN))
    pieces = _pieces(child, child.stdout, alarm)
    next(pieces)
    return Sheet(facts["sheets"], facts["sheet"], pieces)


def _pieces(child: "subprocess.Popen[bytes]", output: IO[bytes], alarm: threading.Timer) -> Iterator[bytes]:
    total = 0
    try:
        yield b""  # begun, so that whoever lets go of it unread ends the child as well
        while piece := output.read(PIECE_BYTES):
            total += len(piece)
            if total > MOST_TEXT_BYTES:
                raise UnreadableFile(BOMB)
            yield piece
        if child.wait():
            raise UnreadableFile(BOMB)
    finally:
        _end(child, alarm)


def _end(child: "subprocess.Popen[bytes]", alarm: threading.Timer) -> None:
    alarm.cancel()
    child.kill()
    child.wait()
    for stream in (child.stdin, child.stdout):
        if stream is not None and not stream.closed:
            with suppress(BrokenPipeError):  # what it did not read any more
                stream.close()
