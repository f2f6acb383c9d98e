"""Facts at a glance."""

import pytest

from tests.landing.blocks.showing import refused, shown


def test_a_figure_that_matters_most_stands_above_the_facts():
    html = shown("facts", {"figure": "96 m²", "facts": [{"label": "Floor", "value": "2"}]})

    assert ('big sum">96 m²' in html, "<dt>Floor</dt>" in html) == (True, True)


@pytest.mark.parametrize("facts", [[], [{"label": "Floor"}], [{"label": "x", "value": "x"}] * 9])
def test_one_to_eight_facts_with_a_value(facts):
    assert refused("facts", {"facts": facts})
