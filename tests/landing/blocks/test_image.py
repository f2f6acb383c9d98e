"""One picture, or several that are leafed through."""

from tests.landing.blocks.showing import ADDRESS, RUNNING, refused, shown


def test_one_picture_stands_alone_and_several_can_be_reached_by_keyboard():
    one = shown("image", {"pictures": [{"title": "Coat"}]})
    two = shown("image", {"heading": "Pieces", "pictures": [{"title": "Coat"}, {"title": "Bag"}]})

    assert "<ul" not in one
    assert '<ul class="rail" tabindex="0" aria-labelledby="a">' in two


def test_a_picture_with_an_address_leads_there():
    assert f'href="{ADDRESS}"' in shown("image", {"pictures": [{"title": "Coat", "link": ADDRESS}]})


def test_no_pictures_too_many_and_links_that_run_something_are_refused():
    assert refused("image", {"pictures": []})
    assert refused("image", {"pictures": [{"title": "x"}] * 7})
    assert refused("image", {"pictures": [{"title": "x", "link": RUNNING[0]}]})
