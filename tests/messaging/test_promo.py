"""Promo codes: lists as shops hand them over, and the screen that takes them."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_scopes import scope
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Role
from integrations.gateways.encoding import Encoding, measure
from messaging import promo
from messaging.models import PromoCode, PromoPool
from messaging.promo import CodeList, TooManyCodes, read_codes, with_stock
from messaging.services.promo import add_codes, assign_code
from tests.factories import TUESDAY, make_contact, make_member

ADD = "/admin/messaging/promo/new/"
OWN = {"name": "Winter", "kind": "own", "shared_code": "", "expires_at": "", "pasted": ""}


def codes_of(workspace):
    with scope(workspace=workspace):
        return list(PromoCode.objects.order_by("pk").values_list("code", flat=True))


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"A1\nB2\r\nC3\n\n", CodeList(["A1", "B2", "C3"])),
        ('\ufeffCode promo;Remise\r\n"A-1";10 %\r\nB_2;10 %'.encode(), CodeList(["A-1", "B_2"])),
        ("A1\n\nA1\nÉTÉ\nB{2}".encode("cp1252"), CodeList(["A1"], blank=1, repeated=1, refused=[4, 5])),
        ("A1\nB2".encode("utf-16"), CodeList(["A1", "B2"])),
        (b"A1\ncode\n" + b"x" * 41, CodeList(["A1", "code"], refused=[3])),
        (b" \n\n", CodeList()),
    ],
)
def test_a_list_is_read_line_by_line_whatever_wrote_it(content, found):
    assert read_codes(content) == found


@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=45), max_size=9).map("\n".join))
def test_every_code_that_is_taken_keeps_a_message_in_the_sms_alphabet_and_fits_its_column(text):
    found = read_codes(f"Line\n{text}".encode())

    assert len(set(found.codes)) == len(found.codes)
    assert all(
        measure(code).encoding == Encoding.GSM_7 and measure(code).units == len(code) <= 40 for code in found.codes
    )


def test_a_list_without_end_is_refused(monkeypatch):
    monkeypatch.setattr(promo, "MOST_CODES", 3)

    assert read_codes(b"Code\nA\nB\nC").codes == ["A", "B", "C"]
    with pytest.raises(TooManyCodes):
        read_codes(b"Code\nA\nB\nC\nD")


def test_a_pool_knows_what_is_left_and_what_has_gone_even_to_people_who_were_erased(in_workspace):
    pool = PromoPool.objects.create(workspace=in_workspace, name="Winter")
    other = PromoPool.objects.create(workspace=in_workspace, name="Summer", shared_code="ETE")
    first, again = add_codes(pool=pool, codes=["A1", "B2", "C3"]), add_codes(pool=pool, codes=["C3", "D4"])
    contact = make_contact(in_workspace)
    assign_code(pool=pool, contact=contact, now=TUESDAY)

    contact.delete()

    stock = [(each.name, each.left, each.handed_out) for each in with_stock(PromoPool.objects.order_by("pk"))]
    assert (first, again, stock) == (3, 1, [(pool.name, 3, 1), (other.name, 0, 0)])


def test_codes_are_pasted_and_what_was_passed_over_is_told(owner_client, workspace):
    response = owner_client.post(ADD, OWN | {"pasted": "A1\n\nA1\nÉTÉ\nB2"}, follow=True)

    assert codes_of(workspace) == ["A1", "B2"]
    assert "2 codes added, 1 twice in the list, 1 empty line." in response.text
    assert "1 line holds no code (line 4)" in response.text


def test_a_file_adds_to_a_pool_and_doubles_nothing(owner_client, workspace):
    owner_client.post(ADD, OWN | {"pasted": "A1\nB2"})
    with scope(workspace=workspace):
        pool = PromoPool.objects.get()
    edit = reverse("messaging_promo:edit", args=[pool.pk])

    file = SimpleUploadedFile("codes.csv", b"code;percent\nB2;10\nC3;10\n", "text/csv")
    response = owner_client.post(edit, {"name": "Winter", "expires_at": "", "file": file}, follow=True)

    assert codes_of(workspace) == ["A1", "B2", "C3"]
    assert "1 code added, 1 known already." in response.text
    assert "<dd>3</dd>" in owner_client.get(edit).text


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({}, "pasted", "Paste the codes, or choose a file."),
        ({"pasted": "é\nè"}, "pasted", "No line holds a code"),
        ({"file": SimpleUploadedFile("codes.xlsx", bytes(range(32)) * 9)}, "file", "This is no text"),
        ({"file": SimpleUploadedFile("codes.txt", b"A" * (2 * 1024 * 1024 + 1))}, "file", "larger than 2 MB"),
        ({"pasted": "A1", "expires_at": "9999-12-31 23:59"}, "expires_at", "no such year"),
        ({"kind": "shared"}, "shared_code", "Give the code that everybody types at the till."),
        ({"kind": "shared", "shared_code": "A{1}"}, "shared_code", "A code has no braces and no bars."),
    ],
)
def test_what_is_no_offer_is_refused_with_its_reason(owner_client, workspace, changes, field, words):
    response = owner_client.post(ADD, OWN | changes)

    with scope(workspace=workspace):
        assert PromoPool.objects.count() == 0
    assert list(response.context["form"].errors) == [field]
    assert words in response.context["form"].errors[field][0]


def test_a_pool_does_not_change_its_kind(owner_client, workspace):
    with scope(workspace=workspace):
        pool = PromoPool.objects.create(workspace=workspace, name="Winter")
        add_codes(pool=pool, codes=["A1"])

    owner_client.post(reverse("messaging_promo:edit", args=[pool.pk]), OWN | {"kind": "shared", "shared_code": "ALL"})

    pool.refresh_from_db()
    assert (pool.shared_code, codes_of(workspace)) == ("", ["A1"])


def test_codes_stay_in_their_workspace_and_analysts_only_look(owner_client, workspace, other_workspace):
    with scope(workspace=other_workspace):
        theirs = PromoPool.objects.create(workspace=other_workspace, name="Theirs")
    analyst = Client()
    analyst.force_login(make_member(workspace, Role.ANALYST))

    stranger = owner_client.post(reverse("messaging_promo:edit", args=[theirs.pk]), OWN | {"pasted": "A1"}).status_code
    analyst.post(ADD, OWN | {"pasted": "A1"})

    assert (stranger, codes_of(workspace), codes_of(other_workspace)) == (404, [], [])


def test_the_list_shows_what_is_left_in_a_constant_number_of_queries(owner_client, workspace):
    counts = []
    for number in range(1, 4):
        with scope(workspace=workspace):
            pool = PromoPool.objects.create(workspace=workspace, name=f"Winter {number}", expires_at=TUESDAY)
            add_codes(pool=pool, codes=[f"A{at}" for at in range(number)])
        with CaptureQueriesContext(connection) as queries:
            response = owner_client.get(reverse("messaging_promo:index"))
        counts.append(len(queries))

    assert counts[1] == counts[2]
    assert [pool.left for pool in response.context["object_list"]] == [1, 2, 3]
    assert "none left" not in response.text
