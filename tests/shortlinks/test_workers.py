"""One command, any number of workers on one port: whoever dies is started again, and visitors queue meanwhile."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from bench.processes import command_line, family
from shortlinks.server import _watch_parent
from tests.installation import answers, wait_until
from tests.servers import free_port
from tests.shortlinks.conftest import HOST

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def db(live):
    """No transaction around these tests: other processes must see the rows."""


def visit(port, code):
    """A visitor with a connection of their own."""
    return httpx.get(f"http://127.0.0.1:{port}/{code}", headers={"host": HOST}, timeout=10).status_code


def workers_of(process):
    """Those that answer visitors; a drainer and the workers' writers belong to the family too."""
    others = (" drain ", " shortlinks.writing ")
    return [pid for pid in family(process.pid)[1:] if not any(other in command_line(pid) for other in others)]


def test_visitors_queue_while_a_killed_worker_is_started_again(live):
    link, codes = live.new_link(20)
    process, port = live.installation.processes["redirect"], live.installation.short_port
    statuses = [visit(port, code) for code in codes[:10]]

    for worker in workers_of(process):
        os.kill(worker, signal.SIGKILL)
    statuses += [visit(port, code) for code in codes[10:]]

    assert statuses == [302] * 20
    assert len(live.wait_for_clicks(20, link)) == 20


def test_several_workers_share_a_port_and_end_together(live):
    link, codes = live.new_link(40)
    port = free_port()
    command = [*live.installation.commands()["redirect"][:-1], str(port), "--workers", "3"]
    process = subprocess.Popen(command, env=live.installation.environment)
    wait_until(lambda: answers(f"http://127.0.0.1:{port}/_health"), "three workers")

    statuses, workers = [visit(port, code) for code in codes], workers_of(process)
    process.terminate()

    assert (statuses, len(workers)) == ([302] * 40, 3)
    assert process.wait(30) == 0
    assert not any(Path(f"/proc/{worker}").exists() for worker in workers)
    assert len(live.wait_for_clicks(40, link)) == 40


def test_a_worker_whose_parent_died_before_it_could_look_ends_too():
    parent = subprocess.Popen([sys.executable, "-c", ""])
    parent.wait()
    end = asyncio.Event()

    asyncio.run(asyncio.wait_for(_watch_parent(end, parent.pid), 10))

    assert end.is_set()
