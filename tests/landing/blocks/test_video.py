"""A picture and a play button."""

import pytest

from landing.blocks.video import host_of
from tests.landing.blocks.showing import RUNNING, refused, shown


def test_it_is_a_link_that_says_where_it_leads():
    html = shown("video", {"address": "https://youtu.be/x", "title": "The workshop"})

    assert ('href="https://youtu.be/x"' in html, "opens on YouTube" in html) == (True, True)
    assert ("<iframe" in html, "<video" in html) == (False, False)


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://m.youtube.com/watch?v=x", "YouTube"),
        ("https://www.vimeo.com/1", "Vimeo"),
        ("https://youtube.com.evil.example/", "youtube.com.evil.example"),
    ],
)
def test_hosts_have_the_names_that_people_use(address, host):
    assert host_of(address) == host


@pytest.mark.parametrize("address", [*RUNNING, "", "youtube"])
def test_it_has_an_address_that_runs_nothing(address):
    assert refused("video", {"address": address, "title": "x"})
