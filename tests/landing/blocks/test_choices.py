"""Slots or ways, one button each."""

import pytest

from tests.landing.blocks.showing import ADDRESS, RUNNING, refused, shown


def test_what_is_taken_stays_and_says_so():
    html = shown("choices", {"choices": [{"label": "10 h", "link": ""}, {"label": "11 h", "link": ADDRESS}]})

    assert ("10\xa0h" in html, html.count("taken"), html.count("<a ")) == (True, 1, 1)


@pytest.mark.parametrize("choices", [[], [{"label": ""}], [{"label": "x"}] * 9, [{"label": "x", "link": RUNNING[0]}]])
def test_one_to_eight_with_words_and_nothing_that_runs(choices):
    assert refused("choices", {"choices": choices})
