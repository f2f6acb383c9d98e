"""The database away for an hour and more, by a clock that runs ahead: nothing that was known expires."""

import asyncio
import time
from types import SimpleNamespace

import pytest
from django.db import OperationalError
from django.utils import timezone

from shortlinks import directory, personal, redirect
from shortlinks.queries import codes_at
from shortlinks.services import reserve_range
from tests.factories import make_domain, make_link
from tests.shortlinks.door import Door

pytestmark = pytest.mark.django_db
HOST = "go.lambert.example"
HOUR = 3600


@pytest.fixture
def door(workspace, tmp_path, monkeypatch):
    make_domain(workspace)
    return Door(tmp_path, monkeypatch)


def code_of(link):
    reserve_range(link=link, size=1, now=timezone.now())
    return codes_at(link=link, positions=[0])[0]


def asked(door, code):
    """As a connection asks: memory first, and whatever that does not know, the database."""
    request = door.request(code, HOST)
    return door.redirect.answer_now(request) or asyncio.run(door.redirect.answer(request))


def begin_outage(door, monkeypatch, seconds):
    """So many seconds ago the database answered for the last time."""

    def away(*_):
        raise OperationalError("connection refused")

    clock = SimpleNamespace(monotonic=lambda: time.monotonic() + seconds, time=lambda: time.time() + seconds)
    for module in (directory, personal, redirect):
        monkeypatch.setattr(module, "time", clock)
    monkeypatch.setattr(door.redirect.directory, "_read", away)
    monkeypatch.setattr(personal, "_read", away)
    door.poll()


@pytest.mark.parametrize("hours", [1, 3 * 24])
def test_links_lead_on_and_what_is_not_known_may_try_again(door, workspace, monkeypatch, hours):
    plain, named = make_link(workspace), make_link(workspace, alias="soldes", max_visits=10)
    code = code_of(plain)
    door.poll()

    begin_outage(door, monkeypatch, hours * HOUR)
    answers = [asked(door, name) for name in (code, "soldes", "SOLDES", "0123456", "nowhere")]

    assert [(answer.status, answer.location) for answer in answers] == [
        (302, plain.target_url),
        (302, named.target_url),
        (302, named.target_url),
        (503, ""),
        (503, ""),
    ]
    assert [bool(answer.click) for answer in answers] == [True, True, True, False, False]
    assert ("retry-after", "5") in answers[3].headers


@pytest.mark.parametrize("most_under_way", [personal.MOST_UNDER_WAY, 0], ids=["in trouble", "with everybody waiting"])
def test_a_number_s_own_target_holds_while_nobody_can_ask_for_it_again(door, workspace, monkeypatch, most_under_way):
    known, unknown = (make_link(workspace, is_per_number=True) for _ in range(2))
    codes = code_of(known), code_of(unknown)
    door.poll()
    monkeypatch.setattr(personal, "_read", lambda link_id, number: "https://carrier.example/1")
    assert asked(door, codes[0]).location == "https://carrier.example/1"

    begin_outage(door, monkeypatch, 2 * HOUR)
    monkeypatch.setattr(personal, "MOST_UNDER_WAY", most_under_way)

    assert [asked(door, code).location for code in codes] == ["https://carrier.example/1", unknown.target_url]


def test_once_it_is_back_changes_are_known_again(door, workspace, monkeypatch):
    with monkeypatch.context() as outage:
        begin_outage(door, outage, HOUR)
        link = make_link(workspace)
        code = code_of(link)
        assert asked(door, code).status == 503

    door.poll()

    assert asked(door, code).status == 302
