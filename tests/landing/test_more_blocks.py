"""Each block by itself: what visitors get of it, without a database where none is needed."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation
from django_scopes import scope
from hypothesis import given
from hypothesis import strategies as st

from audience.models import Segment
from landing.blocks import all_blocks, blocks_for
from landing.calendar import Event, written
from landing.models import LandingPage, Piece
from landing.opening import Opening, Span, opening_at
from landing.visitors import ANYONE, SAMPLE, Visitor
from messaging.models import PromoPool
from tests.factories import make_contact

BODY = dict(blocks_for("body"))
HERO = dict(blocks_for("hero"))["hero"]
PARIS = ZoneInfo("Europe/Paris")
# A Tuesday, in the middle of the morning.
NOW = datetime(2026, 11, 24, 10, 30, tzinfo=PARIS)


def shown(name: str, value: dict, **context: object) -> str:
    block = BODY.get(name, HERO)
    with translation.override("en"):
        return block.render(block.to_python(value), {"anchor": "a", "visitor": ANYONE, "now": NOW, **context})


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("points", {"points": ["One {first_name|x}"]}, ["<li>One x</li>"]),
        (
            "facts",
            {"figure": "96 m²", "facts": [{"label": "Floor", "value": "2"}]},
            ['big sum">96 m²', "<dt>Floor</dt>"],
        ),
        ("steps", {"steps": [{"state": "here", "title": "On"}]}, ['<li class="here" aria-current="step"><b>On</b>']),
        (
            "faq",
            {"questions": [{"question": "Why?", "answer": "<p>So.</p>"}]},
            ["<summary>Why?</summary>", "<p>So.</p>"],
        ),
        ("energy", {"energy": "C", "climate": "B"}, ["<b>C</b>", "<span>D</span>", "Energy class C, climate class B"]),
        ("testimonials", {"quotes": [{"text": "Good.", "author": "Nadia"}]}, ["“Good.”", "Nadia"]),
        ("social", {"profiles": [{"network": "tiktok", "address": "https://t.example/"}]}, [">TikTok</a>"]),
        ("divider", {}, ["<hr>"]),
        ("choices", {"choices": [{"label": "10 h", "link": ""}]}, ["10\xa0h", "taken"]),
        ("products", {"products": [{"name": "Coat", "price": "1 €", "was": "2 €"}]}, ["Coat", "instead of", "<s>"]),
        ("gallery", {"views": [{"title": "Kitchen"}]}, ["Kitchen", 'tabindex="0"']),
        (
            "lines",
            {"order": "time", "parts": [{"lines": [{"name": "Doors", "figure": "18:30"}]}]},
            ['class="lines when"', "Doors", "18:30"],
        ),
        (
            "video",
            {"address": "https://youtu.be/x", "title": "The workshop"},
            ['href="https://youtu.be/x"', "opens on YouTube"],
        ),
    ],
)
def test_a_block_shows_what_it_was_given(name, value, expected):
    html = shown(name, value)

    assert [part for part in expected if part not in html] == []
    assert "<script" not in html
    assert "<iframe" not in html


# Poster ------------------------------------------------------------------------------------------------


def test_a_poster_stands_on_the_colour_that_was_chosen_with_its_seal():
    html = shown("hero", {"title": "Lunch", "art": "plate", "ground": "pop", "seal_figure": "19 €"})

    assert 'class="hero below pop"' in html
    assert '<b class="big">19\xa0€</b>' in html


def test_a_name_in_a_headline_over_a_drawing_stands_out_and_stays_text():
    html = shown("hero", {"title": "Hello {first_name|you}", "art": "hair"}, visitor=Visitor("<b>x", 1))

    assert "Hello <em>&lt;b&gt;x</em>" in html


def test_the_video_of_a_poster_is_a_link_and_loads_nothing():
    html = shown("hero", {"title": "Look", "art": "plain", "video": "https://vimeo.com/1"})

    assert '<a class="play" href="https://vimeo.com/1"' in html
    assert "<video" not in html


# Code --------------------------------------------------------------------------------------------------


def test_a_promo_code_can_be_copied_and_scanned(in_workspace):
    pool = PromoPool.objects.create(workspace=in_workspace, name="Winter", shared_code="WINTER")

    html = shown("promo_code", {"pool": str(pool.pk), "has_qr": True})

    assert 'data-copied="Copied">WINTER</code>' in html
    assert 'role="img" aria-label="QR code for the till"' in html


def test_whoever_has_no_code_of_their_own_reads_where_it_is(in_workspace):
    pool = PromoPool.objects.create(workspace=in_workspace, name="Winter")

    html = shown("promo_code", {"pool": str(pool.pk), "has_qr": True})

    assert "Your code is in the SMS." in html
    assert "<svg" not in html


# Countdown ---------------------------------------------------------------------------------------------


def test_a_countdown_says_the_date_in_words_and_the_figures_without_a_script():
    html = shown("countdown", {"ends_at": (NOW + timedelta(days=2, hours=6, minutes=14)).isoformat()})

    assert "Thursday 26 November at 16:44</time>" in html
    assert "<b>2</b>" in html
    assert "<b>06</b>" in html
    assert "<b>14</b>" in html


def test_a_countdown_whose_date_has_passed_says_so():
    html = shown("countdown", {"ends_at": (NOW - timedelta(minutes=1)).isoformat()})

    assert "This offer ended on Tuesday 24 November at 10:29." in html
    assert "data-end" not in html


@pytest.mark.django_db  # a page looks its content type up
def test_a_countdown_without_a_date_counts_down_to_the_end_of_the_page():
    page = LandingPage(expire_at=NOW + timedelta(minutes=90))

    html = shown("countdown", {}, page=page)

    assert "<b>01</b>" in html
    assert "<b>30</b>" in html


# Hours -------------------------------------------------------------------------------------------------

TUESDAY_HOURS = {"ranges": [{"days": ["1"], "opens": "09:30", "closes": "12:00"}]}


def test_the_shop_is_open_until_it_closes():
    assert "<b>Open now</b>, until 12:00" in shown("hours", TUESDAY_HOURS)


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (NOW.replace(hour=8), "<b>Closed</b>, opens at 09:30"),
        (NOW.replace(hour=13), "<b>Closed</b>, opens Tuesday at 09:30"),
    ],
)
def test_a_closed_shop_says_when_it_opens(moment, words):
    assert words in shown("hours", TUESDAY_HOURS, now=moment)


def test_hours_are_those_of_the_shop_whatever_the_clock_of_the_server():
    assert "<b>Open now</b>" in shown("hours", TUESDAY_HOURS, now=NOW.astimezone(UTC))


def test_a_page_is_kept_no_longer_than_until_the_shop_closes():
    block = BODY["hours"]

    assert block.changes_at(block.to_python(TUESDAY_HOURS), NOW) == NOW.replace(hour=12, minute=0)


def test_a_bar_that_closes_after_midnight_is_open_then():
    spans = [Span(0, time(18), time(2))]

    assert opening_at(spans, NOW.replace(hour=1)) == Opening(True, NOW.replace(hour=2, minute=0))


def test_without_a_break_two_ranges_are_one():
    spans = [Span(1, time(9), time(12)), Span(1, time(12), time(18))]

    assert opening_at(spans, NOW).changes_at == NOW.replace(hour=18, minute=0)


spans_of_a_week = st.lists(st.builds(Span, st.integers(0, 6), st.times(), st.times()), min_size=1, max_size=8)


@given(spans_of_a_week, st.integers(0, 7 * 24 * 60))
def test_open_or_closed_holds_until_the_moment_that_is_named(spans, minute):
    now = NOW + timedelta(minutes=minute)

    opening = opening_at(spans, now)

    assert opening.changes_at is not None
    assert opening.changes_at > now
    just_before = opening.changes_at - timedelta(microseconds=1)
    assert opening_at(spans, just_before).is_open == opening.is_open


# Place, event, action ----------------------------------------------------------------------------------


def test_directions_open_the_phones_map_and_ask_nobody_before():
    html = shown("directions", {"address": "8 rue du Lavoir & co", "plan": "river"})

    assert 'href="https://www.google.com/maps/dir/?api=1&amp;destination=8%20rue%20du%20Lavoir%20%26%20co"' in html
    assert "<img" not in html
    assert 'class="river"' in html


@pytest.mark.parametrize(
    ("kind", "target", "href"),
    [
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


@pytest.mark.parametrize("kind", ["call", "whatsapp"])
def test_a_call_needs_a_number(kind):
    block = BODY["call_to_action"]

    with pytest.raises(ValidationError):
        block.clean(block.to_python({"heading": "Now", "label": "Go", "kind": kind, "target": "https://x.example/"}))


def test_an_event_ends_after_it_begins():
    block = BODY["event"]
    value = {"title": "x", "place": "y", "starts_at": NOW.isoformat(), "ends_at": NOW.isoformat()}

    with pytest.raises(ValidationError):
        block.clean(block.to_python(value))


def test_a_diary_file_escapes_folds_and_ends_its_lines():
    event = Event("1@x", "A; b, c\\ d", NOW, NOW + timedelta(hours=1), "é" * 60, "https://x.example/")

    text = written(event, now=NOW)

    assert "SUMMARY:A\\; b\\, c\\\\ d\r\n" in text
    assert "DTSTART:20261124T093000Z\r\n" in text
    assert max(len(line.encode()) for line in text.split("\r\n")) <= 75
    assert text.replace("\r\n ", "").count("é" * 60) == 1


# Inside of others --------------------------------------------------------------------------------------


def only_for(**choices: str) -> dict:
    return {**choices, "blocks": [{"type": "text", "value": {"heading": "Secret", "body": ""}}]}


@pytest.mark.parametrize(
    ("who", "visitor", "is_shown"),
    [
        ("recipient", SAMPLE, True),
        ("recipient", ANYONE, False),
        ("anyone", SAMPLE, False),
        ("anyone", ANYONE, True),
        ("", ANYONE, True),
    ],
)
def test_what_is_not_for_somebody_is_not_in_their_page(who, visitor, is_shown):
    assert ("Secret" in shown("only_for", only_for(who=who), visitor=visitor)) == is_shown


@pytest.mark.parametrize(("language", "is_shown"), [("fr", False), ("en", True)])
def test_a_language_is_the_recipients(language, is_shown):
    visitor = Visitor(contact_id=1, language="en")

    assert ("Secret" in shown("only_for", only_for(language=language), visitor=visitor)) == is_shown


def test_blocks_for_a_segment_are_shown_to_those_who_belong_to_it_now(workspace, other_workspace):
    rules = {"match": "all", "rules": [{"about": "city", "is": "equals", "values": ["Nantes"]}]}
    with scope(workspace=workspace):
        near, far = (make_contact(workspace, f"+3363998000{n}", city=city) for n, city in ((1, "Nantes"), (2, "Lyon")))
        segment = Segment.objects.create(workspace=workspace, name="Near", rules=rules)
        value = only_for(segment=str(segment.pk))

        seen = [
            "Secret" in shown("only_for", value, visitor=visitor)
            for visitor in (Visitor(contact_id=near.pk), Visitor(contact_id=far.pk), ANYONE)
        ]

    with scope(workspace=other_workspace):
        elsewhere = "Secret" in shown("only_for", value, visitor=Visitor(contact_id=near.pk))
    assert (seen, elsewhere) == ([True, False, False], False)


def test_a_reusable_block_is_shown_by_pages_of_its_workspace_only(workspace, other_workspace):
    body = [("text", {"heading": "Our hours", "body": ""})]
    with scope(workspace=workspace):
        piece = Piece.objects.create(workspace=workspace, name="Hours", body=body)
        ours = shown("reusable", {"piece": str(piece.pk)})
    with scope(workspace=other_workspace):
        theirs = shown("reusable", {"piece": str(piece.pk)})

    assert ("Our hours" in ours, "Our hours" in theirs) == (True, False)


def test_blocks_inside_of_others_are_found():
    stream = LandingPage.body.field.stream_block.to_python([{"type": "only_for", "value": only_for()}])

    assert [child.block_type for child in all_blocks(stream)] == ["only_for", "text"]
