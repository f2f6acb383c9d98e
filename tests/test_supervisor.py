import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.installation import ROOT, wait_until

SCRIPT = """
import os, sys
from chappe.supervisor import Child, supervise
folder = sys.argv[1]
line = "import os, time; open(os.path.join({!r}, 'child-%d' % os.getpid()), 'w').close(); time.sleep(60)".format(folder)
supervise([Child("sleeper", [sys.executable, "-c", line])], os.environ)
open(os.path.join(folder, "stopped"), "w").close()
"""


def start_supervisor(folder: Path) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "site")}
    return subprocess.Popen([sys.executable, "-c", SCRIPT, str(folder)], env=environment, stderr=subprocess.DEVNULL)


def pids(folder: Path) -> list[int]:
    return sorted(int(path.name.removeprefix("child-")) for path in folder.glob("child-*"))


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_supervisor_starts_a_killed_child_again(tmp_path):
    supervisor = start_supervisor(tmp_path)
    wait_until(lambda: len(pids(tmp_path)) == 1, "the first child")

    os.kill(pids(tmp_path)[0], signal.SIGKILL)

    wait_until(lambda: len(pids(tmp_path)) == 2, "the second child")
    supervisor.terminate()
    assert supervisor.wait(timeout=20) == 0


def test_supervisor_stops_its_children_on_interrupt(tmp_path):
    supervisor = start_supervisor(tmp_path)
    wait_until(lambda: len(pids(tmp_path)) == 1, "the child")
    time.sleep(0.3)

    supervisor.send_signal(signal.SIGINT)

    assert supervisor.wait(timeout=20) == 0
    assert (tmp_path / "stopped").exists()
    assert [is_alive(pid) for pid in pids(tmp_path)] == [False]


def test_signals_that_come_together_leave_no_child_behind(tmp_path):
    supervisor = start_supervisor(tmp_path)
    wait_until(lambda: len(pids(tmp_path)) == 1, "the child")
    time.sleep(0.3)

    # A closing terminal hangs up while somebody else says stop: all of them wait when the process goes on.
    supervisor.send_signal(signal.SIGSTOP)
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        supervisor.send_signal(number)
    supervisor.send_signal(signal.SIGCONT)

    assert supervisor.wait(timeout=20) == 0
    assert [is_alive(pid) for pid in pids(tmp_path)] == [False]


def test_a_supervisor_killed_with_9_leaves_no_child_behind(tmp_path):
    supervisor = start_supervisor(tmp_path)
    wait_until(lambda: len(pids(tmp_path)) == 1, "the child")

    supervisor.kill()
    supervisor.wait(timeout=20)

    wait_until(lambda: not any(is_alive(pid) for pid in pids(tmp_path)), "the child to end")
