"""The poster: a photo or a drawing, one sentence, a seal, a video that loads nothing."""

import pytest

from landing.visitors import Visitor
from tests.landing.blocks.showing import RUNNING, refused, shown


def test_it_stands_on_the_colour_that_was_chosen_with_its_seal():
    html = shown("hero", {"title": "Lunch", "art": "plate", "ground": "pop", "seal_figure": "19 €"})

    assert 'class="hero below pop"' in html
    assert '<b class="big">19\xa0€</b>' in html


def test_a_name_in_a_headline_over_a_drawing_stands_out_and_stays_text():
    html = shown("hero", {"title": "Hello {first_name|you}", "art": "hair"}, visitor=Visitor("<b>x", 1))

    assert "Hello <em>&lt;b&gt;x</em>" in html


def test_its_video_is_a_link_and_loads_nothing():
    html = shown("hero", {"title": "Look", "art": "plain", "video": "https://vimeo.com/1"})

    assert '<a class="play" href="https://vimeo.com/1"' in html
    assert "<video" not in html


def test_a_drawing_or_a_colour_that_is_gone_leaves_the_words():
    html = shown("hero", {"title": "Lunch", "art": "unicorn", "ground": ""})

    assert 'class="hero  stage"' in html
    assert ">Lunch</h1>" in html


@pytest.mark.parametrize("value", [{"title": ""}, {"title": "x" * 81}, {"title": "For {first_name}"}])
def test_a_headline_is_there_short_and_for_everybody(value):
    assert refused("hero", value)


@pytest.mark.parametrize("address", RUNNING)
def test_its_video_runs_nothing(address):
    assert refused("hero", {"title": "Look", "video": address})
