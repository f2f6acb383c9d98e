"""Killed with 9 between landing and telling, or while telling: the receiver ends with exactly one effect a click."""

import os
import signal
import subprocess
import sys

import pytest
from django.db.models import F
from django_scopes import scopes_disabled

from shortlinks.models import JournalSegment, ShortLink
from tests.installation import ROOT, wait_until

TELLER = """
import os, signal, time
from django.db.models import F
from shortlinks.models import ShortLink
from shortlinks.services.news import tell_news
from shortlinks.signals import link_clicked

def count(clicks, **_):
    for click in clicks:
        ShortLink.objects.filter(pk=click.link_id).update(max_visits=F("max_visits") + 1)

def die(clicks, **_):
    os.kill(os.getpid(), signal.SIGKILL)

def dawdle(clicks, **_):
    time.sleep(2)

link_clicked.connect(count)
if "{then}":
    link_clicked.connect({then})
tell_news()
"""


@pytest.fixture
def db(live):
    """No transaction around these tests: other processes must see the rows."""


def teller(live, then=""):
    """A worker's pass, in a process of its own, with a receiver that counts, and does something `then`."""
    command = [sys.executable, str(ROOT / "manage.py"), "shell", "--verbosity", "0", "--command"]
    return subprocess.Popen([*command, TELLER.format(then=then)], env=live.installation.environment)


def tell(live):
    assert teller(live).wait(60) == 0


def told(link):
    with scopes_disabled():
        return ShortLink.objects.get(pk=link.pk).max_visits


def untold():
    return JournalSegment.objects.filter(told_offset__lt=F("landed_offset")).count()


def clicked(live, count):
    """A link that nobody has been told of, and its landed clicks."""
    tell(live)
    link, codes = live.new_link(size=count)
    with scopes_disabled():
        ShortLink.objects.filter(pk=link.pk).update(max_visits=0)
    for code in codes:
        assert live.get(code).status_code == 302
    live.wait_for_clicks(count, link)
    return link


def test_the_drainer_killed_as_soon_as_it_has_landed(live):
    link = clicked(live, 3)

    os.kill(live.drainer, signal.SIGKILL)
    before = told(link)
    tell(live)
    tell(live)

    assert (before, told(link), untold()) == (0, 3, 0)


def test_the_worker_killed_while_it_tells(live):
    link = clicked(live, 3)

    killed = teller(live, then="die").wait(60)
    before = told(link), untold()
    tell(live)
    tell(live)

    assert (killed, *before) == (-signal.SIGKILL, 0, 1)
    assert (told(link), untold()) == (3, 0)
    wait_until(lambda: live.drainer, "the drainer to go on")


def test_two_workers_that_tell_at_the_same_time(live):
    link = clicked(live, 3)

    tellers = [teller(live, then="dawdle") for _ in range(2)]

    assert [one.wait(60) for one in tellers] == [0, 0]
    assert (told(link), untold()) == (3, 0)
