"""A file on its way: read as often as need be, and never in clear on a disk."""

import hashlib

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from audience import spool as spools
from audience.services.imports import files, keep_file
from audience.spool import PIECE_BYTES, Spool
from tests.audience.test_sheets import workbook
from tests.factories import TUESDAY


@given(st.lists(st.binary(max_size=40)), st.integers(1, 9))
@settings(max_examples=60)
def test_it_gives_back_what_was_written_however_it_was_cut(chunks, size):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spools, "PIECE_BYTES", size)
        spool = Spool()
        for chunk in chunks:
            spool.write(chunk)

    content = b"".join(chunks)
    assert b"".join(spool) == b"".join(spool) == content
    assert (spool.size, spool.digest) == (len(content), hashlib.sha256(content).digest())
    assert all(len(piece) == size for piece in list(spool)[:-1])


def test_it_is_read_by_two_at_once():
    spool = Spool(bytes(3 * PIECE_BYTES))

    assert [len(one) + len(other) for one, other in zip(spool, spool, strict=True)] == [2 * PIECE_BYTES] * 3


def test_what_lies_on_the_disk_is_sealed():
    spool = Spool(b"0639980001\n" * 200_000)

    spool._file.seek(0)

    assert b"0639980001" not in spool._file.read()


def test_what_fits_into_one_piece_touches_no_disk(settings):
    settings.FILE_UPLOAD_TEMP_DIR = "/nowhere"

    assert list(Spool(b"0639980001\n")) == [b"0639980001\n"]


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_nobody_waits_for_the_database_while_a_workbook_is_read(in_workspace, monkeypatch):
    read, seen = files.read_sheet, []

    def reading(*args):
        seen.append(connection.in_atomic_block)
        return read(*args)

    monkeypatch.setattr(files, "read_sheet", reading)
    content = workbook([["Mobile"], ["0639980001"]], Anciens=[["Mobile"], ["0639980002"]])

    draft = keep_file(workspace=in_workspace, file_name="salon.xlsx", content=content, now=TUESDAY)
    files.choose_sheet(contact_import=draft, sheet="Anciens")

    assert seen == [False, False]
    assert (draft.sheet, b"".join(files.pieces_of(draft, "text"))) == ("Anciens", b"Mobile\n0639980002\n")
