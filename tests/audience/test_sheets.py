"""What people bring, and what strangers might: read right or refused by name, in bounded memory."""

import csv
import gc
import io
import subprocess
import sys
import threading
import zipfile
from datetime import UTC, date, datetime
from itertools import repeat
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audience.moments import NotAMoment, read_day, read_moment
from audience.refusals import Refusal
from audience.sheets.extract import problem_of
from audience.sheets.rejects import rejects_file
from audience.sheets.text import (
    HEAVIEST,
    Record,
    UnreadableFile,
    detect_delimiter,
    detect_encoding,
    lines_of,
    records_of,
    take,
)
from audience.sheets.workbooks import read_sheet

TEXT = "Prénom;Mobile\nHélène;0639980001\nZoé;0639980002\n"
PARIS = ZoneInfo("Europe/Paris")
TODAY = date(2026, 11, 24)


def workbook(rows, **sheets):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for name, others in sheets.items():
        sheet = book.create_sheet(name)
        for row in others:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def cells_of(content, wanted=""):
    pieces = read_sheet([content], wanted).pieces
    return [record.cells for record in records_of(lines_of(pieces, "utf-8"), ";")]


def archive(**members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(name.replace("__", "/") + ".xml", content)
    return out.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_encoding_and_separator_are_found_out(encoding, delimiter, line_end):
    content = TEXT.replace(";", delimiter).replace("\n", line_end).encode(encoding)

    found = detect_encoding([content])
    lines = list(lines_of([content], found))

    assert detect_delimiter(lines) == delimiter
    assert [record.cells[0] for record in records_of(lines, delimiter)] == ["Prénom", "Hélène", "Zoé"]


@given(st.text(alphabet='a"é;\r\n\0 ', max_size=60), st.integers(1, 7))
@settings(max_examples=150)
def test_the_size_of_the_pieces_changes_nothing(text, size):
    content = text.encode()
    pieces = [content[at : at + size] for at in range(0, len(content), size)]

    assert list(lines_of(pieces, "utf-8")) == list(lines_of([content], "utf-8"))


@given(st.binary(max_size=200))
@settings(max_examples=150)
def test_any_bytes_are_read_or_refused_by_name(content):
    try:
        encoding = detect_encoding([content])
    except UnreadableFile:
        return
    assert all(record.line > 0 for record in records_of(lines_of([content], encoding), ";"))


def test_mixed_line_ends_and_nul_bytes_are_read():
    content = b"a;1\r\nb;\x002\rc;3\nd;4"

    records = list(records_of(lines_of([content], "utf-8"), ";"))

    assert [(record.line, record.cells) for record in records] == [
        (1, ["a", "1"]),
        (2, ["b", "2"]),
        (3, ["c", "3"]),
        (4, ["d", "4"]),
    ]


def test_a_line_of_two_gigabytes_costs_itself_only():
    endless = repeat(b"x" * (1 << 20), 2048)

    lines = lines_of((piece for part in ([b"0639980001\n"], endless, [b"\n0639980002\n"]) for piece in part), "utf-8")
    read = [(record.line, record.refusal, len(record.cells[0])) for record in records_of(lines, ";")]

    assert read == [(1, None, 10), (2, Refusal.LINE_TOO_LONG, 80), (3, None, 10)]


def test_an_open_quotation_mark_costs_its_own_line_only():
    text = 'mobile;nom\n0639980001;"Lambert\n0639980002;Breton\n0639980003;"Le ""Grand"""\n0639980004;"two\nlines"\n'

    read = [(record.line, record.refusal) for record in records_of(text.splitlines(), ";")]

    assert read == [(1, None), (2, Refusal.OPEN_QUOTE), (3, None), (4, None), (5, None)]


def test_three_hundred_columns_are_read():
    line = ";".join(str(number) for number in range(300))

    (record,) = records_of([line], ";")

    assert len(record.cells) == 300


def test_a_workbook_is_read_as_somebody_would_have_typed_it():
    content = workbook([["Mobile", "Né le", "Points"], [639980001, date(1990, 12, 31), 12.5], ["+33639980002", "", 3]])

    assert cells_of(content) == [
        ["Mobile", "Né le", "Points"],
        ["639980001", "1990-12-31", "12.5"],
        ["+33639980002", "", "3"],
    ]


def test_another_sheet_is_chosen_by_its_name():
    content = workbook([["a"]], Clients=[["Mobile"], ["0639980001"]])

    assert read_sheet([content]).names == ["Sheet", "Clients"]
    assert cells_of(content, "Clients") == [["Mobile"], ["0639980001"]]


def test_a_workbook_that_nobody_reads_on_leaves_no_reader_behind():
    sheet = read_sheet([workbook([["mobile"], ["0639980001"]] * 3)])
    alarms = [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)]

    del sheet
    gc.collect()

    for alarm in alarms:
        alarm.join(10)
    assert [alarm.is_alive() for alarm in alarms] == [False]


