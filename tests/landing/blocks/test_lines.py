"""A menu, a price list, a programme."""

import pytest

from tests.landing.blocks.showing import refused, shown


def test_times_stand_first_and_prices_last():
    lines = {"parts": [{"lines": [{"name": "Doors", "figure": "18:30"}]}]}

    times, prices = (shown("lines", {"order": order, **lines}) for order in ("time", "price"))

    assert ('class="lines when"' in times, 'class="lines when"' in prices) == (True, False)
    assert ("Doors" in times, "18:30" in times) == (True, True)


@pytest.mark.parametrize("parts", [[], [{"lines": []}], [{"lines": [{"name": ""}]}], [{"lines": [{"name": "x"}] * 21}]])
def test_every_line_has_a_name_and_there_are_not_too_many(parts):
    assert refused("lines", {"parts": parts})
