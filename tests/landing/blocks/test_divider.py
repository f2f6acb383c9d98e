"""A hairline."""

from tests.landing.blocks.showing import ALL, shown


def test_it_is_a_line_and_nothing_else():
    assert shown("divider", {}).strip() == "<hr>"
    assert list(ALL["divider"].child_blocks) == []
