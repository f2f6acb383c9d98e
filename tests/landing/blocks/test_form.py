"""What a form block shows and refuses; what becomes of an answer stands in test_forms.py."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.utils import timezone

from landing.answers.form import form_for
from tests.landing.asking import form_data, question
from tests.landing.blocks.showing import ALL, refused, shown

AGREE = {"wording": "I agree.", "purpose": "marketing"}


def test_fields_are_as_phones_fill_them_in_and_no_box_is_ticked():
    page = BeautifulSoup(shown("form", form_data(details=["first_name", "phone", "email"])), "html.parser")

    assert {field["name"]: field.get("autocomplete") for field in page.select("input.in")} == {
        "first_name": "given-name",
        "phone": "tel",
        "email": "email",
    }
    assert (len(page.select("[type=checkbox]")), page.select("[checked]")) == (1, [])


def test_two_forms_on_a_page_have_fields_of_their_own():
    one, other = (
        {
            tag["id"]
            for tag in BeautifulSoup(shown("form", form_data(), block_id=key), "html.parser").select("input[id]")
        }
        for key in ("11111111-a", "22222222-b")
    )

    assert one
    assert one & other == set()


def test_what_there_is_to_say_after_sending_is_where_the_address_leads():
    pages = [
        BeautifulSoup(shown("form", form_data(), **context), "html.parser")
        for context in ({}, {"sent": "b"}, {"bound_forms": {"b": answered()}})
    ]

    assert [page.select_one("#form-b").get("role") for page in pages] == [None, "status", "alert"]
    assert [len(page.select("#form-b")) for page in pages] == [1, 1, 1]


def answered():
    """As it was sent, with nothing in it."""
    block = ALL["form"]
    return form_for(block.to_python(form_data()), workspace=None, block="b", data={})


def test_a_form_that_has_closed_says_so_and_keeps_no_page_too_long():
    soon = timezone.now() + timedelta(minutes=1)
    block = ALL["form"]

    closed = shown("form", form_data(closes_at=(soon - timedelta(hours=1)).isoformat()))

    assert ("This form is closed." in closed, "<form" in closed) == (True, False)
    assert block.changes_at(block.to_python(form_data(closes_at=soon.isoformat())), timezone.now()) == soon


@pytest.mark.parametrize(
    "fields",
    [
        {"details": [], "boxes": []},
        {"details": ["first_name"], "boxes": [AGREE]},
        {"details": ["first_name"], "boxes": [], "kind": "contest"},
        {"boxes": [AGREE] * 4},
        {"boxes": [{"wording": "", "purpose": "marketing"}]},
        {"questions": [question("Size", "one", options="S")]},
        {"questions": [question("Size", "one", options="S\nS\n ")]},
        {"heading": "For {first_name}"},
        {"thanks": ""},
    ],
)
def test_a_form_asks_something_and_a_yes_belongs_to_a_number(fields):
    assert refused("form", form_data(**fields))
