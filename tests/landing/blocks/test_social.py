"""Where else the brand can be followed."""

import pytest

from tests.landing.blocks.showing import RUNNING, refused, shown


def test_profiles_are_plain_links_with_the_name_of_the_network():
    html = shown("social", {"profiles": [{"network": "tiktok", "address": "https://t.example/"}]})

    assert '<a href="https://t.example/" rel="noreferrer">TikTok</a>' in html
    assert "<img" not in html


def test_a_network_that_is_gone_keeps_its_name():
    assert ">orkut</a>" in shown("social", {"profiles": [{"network": "orkut", "address": "https://o.example/"}]})


@pytest.mark.parametrize("address", [*RUNNING, "", "@maison"])
def test_a_profile_has_an_address_that_runs_nothing(address):
    assert refused("social", {"profiles": [{"network": "site", "address": address}]})
