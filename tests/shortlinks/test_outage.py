"""Bad days under load: every answered hit lands exactly once, no visitor sees an error, and nothing wedges.

The redirect runs under the product's own supervisor, on a database of its own that can be taken away.
"""

import os
import resource
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import httpx
import psycopg
import pytest
from django.db import connection

from bench.processes import command_line, family
from shortlinks.journal import HEAD, segments
from tests.installation import ROOT, Installation, answers, wait_until
from tests.load import VISITORS, Crowd, hang_up
from tests.servers import PostgresServer, create_database

pytestmark = pytest.mark.flow

HOST = "go.outage.example"
CODES = 30_000
SEED = f"""
from django.utils import timezone
from accounts.services import create_workspace
from shortlinks.queries import codes_at
from shortlinks.services import create_domain, create_tracked_link, reserve_range
workspace = create_workspace(name="Outage", slug="outage")
create_domain(workspace=workspace, host="{HOST}")
link = create_tracked_link(workspace=workspace, label="x", target_url="https://shop.example/", carries_visit=False)
reserve_range(link=link, size={CODES}, now=timezone.now())
print("CODES " + " ".join(codes_at(link=link, positions=range({CODES})).values()))
"""
SUPERVISOR = """
import os, sys
from chappe.supervisor import Child, supervise
supervise([Child("redirect", sys.argv[1:])], os.environ)
"""
NAMESPACE = ["unshare", "--mount", "--propagation", "private"]
LANDED = "SELECT position, count(*) FROM shortlinks_click GROUP BY position"


@dataclass
class House:
    """A redirect under its supervisor, and the database it lands in. Each test asks for codes of its own."""

    installation: Installation
    server: PostgresServer | None
    codes: list[str] = field(default_factory=list)
    used: int = 0
    crowd_began_at: int = 0
    supervisor: "subprocess.Popen[bytes] | None" = None

    @property
    def journal(self) -> Path:
        return self.installation.home / "journal"

    def manage(self, *arguments: str) -> str:
        command = [sys.executable, str(ROOT / "manage.py"), *arguments]
        environment = self.installation.environment
        return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout

    def start(self, *inside: str) -> None:
        command = [*inside, sys.executable, "-c", SUPERVISOR, *self.installation.commands()["redirect"]]
        with (self.installation.home / "redirect.log").open("ab") as log:
            self.supervisor = subprocess.Popen(command, env=self.installation.environment, stdout=log, stderr=log)
        self.wait_until_up()

    def stop(self) -> None:
        if self.supervisor:
            self.supervisor.terminate()
            self.supervisor.wait(timeout=60)
            self.supervisor = None

    def wait_until_up(self) -> None:
        url = f"http://{self.installation.short_host}/_health"
        wait_until(lambda: answers(url), lambda: f"the redirect; {self.installation.log('redirect')}")

    def family(self) -> dict[str, list[int]]:
        """Process ids: of the redirect's command with what serves and writes for it, and of its drainer."""
        [command] = children_of(self.supervisor.pid)
        everyone = family(command)
        drainers = [pid for pid in everyone if " drain " in command_line(pid)]
        writers = [pid for pid in everyone if " shortlinks.writing " in command_line(pid)]
        return {"redirect": [pid for pid in everyone if pid not in drainers], "drainer": drainers, "writer": writers}

    def kill(self, *names: str) -> None:
        """With 9, all at once: none of them hears of the other's end."""
        family = self.family()
        for pid in chain.from_iterable(family[name] for name in names):
            os.kill(pid, signal.SIGKILL)

    @contextmanager
    def crowd(self, **options: int) -> Iterator[Crowd]:
        """Visitors with codes that nobody had before; afterwards, everything that was answered must have landed."""
        self.crowd_began_at = self.used
        visitors = Crowd(self.installation.short_port, HOST, self.codes[self.used :], **options)
        with visitors:
            yield visitors
        self.used += visitors.answered.total() + visitors.doubtful.total() + len(visitors.refused)

    def landed(self, positions: range | None = None) -> Counter[str]:
        """How often each code's click is in the database, of these or else of those that the last crowd had."""
        with closing(self.connect()) as database:
            rows = database.execute(LANDED).fetchall()
        wanted = positions or range(self.crowd_began_at, self.used)
        return Counter({self.codes[position]: times for position, times in rows if position in wanted})

    def connect(self) -> "psycopg.Connection | sqlite3.Connection":
        if self.server:
            return psycopg.connect(self.server.url)
        return sqlite3.connect(self.installation.database_url.removeprefix("sqlite:///"), isolation_level=None)

    @contextmanager
    def without_database(self) -> Iterator[None]:
        """PostgreSQL is stopped; of SQLite, somebody else holds the lock."""
        if self.server:
            self.server.stop()
            yield
            self.server.start()
        else:
            with closing(self.connect()) as greedy:
                greedy.execute("BEGIN EXCLUSIVE")
                yield
                greedy.rollback()