def test_a_zip_bomb_is_refused_before_it_is_unpacked():
    content = archive(xl__workbook="x", xl__bomb=b"0" * 700_000_000)

    with pytest.raises(UnreadableFile) as refusal:
        cells_of(content)

    assert problem_of(content) == "bomb"
    assert "unpacks" in str(refusal.value.reason)


def test_a_workbook_that_lies_about_its_size_kills_its_reader_only():
    far = workbook([["Mobile"]])
    with zipfile.ZipFile(io.BytesIO(far)) as packed:
        members = {name: packed.read(name) for name in packed.namelist()}
    members["xl/worksheets/sheet1.xml"] = members["xl/worksheets/sheet1.xml"].replace(
        b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for name, member in members.items():
            packed.writestr(name, member)

    with pytest.raises(UnreadableFile):
        cells_of(out.getvalue())


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PK\x03\x04rest", "damaged"),
        (archive(word__document="x"), "not a workbook"),
        (archive(xl__workbook="<broken"), "damaged"),
        (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "password"),
        (b"\xd0\xcf\x11\xe0rest", "old Excel"),
        (workbook([]), "empty"),
    ],
)
def test_what_is_no_readable_workbook_is_refused_with_what_to_do(content, words):
    with pytest.raises(UnreadableFile) as refusal:
        cells_of(content)

    assert words in str(refusal.value.reason)


@pytest.mark.parametrize(
    "content", [b"%PDF-1.7\n" + bytes(range(32)) * 40, b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4]
)
def test_what_is_no_text_is_refused(content):
    with pytest.raises(UnreadableFile):
        detect_encoding([content])


def test_a_formula_leaves_in_the_file_of_refused_lines_as_text():
    reject = {"line": 2, "code": "landline", "cell": 0, "cells": ["=cmd|' /C calc'!A0", "@SUM(A1)", "-1+1", "Ana"]}

    out = list(csv.reader(io.StringIO("".join(rejects_file(["=a", "b", "c", "d"], [reject]))), delimiter=";"))

    assert not any(cell.startswith(("=", "@", "-", "+")) for row in out for cell in row)


def test_the_reader_of_workbooks_imports_nothing_of_ours():
    program = "import sys; sys.path.insert(0, 'audience/sheets'); import extract; print('django' in sys.modules)"

    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert shown.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("31/12/1990", date(1990, 12, 31)),
        ("31.12.90", date(1990, 12, 31)),
        ("1-2-03", date(2003, 2, 1)),
        ("1990-12-31", date(1990, 12, 31)),
        ("1990-12-31 00:00:00", date(1990, 12, 31)),
        ("33238", date(1990, 12, 31)),
        ("33238.0", date(1990, 12, 31)),
    ],
)
def test_a_day_is_read_in_french_order_in_iso_and_as_a_serial(written, day):
    assert read_day(written, TODAY) == day


@pytest.mark.parametrize("written", ["31/02/1990", "1990-13-01", "hier", "12/31/1990", "1"])
def test_what_is_no_day_is_refused(written):
    with pytest.raises(NotAMoment):
        read_day(written, TODAY)


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("01/03/2025 14:22", datetime(2025, 3, 1, 13, 22, tzinfo=UTC)),
        ("2025-03-01T14:22:00+00:00", datetime(2025, 3, 1, 14, 22, tzinfo=UTC)),
        ("01/03/2025", datetime(2025, 2, 28, 23, 0, tzinfo=UTC)),
    ],
)
def test_a_moment_is_on_the_clock_of_the_workspace(written, moment):
    assert read_moment(written, TODAY, PARIS) == moment


def test_long_records_are_taken_by_few_and_none_is_lost():
    lengths = [10, HEAVIEST * 3 // 4, HEAVIEST // 2, HEAVIEST * 5 // 4, 10, 10]
    records = iter(Record(line, ["x" * length]) for line, length in enumerate(lengths, start=1))

    taken = list(iter(lambda: [record.line for record in take(records, 2)], []))

    assert taken == [[1, 2], [3, 4], [5, 6]]
    assert [record.line for record in take(iter([Record(1, ["x" * 2 * HEAVIEST]), Record(2, ["x"])]), 9)] == [1]
