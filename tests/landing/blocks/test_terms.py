"""Folded lines of small print."""

import pytest

from tests.landing.blocks.showing import refused, shown


def test_terms_are_folded_and_there_without_a_script():
    html = shown("terms", {"entries": [{"title": "Terms", "text": "<p>Until Sunday.</p>"}]})

    assert ("<summary>Terms</summary>" in html, "<p>Until Sunday.</p>" in html) == (True, True)


@pytest.mark.parametrize("entries", [[], [{"title": "Terms", "text": ""}], [{"title": "x", "text": "<p>x</p>"}] * 7])
def test_one_to_six_lines_with_a_text(entries):
    assert refused("terms", {"entries": entries})
