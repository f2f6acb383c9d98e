"""What a template brings and nobody has replaced is found, wherever it stands, and nothing else is."""

import json

import pytest
from django.utils import translation

from landing.placeholders import is_sample, placeholders_of
from tests.factories import make_page


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://www.example.com/sale?a=1", True),
        ("https://example.org", True),
        ("http://EXAMPLE.net:8000/", True),
        ("https://maison-lambert.example/", True),
        ("https://shop.invalid/", True),
        ("https://shop.test/", True),
        ("https://counterexample.com/", False),
        ("https://example.com.shop.fr/", False),
        ("https://shop.fr/?from=example.com", False),
        ("https://[broken/", False),
    ],
)
def test_an_address_is_an_example_by_its_host(address, expected):
    assert is_sample(address) is expected


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("06 39 98 00 00", ["06 39 98 00 00"]),
        ("Call 0639980012, or +33 6 39 98 00 13.", ["0639980012", "+33 6 39 98 00 13"]),
        (
            "06.39.98.00.14 / 06\u00a039\u00a098\u00a000\u00a015",
            ["06.39.98.00.14", "06\u00a039\u00a098\u00a000\u00a015"],
        ),
        ("+33 (0)6 39 98 00 16", ["+33 (0)6 39 98 00 16"]),
        ("06 39 97 00 00, 106 39 98 00 00, 06 39 98 00 001", []),
    ],
)
def test_a_number_of_fiction_is_found_however_it_is_written(in_workspace, words, found):
    page = make_page(in_workspace)
    page.hero = json.dumps([{"type": "hero", "value": {"title": "Winter", "text": words}}])

    assert [each.example for each in placeholders_of(page)] == found


def test_each_example_is_named_once_with_its_block_inside_of_others_too(in_workspace):
    page = make_page(in_workspace)
    rich = '<p><a href="https://example.com/a?b=1&amp;c=2">x</a> <a href="tel:+33639980000">y</a></p>'
    text = {"type": "text", "value": {"body": rich}}
    page.body = json.dumps([text, text, {"type": "only_for", "value": {"blocks": [text]}}])
    page.action_label, page.action_target = "Go", "https://shop.fr/"

    with translation.override("en"):
        found = placeholders_of(page)

    assert found == [("Text", "https://example.com/a?b=1&c=2"), ("Text", "+33639980000")]
