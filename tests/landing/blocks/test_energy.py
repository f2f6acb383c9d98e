"""The energy label of a home."""

import pytest

from tests.landing.blocks.showing import refused, shown


def test_both_classes_are_said_in_words_too():
    html = shown("energy", {"energy": "C", "climate": "B"})

    assert ("<b>C</b>" in html, "<span>D</span>" in html) == (True, True)
    assert "Energy class C, climate class B" in html


@pytest.mark.parametrize("letter", ["", "H", "c"])
def test_there_are_seven_classes(letter):
    assert refused("energy", {"energy": letter, "climate": "B"})
