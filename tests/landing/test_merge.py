import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from landing.merge import check_fields, merged, merged_html, typeset

HOSTILE = '<script>alert("x")</script>'


def test_a_known_visitor_reads_their_name():
    assert merged("{first_name|Welcome}, come in", {"first_name": "Claire"}) == "Claire, come in"


@pytest.mark.parametrize("values", [{}, {"first_name": ""}])
def test_anyone_else_reads_the_fallback(values):
    assert merged("{first_name| Welcome }, come in", values) == "Welcome, come in"


def test_rich_text_escapes_the_name_and_keeps_the_mark_up():
    html = merged_html("<p>Hello <b>{first_name|you}</b></p>", {"first_name": HOSTILE})

    assert html == "<p>Hello <b>&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;</b></p>"


def test_rich_text_fills_nothing_inside_a_tag():
    html = '<a href="https://shop.example/{first_name|x}">{first_name|x}</a>'

    assert merged_html(html, {"first_name": '" onclick="x'}) == (
        '<a href="https://shop.example/{first_name|x}">&quot; onclick=&quot;x</a>'
    )


@given(st.text())
def test_no_name_adds_a_tag(name):
    assert merged_html("<p>{first_name|you}</p>", {"first_name": name}).count("<") == 2


def test_a_field_needs_a_fallback():
    with pytest.raises(ValidationError) as refused:
        check_fields("Hello {first_name}")

    assert refused.value.code == "fallback"


@pytest.mark.parametrize("text", ["{phone|x}", "{email|x}", "{last_name|x}"])
def test_a_page_shows_nothing_of_a_person_but_their_first_name(text):
    with pytest.raises(ValidationError) as refused:
        check_fields(text)

    assert refused.value.code == "field"


def test_french_spaces_do_not_break():
    assert typeset("Prêt ? « Oui » à 23 h 59 : −40 %, 1 200 €") == (
        "Prêt\xa0? «\xa0Oui\xa0» à 23\xa0h\xa059\xa0: −40\xa0%, 1\xa0200\xa0€"
    )
