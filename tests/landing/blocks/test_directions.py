"""Where it is, without asking anybody before the tap."""

from tests.landing.blocks.showing import refused, shown


def test_the_phones_own_map_is_opened_and_nobody_is_asked_before():
    html = shown("directions", {"address": "8 rue du Lavoir & co", "plan": "river"})

    assert 'href="https://www.google.com/maps/dir/?api=1&amp;destination=8%20rue%20du%20Lavoir%20%26%20co"' in html
    assert "<img" not in html
    assert 'class="river"' in html


def test_an_address_can_not_break_out_of_its_link():
    html = shown("directions", {"address": '" onclick="alert(1)'})

    assert "destination=%22%20onclick%3D%22alert%281%29" in html


def test_a_drawing_that_is_gone_is_one_of_streets():
    assert shown("directions", {"address": "x", "plan": "sea"}) == shown("directions", {"address": "x"})


def test_without_an_address_there_is_no_way():
    assert refused("directions", {"address": ""})
