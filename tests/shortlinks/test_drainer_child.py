"""The redirect's drainer as a child: it comes back when it dies, it does not spin, and it is gone when it has ended."""

import os
import subprocess
import sys
import time
from pathlib import Path

from shortlinks.management.commands import redirect
from shortlinks.management.commands.redirect import DrainerChild

SLEEPER = [sys.executable, "-c", "import signal; signal.sigtimedwait({signal.SIGTERM}, 60)"]
MANAGE = Path(__file__).resolve().parents[2] / "manage.py"
BARREN = [sys.executable, "-c", ""]


def test_a_drainer_that_dies_is_started_again(monkeypatch):
    monkeypatch.setattr(redirect, "RESTART_SECONDS", 0.0)
    child = DrainerChild(SLEEPER)
    first = child._process
    first.kill()
    first.wait()

    child.look_after()

    assert child._process is not first
    child.stop()
    assert child._process.returncode is not None


def test_a_drainer_that_lives_is_left_alone(monkeypatch):
    monkeypatch.setattr(redirect, "RESTART_SECONDS", 0.0)
    child = DrainerChild(SLEEPER)
    first = child._process

    child.look_after()

    assert child._process is first
    child.stop()


def test_one_that_dies_at_once_is_not_started_again_at_once():
    child = DrainerChild(BARREN)
    first = child._process
    first.wait()

    child.look_after()

    assert child._process is first
    time.sleep(redirect.RESTART_SECONDS)
    child.look_after()
    assert child._process is not first
    child.stop()


def test_a_drainer_whose_parent_died_before_it_could_look_ends_too(tmp_path):
    """It takes seconds to get ready: by then it may already be somebody else's child."""
    parent = subprocess.Popen([sys.executable, "-c", ""])
    parent.wait()

    drainer = subprocess.Popen(
        [sys.executable, str(MANAGE), "drain", "--parent", str(parent.pid)],
        env={**os.environ, "CHAPPE_HOME": str(tmp_path), "CHAPPE_JOURNAL_DIR": str(tmp_path / "journal")},
    )

    try:
        assert drainer.wait(timeout=60) == 0
    finally:
        drainer.kill()


def test_a_drainer_that_is_asked_to_stop_before_it_is_ready_lands_what_is_there_first(tmp_path):
    """Its signals wait for it: as the redirect's child it is born with them blocked."""
    ready = tmp_path / "ready"
    slow = f"import pathlib, signal, time; time.sleep(1); pathlib.Path({str(ready)!r}).touch(); "
    child = DrainerChild([sys.executable, "-c", slow + "signal.sigtimedwait({signal.SIGTERM}, 60)"])

    child.stop()

    assert (child._process.returncode, ready.exists()) == (0, True)
