"""Date, hour, place, and a file for the diary."""

from datetime import timedelta

import pytest

from landing.calendar import Event, written
from tests.landing.blocks.showing import NOW, refused, shown


def test_it_says_when_and_where():
    html = shown("event", {"title": "Meeting", "place": "Lime tree hall", "starts_at": NOW.isoformat()})

    assert ("Lime tree hall" in html, "10:30" in html) == (True, True)


@pytest.mark.parametrize(
    "value",
    [
        {"starts_at": NOW.isoformat(), "ends_at": NOW.isoformat()},
        {"starts_at": NOW.isoformat(), "ends_at": (NOW - timedelta(days=1)).isoformat()},
        {"starts_at": None},
    ],
)
def test_an_event_begins_and_ends_after_that(value):
    assert refused("event", {"title": "x", "place": "y", **value})


def test_a_diary_file_escapes_folds_and_ends_its_lines():
    event = Event("1@x", "A; b, c\\ d", NOW, NOW + timedelta(hours=1), "é" * 60, "https://x.example/")

    text = written(event, now=NOW)

    assert "SUMMARY:A\\; b\\, c\\\\ d\r\n" in text
    assert "DTSTART:20261124T093000Z\r\n" in text
    assert max(len(line.encode()) for line in text.split("\r\n")) <= 75
    assert text.replace("\r\n ", "").count("é" * 60) == 1


def test_a_title_of_several_lines_adds_none_to_the_diary():
    event = Event("1@x", "A\r\nATTENDEE:mailto:x@x.example", NOW, NOW + timedelta(hours=1), "x", "https://x.example/")

    assert "\r\nATTENDEE" not in written(event, now=NOW)
