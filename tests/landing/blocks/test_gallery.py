"""Pictures to leaf through."""

import pytest

from tests.landing.blocks.showing import refused, shown


def test_captions_stand_below_what_can_be_scrolled_by_keyboard():
    html = shown("gallery", {"heading": "Views", "views": [{"title": "Kitchen"}, {"title": "Terrace"}]})

    assert '<ul class="rail wide3" tabindex="0" aria-labelledby="a">' in html
    assert ("Kitchen" in html, "Terrace" in html) == (True, True)


@pytest.mark.parametrize("number", [0, 1, 13])
def test_two_to_twelve(number):
    assert refused("gallery", {"views": [{"title": "x"}] * number})
