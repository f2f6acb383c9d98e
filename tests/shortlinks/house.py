"""A redirect under the product's own supervisor, on a database of its own that can be taken away."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import httpx
import psycopg
import pytest
from django.db import connection

from bench.processes import command_line, family
from tests.installation import ROOT, Installation, answers, wait_until
from tests.load import Crowd
from tests.servers import PostgresServer, create_database
from tests.template import VARIABLE, begin_with_template

HOST = "go.outage.example"
# The last of them are for visitors outside of crowds.
CODES, OUTSIDERS = 100_000, 500
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
        visitors = Crowd(self.installation.short_port, HOST, self.codes[self.used : -OUTSIDERS], **options)
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
            server = stack.enter_context(server_of_its_own())
            url = server.url
        else:
            begin_with_template(home / "chappe.sqlite3")
        house = House(Installation(home=home, database_url=url), server)
        house.manage("migrate", "--verbosity", "0")
        house.codes = house.manage("shell", "--verbosity", "0", "--command", SEED).partition("CODES ")[2].split()
        stack.callback(house.stop)
        house.start()
        yield house


@contextmanager
def server_of_its_own() -> Iterator[PostgresServer]:
    """One that may go away; migrated already, where the run has a template."""
    template = os.environ.get(VARIABLE)
    if template:
        server = PostgresServer(copied_from=connection.settings_dict["PORT"], database=template)
    else:
        server = PostgresServer()
    try:
        server.start()
        if not template:
            create_database(server.port)
        yield server
    finally:
        server.remove()


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


def house_is_whole(house: House) -> bool:
    try:
        return all(house.family().values()) and answers(f"http://{house.installation.short_host}/_health")
    except (ValueError, OSError):  # a process that is just being born or buried
        return False


def can_ask(house: House) -> bool:
    with suppress(httpx.HTTPError):
        return ask(house, "_health").is_server_error
    return False


def ask(house: House, path: str) -> httpx.Response:
    return httpx.get(f"http://{house.installation.short_host}/{path}", headers={"host": HOST}, timeout=20)
