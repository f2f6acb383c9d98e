"""What customers said."""

import pytest

from tests.landing.blocks.showing import refused, shown


def test_a_quote_stands_in_quotation_marks_with_its_name():
    html = shown("testimonials", {"quotes": [{"text": "Good.", "author": "Nadia"}]})

    assert ("“Good.”" in html, "Nadia" in html) == (True, True)


@pytest.mark.parametrize("quotes", [[], [{"text": "Good."}], [{"text": "x" * 241, "author": "x"}]])
def test_nobody_in_particular_says_nothing(quotes):
    assert refused("testimonials", {"quotes": quotes})
