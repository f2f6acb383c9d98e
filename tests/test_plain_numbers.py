"""The search for numbers in clear finds them, however they are written; else its silence would prove nothing."""

import pytest
from django.db import connection

from accounts.keys import seal
from accounts.models import Workspace
from tests import plain_numbers
from tests.factories import make_workspace

PHONE = "+33639980123"


@pytest.mark.parametrize(
    "written", [PHONE, "0639980123", "06 39 98 01 23", "06.39.98.01.23", "+33 (0)6-39-98-01-23", "+33 6 39 98 01 23"]
)
def test_it_finds_a_number_in_any_spelling_and_encoding(written):
    spellings = [written.encode(), written.encode("utf-16-le"), written.encode().hex().encode()]

    assert [len(plain_numbers.in_bytes(b"x" + spelling + b"y")) for spelling in spellings] == [1, 1, 1]


def test_it_takes_no_sealed_or_masked_number_for_one():
    assert plain_numbers.in_bytes(seal(PHONE.encode()) + "+33 6 •• •• •• 23".encode()) == []


def test_it_takes_neither_a_digest_nor_several_keys_of_a_dump_for_one():
    assert plain_numbers.in_bytes(b"9c76e106db942ac569de5b298875cfee161d0eda6399866373ab793a7ea37672") == []
    assert plain_numbers.in_bytes(b"91\t345\n163998\t1691\t217\n163999\t1691") == []


def test_it_finds_a_number_across_two_pieces_of_a_file(tmp_path):
    (tmp_path / "log").write_bytes(b"." * ((1 << 20) - 5) + PHONE.encode() + b".")

    assert len(plain_numbers.in_folder(tmp_path)) == 1


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_it_finds_a_number_in_the_database():
    make_workspace("lambert")
    before = plain_numbers.in_database()
    Workspace.objects.update(contact_details=f"Call {PHONE}")

    assert (before, len(plain_numbers.in_database()) > 0) == ([], True)
    assert connection.vendor in {"sqlite", "postgresql"}
