"""A picture and a play button."""

import pytest

from landing.blocks.video import host_of, player_of
from tests.factories import make_page
from tests.landing.blocks.showing import RUNNING, refused, shown


def test_it_is_a_link_that_says_where_it_leads():
    html = shown("video", {"address": "https://youtu.be/x", "title": "The workshop"})

    assert ('href="https://youtu.be/x"' in html, "opens on YouTube" in html) == (True, True)
    assert ("<iframe" in html, "<video" in html) == (False, False)


@pytest.mark.parametrize(
    ("address", "player"),
    [
        (
            "https://www.youtube.com/watch?app=m&v=abcdefgh-12",
            "https://www.youtube-nocookie.com/embed/abcdefgh-12?autoplay=1&rel=0",
        ),
        ("https://youtu.be/abcdefgh-12?t=3", "https://www.youtube-nocookie.com/embed/abcdefgh-12?autoplay=1&rel=0"),
        ("https://vimeo.com/76979871", "https://player.vimeo.com/video/76979871?autoplay=1&dnt=1"),
        ("https://www.dailymotion.com/video/x8abc", "https://geo.dailymotion.com/player.html?video=x8abc"),
        ("https://youtube.com.evil.example/watch?v=abcdefgh-12", ""),
        ("https://www.youtube.com/@shop", ""),
        ("https://shop.example/film", ""),
    ],
)
def test_who_can_play_in_a_page_is_asked_to(address, player):
    assert player_of(address) == player


@pytest.mark.parametrize(
    ("address", "lets_in"),
    [
        ("https://youtu.be/abcdefgh-12", "; frame-src https://www.youtube-nocookie.com"),
        ("https://films.example/workshop.mp4?x=1", "; media-src https://films.example"),
        ("https://shop.example/film", ""),
    ],
)
def test_a_page_lets_in_the_one_host_of_its_film_and_asks_nothing_of_it(client, workspace, address, lets_in):
    page = make_page(workspace)
    page.body = [("video", {"address": address, "title": "The workshop"})]
    page.save_revision().publish()

    answer = client.get(page.url)

    policy = answer["Content-Security-Policy"]
    assert [part for part in policy.split("; ") if part.startswith(("frame-src", "media-src"))] == [
        part for part in lets_in.split("; ") if part
    ]
    html = answer.content.decode()
    assert [tag in html for tag in ("<iframe", "<video", "preconnect", "dns-prefetch")] == [False] * 4


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