def children_of(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    home = tmp_path_factory.mktemp("outage")
    with ExitStack() as stack:
        server, url = None, f"sqlite:///{home / 'chappe.sqlite3'}"
        if connection.vendor == "postgresql":
            server = PostgresServer()
            stack.callback(server.remove)
            server.start()
            create_database(server.port)
            url = server.url
        house = House(Installation(home=home, database_url=url), server)
        house.manage("migrate", "--verbosity", "0")
        house.codes = house.manage("shell", "--verbosity", "0", "--command", SEED).partition("CODES ")[2].split()
        stack.callback(house.stop)
        house.start()
        yield house


def assert_landed_exactly_once(house: House, crowd: Crowd) -> None:
    """Whoever was answered is there once; whoever was cut off, once at most; nobody else."""
    assert crowd.answered
    wait_until(
        lambda: set(house.landed()) >= set(crowd.answered), lambda: f"clicks; {house.installation.log('redirect')}"
    )
    landed = house.landed()
    assert {code: times for code, times in landed.items() if times != 1} == {}
    assert set(landed) - set(crowd.answered) - set(crowd.doubtful) == set()


def until_answered(crowd: Crowd, more: int) -> None:
    before = crowd.answered.total()
    wait_until(lambda: crowd.answered.total() >= before + more, f"{more} more answers")


def test_with_the_database_away_for_ten_seconds_nobody_notices(house):
    with house.crowd() as crowd:
        until_answered(crowd, 150)
        with house.without_database():
            time.sleep(10)
        until_answered(crowd, 150)

    assert (crowd.refused, crowd.doubtful) == ([], Counter())
    assert crowd.slowest < 2
    assert_landed_exactly_once(house, crowd)


def test_with_the_database_stopped_an_unknown_code_may_try_again(house):
    if not house.server:
        pytest.skip("a locked SQLite goes on answering who only reads")
    with house.crowd() as crowd, house.without_database():
        wait_until(lambda: ask(house, "0123456").status_code == 503, "the redirect to notice", 10)
        words = ask(house, "_health")

    assert words.json()["status"] == "degraded"
    wait_until(lambda: ask(house, "0123456").status_code == 404, "the redirect to recover", 15)
    assert_landed_exactly_once(house, crowd)


def ask(house: House, path: str) -> httpx.Response:
    return httpx.get(f"http://{house.installation.short_host}/{path}", headers={"host": HOST}, timeout=20)


@pytest.mark.parametrize("names", [("redirect",), ("drainer",), ("redirect", "drainer")], ids=" and ".join)
def test_killed_with_9_under_load_every_answered_hit_lands_exactly_once(house, names):
    with house.crowd() as crowd:
        for _ in range(2):
            until_answered(crowd, 150)
            house.kill(*names)
            wait_until(lambda: house_is_whole(house), "the processes to be up again")
        until_answered(crowd, 150)

    assert crowd.refused == []
    assert not crowd.doubtful or "redirect" in names
    assert_landed_exactly_once(house, crowd)


def test_with_the_writer_killed_alone_nobody_waits_and_no_more_than_its_batch_is_lost(house):
    with house.crowd() as crowd:
        until_answered(crowd, 150)
        before = ask(house, "_health").json()["lost"]
        house.kill("writer")
        until_answered(crowd, 300)

    lost = ask(house, "_health").json()["lost"] - before
    assert (crowd.refused, crowd.doubtful) == ([], Counter())
    # A batch holds one click of each visitor at most.
    assert lost <= VISITORS
    wait_until(lambda: house.landed().total() >= crowd.answered.total() - lost, "what was kept")
    assert set(house.landed().values()) == {1}


def house_is_whole(house: House) -> bool:
    try:
        return all(house.family().values()) and answers(f"http://{house.installation.short_host}/_health")
    except (ValueError, OSError):  # a process that is just being born or buried
        return False


def test_a_record_torn_by_a_crash_is_put_aside_and_holds_up_nothing(house):
    with house.crowd() as crowd:
        until_answered(crowd, 300)
        house.kill("redirect", "drainer")
        [*_, last] = segments(house.journal)
        tear(last)
        wait_until(lambda: house_is_whole(house), "the processes to be up again")
        until_answered(crowd, 150)

    assert_landed_exactly_once(house, crowd)
    wait_until(lambda: last.with_suffix(".torn").exists(), "the torn rest to be put aside")
    assert not last.exists()


def tear(segment: Path) -> None:
    """What a crash leaves when it comes in the middle of a write: a record that is not whole."""
    with segment.open("ab") as file:
        file.write(HEAD.pack(12345, 200) + b"half a record")


def test_visitors_who_hang_up_inside_a_batch_wedge_nothing(house):
    with house.crowd() as crowd:
        gone = range(CODES - 500, CODES)
        for position in gone:
            hang_up(house.installation.short_port, HOST, house.codes[position])
        until_answered(crowd, 300)

    assert (crowd.refused, crowd.doubtful) == ([], Counter())
    assert crowd.slowest < 2
    assert_landed_exactly_once(house, crowd)
    assert set(house.landed(gone).values()) <= {1}


def test_a_visitor_who_never_finishes_asking_holds_up_nobody(house):
    slow: list[socket.socket] = []
    with house.crowd() as crowd, ExitStack() as stack:
        for _ in range(50):
            visitor = stack.enter_context(socket.create_connection(("127.0.0.1", house.installation.short_port)))
            visitor.sendall(b"GET /half")
            slow.append(visitor)
        until_answered(crowd, 300)

    assert (crowd.refused, crowd.doubtful, len(slow)) == ([], Counter(), 50)
    assert_landed_exactly_once(house, crowd)


def test_with_the_disk_full_visitors_are_led_on_and_the_loss_is_counted_and_told(house):
    with house.crowd() as crowd:
        until_answered(crowd, 150)
        before = ask(house, "_health").json()
        with full_disk(house):
            until_answered(crowd, 150)
            during = ask(house, "_health").json()
        until_answered(crowd, 150)

    lost = ask(house, "_health").json()["lost"] - before["lost"]
    assert (crowd.refused, crowd.doubtful) == ([], Counter())
    # On SQLite, links can not be read either: its files would have to grow.
    assert (during["status"], "clicks could not be written" in during["troubles"]) == ("degraded", True)
    assert lost >= 100
    wait_until(lambda: house.landed().total() == crowd.answered.total() - lost, "what could be kept")
    assert set(house.landed().values()) == {1}


@contextmanager
def full_disk(house: House) -> Iterator[None]:
    """No file of the redirect may grow any more: the kernel refuses its writes as a full disk does, also root's."""
    pids = house.family()["redirect"]
    for pid in pids:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    yield
    for pid in pids:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def test_stopped_politely_under_load_everything_that_was_answered_lands(house):
    with house.crowd() as crowd:
        until_answered(crowd, 300)
        house.stop()

    try:
        assert segments(house.journal) == []
        assert_landed_exactly_once(house, crowd)
    finally:
        house.start()


@pytest.fixture
def house_with_mounts(house) -> Iterator[House]:
    """In a mount namespace of its own, where that is permitted."""
    tried = subprocess.run([*NAMESPACE, "mount", "--bind", "/", "/"], capture_output=True, text=True, check=False)
    if tried.returncode:
        pytest.skip(f"{tried.stderr.strip()}; a full disk (above) is refused in the same place")
    house.stop()
    house.start(*NAMESPACE)
    yield house
    house.stop()
    house.start()


@contextmanager
def read_only(house: House) -> Iterator[None]:
    """The journal's folder is mounted read-only; what is open already stays writable, so its writer starts again."""
    mounted = str(house.journal)
    inside = ["nsenter", "--target", str(house.supervisor.pid), "--mount"]
    subprocess.run([*inside, "mount", "--bind", mounted, mounted], check=True)
    subprocess.run([*inside, "mount", "-o", "remount,bind,ro", mounted], check=True)
    house.kill("writer")
    yield
    subprocess.run([*inside, "umount", "--lazy", mounted], check=True)


def test_with_the_journal_mounted_read_only_visitors_are_led_on_and_all_is_well_once_it_is_over(house_with_mounts):
    house = house_with_mounts
    with house.crowd() as crowd:
        until_answered(crowd, 150)
        before = ask(house, "_health").json()
        with read_only(house):
            until_answered(crowd, 300)
            during = ask(house, "_health").json()
        until_answered(crowd, VISITORS)
        after = ask(house, "_health").json()
        until_answered(crowd, 150)

    end = ask(house, "_health").json()
    lost = end["lost"] - before["lost"]
    assert (crowd.refused, crowd.doubtful) == ([], Counter())
    assert (during["status"], during["troubles"]) == ("degraded", ["clicks could not be written"])
    assert lost >= 100
    assert (end["lost"], end["kept"] > after["kept"]) == (after["lost"], True)
    wait_until(lambda: house.landed().total() == crowd.answered.total() - lost, "what could be kept")
    assert set(house.landed().values()) == {1}


def test_started_on_a_journal_mounted_read_only_it_leads_on_and_recovers_by_itself(house_with_mounts):
    house = house_with_mounts
    with house.crowd() as crowd, read_only(house):
        house.kill("redirect", "drainer")
        wait_until(lambda: house_is_whole(house), "the processes to be up again")
        until_answered(crowd, 150)
        during = ask(house, "_health").json()

    with house.crowd() as later:
        until_answered(later, 150)
    assert (during["status"], during["kept"], during["lost"] >= 100) == ("degraded", 0, True)
    assert crowd.refused == []
    assert_landed_exactly_once(house, later)
