"""A sentence and a button."""

import pytest

from landing.models import LandingPage
from tests.landing.blocks.showing import RUNNING, refused, shown


@pytest.mark.django_db  # a page looks its content type up
def test_without_a_button_of_its_own_it_repeats_the_main_action():
    page = LandingPage(action_label="Enter", action_target="https://shop.example/")

    html = shown("call_to_action", {"heading": "Come in"}, page=page)

    assert 'class="btn" href="https://shop.example/"' in html


@pytest.mark.parametrize(
    ("kind", "target", "href"),
    [
        ("link", "06 39 98 00 00", "tel:0639980000"),
        ("call", "06 39 98 00 00", "tel:0639980000"),
        ("whatsapp", "06 39 98 00 00", "https://wa.me/33639980000"),
        ("whatsapp", "+44 20 7946 0000", "https://wa.me/442079460000"),
        (
            "directions",
            "8 rue du Lavoir",
            "https://www.google.com/maps/dir/?api=1&amp;destination=8%20rue%20du%20Lavoir",
        ),
        ("link", "https://shop.example/", "https://shop.example/"),
    ],
)
def test_a_button_calls_writes_leads_or_opens(kind, target, href):
    html = shown("call_to_action", {"heading": "Now", "label": "Go", "kind": kind, "target": target})

    assert f'href="{href}"' in html


@pytest.mark.parametrize("target", [*RUNNING, "/relative", "call me"])
def test_it_leads_to_a_web_address_or_a_phone(target):
    assert refused("call_to_action", {"heading": "Ask us", "label": "Go", "target": target})


@pytest.mark.parametrize("kind", ["call", "whatsapp"])
def test_a_call_needs_a_number(kind):
    assert refused("call_to_action", {"heading": "Now", "label": "Go", "kind": kind, "target": "https://x.example/"})


def test_a_heading_for_some_only_is_refused():
    assert refused("call_to_action", {"heading": "For {first_name}"})
