"""What is done, where we are, what comes next."""

import pytest

from tests.landing.blocks.showing import refused, shown


def test_where_we_are_is_said_to_screen_readers_too():
    html = shown("steps", {"steps": [{"state": "done", "title": "Packed"}, {"state": "here", "title": "On"}]})

    assert '<li class="here" aria-current="step"><b>On</b>' in html
    assert html.count("aria-current") == 1


@pytest.mark.parametrize("steps", [[], [{"title": "x"}], [{"title": "x"}] * 9, [{"title": "x", "state": "lost"}] * 2])
def test_two_to_eight_steps_that_are_done_here_or_next(steps):
    assert refused("steps", {"steps": steps})
