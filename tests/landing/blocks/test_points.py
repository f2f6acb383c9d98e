"""What must be understood, in a few sentences."""

import pytest

from landing.visitors import SAMPLE
from tests.landing.blocks.showing import refused, shown


def test_each_sentence_takes_merge_fields():
    html = shown("points", {"points": ["One {first_name|x}", "Two"]}, visitor=SAMPLE)

    assert ("<li>One Camille</li>" in html, "<li>Two</li>" in html) == (True, True)


@pytest.mark.parametrize("points", [[], [""], ["x"] * 7, ["{phone|x}"]])
def test_one_to_six_sentences_for_everybody(points):
    assert refused("points", {"points": points})
