"""Lines and records of text files, whatever wrote them. Memory does not grow with the file, nor with one line of it."""

import codecs
import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audience.refusals import Refusal

DELIMITERS = ";,\t|"
LONGEST_LINE = 65_536
# An open quote must not swallow the rest of a file: a record has at most this many lines.
LINES_PER_RECORD = 20
# Excel's own hint in front of the header.
SEPARATOR_LINE = re.compile(r"sep=(.?)")
SAMPLE_BYTES = 65_536
# What is held at a time, in characters; each cell weighs, however short it is.
HEAVIEST, BYTES_OF_A_CELL = 2_000_000, 50
NO_TABLE = _("This is not a table: bring a CSV, TXT, XLSX or ODS file.")
ENCODINGS = {
    "utf-8": "UTF-8",
    "cp1252": "Windows-1252",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16 BE",
    "mac_roman": "Mac OS Roman",
    "cp850": "MS-DOS 850",
}
BYTE_ORDER_MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
CONTROLS = re.compile(r"[\x01-\x08\x0e-\x1f\x7f]")


class UnreadableFile(Exception):
    """Nothing can be read from this file. `reason` says what to do."""

    def __init__(self, reason: str | Promise) -> None:
        super().__init__(reason)
        self.reason = reason


class Record(NamedTuple):
    """A line of the file, or the several lines of a quoted text; `refusal` when it can't be read."""

    line: int
    cells: list[str]
    refusal: Refusal | None = None


def detect_encoding(pieces: Iterable[bytes]) -> str:
    """Reads the pieces more than once. Raises UnreadableFile for what is no text at all."""
    head = b"".join(islice(pieces, 1))[:SAMPLE_BYTES]
    for mark, encoding in BYTE_ORDER_MARKS.items():
        if head.startswith(mark):
            return encoding
    encoding = _wide(head) or ("utf-8" if _is_utf8(pieces) else "cp1252")
    text = head.decode(encoding, "replace")
    if len(CONTROLS.findall(text)) > len(text) / 50 or text.count("\0") > len(text) / 4:
        raise UnreadableFile(NO_TABLE)
    return encoding


def _wide(head: bytes) -> str:
    """UTF-16 without its mark: every other byte of Latin text is zero."""
    half = len(head) // 2
    if half and head[1::2].count(0) > half * 0.6 and head[::2].count(0) < half * 0.1:
        return "utf-16-le"
    if half and head[::2].count(0) > half * 0.6 and head[1::2].count(0) < half * 0.1:
        return "utf-16-be"
    return ""


def _is_utf8(pieces: Iterable[bytes]) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for piece in pieces:
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def detect_delimiter(lines: Iterable[str]) -> str:
    """What parts the cells of the first line that is not empty."""
    for line in lines:
        hint = SEPARATOR_LINE.fullmatch(line)
        if hint and hint[1] and hint[1] in DELIMITERS:
            return hint[1]
        if line.strip() and not hint:
            return max(DELIMITERS, key=line.count)
    return DELIMITERS[0]


def lines_of(pieces: Iterable[bytes], encoding: str) -> Iterator[str]:
    """Lines, ended by any of \\r\\n, \\n and \\r; of one that never ends, its beginning. NUL characters go."""
    rest = ""
    for more in _decoded(pieces, encoding):
        text = rest + more
        # Its line feed may stand at the beginning of the next piece.
        held = "\r" if text.endswith("\r") else ""
        parts = _one_line_end(text.removesuffix(held)).split("\n")
        rest = parts.pop()[: LONGEST_LINE + 1] + held
        yield from parts
    yield from _one_line_end(rest).split("\n")


def _decoded(pieces: Iterable[bytes], encoding: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    is_first = True
    for piece in pieces:
        text = decoder.decode(piece).replace("\0", "")
        if text:
            yield text.removeprefix("\ufeff") if is_first else text
            is_first = False
    yield decoder.decode(b"", final=True)


def _one_line_end(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def records_of(lines: Iterable[str], delimiter: str) -> Iterator[Record]:
    """Records with their line numbers; empty lines and Excel's hint are passed over.

    A broken record costs its first line, and reading goes on behind it.
    """
    source, ahead, number = iter(lines), deque[str](), 0
    blank = f"{delimiter} \t\xa0"
    while (line := ahead.popleft() if ahead else next(source, None)) is not None:
        number += 1
        if len(line) > LONGEST_LINE:
            yield Record(number, [line[:80]], Refusal.LINE_TOO_LONG)
        elif '"' in line:
            if line.count('"') % 2:
                ahead.extend(islice(source, LINES_PER_RECORD - 1 - len(ahead)))
            cells, used = _quoted(line, ahead, delimiter)
            if cells is None:
                yield Record(number, [line], Refusal.OPEN_QUOTE)
            elif any(cell.strip() for cell in cells):
                yield Record(number, cells)
            for _used in range(used):
                ahead.popleft()
            number += used
        elif line.strip(blank) and not (line.startswith("sep=") and SEPARATOR_LINE.fullmatch(line)):
            yield Record(number, line.split(delimiter))


def take(records: Iterator[Record], most: int) -> list[Record]:
    """The next ones, so many at most; fewer where each of them is as long as a book."""
    taken: list[Record] = []
    weight = 0
    for record in records:
        taken.append(record)
        weight += sum(map(len, record.cells)) + BYTES_OF_A_CELL * len(record.cells)
        if len(taken) == most or weight > HEAVIEST:
            break
    return taken


def _quoted(line: str, ahead: Iterable[str], delimiter: str) -> tuple[list[str] | None, int]:
    """Cells of a line with quotation marks, and how many of the lines ahead belong to it."""
    reader = csv.reader((f"{text}\n" for text in (line, *ahead)), delimiter=delimiter, strict=True)
    try:
        return next(reader), reader.line_num - 1
    except csv.Error:
        return None, 0
