"""How fast messages leave and are delivered: `python -m bench.dispatch --messages 100000`, PostgreSQL, fsync on.

Four processes of the product's own beside the server: one hands over (claim, gate, `submitting`, call, results), one is
the site's web door for delivery reports, one works on the stored calls; and a provider that takes a hundred messages a
call and reports a hundred at a time. Time runs from the first claim until the last message is *delivered*. A tenth of
the messages is measured too, and a tenth whose reports come one a call. The account's rate is far above what is
reached.
Promises: 1,000 messages a second, and ten times the work in eleven times the time. What a busy machine can't blur is
printed beside: processor time a message of each process, and queries for a hundred messages (without COPY).
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.campaign import PERSON, TEXT, execute
from bench.contacts import ROOT, keys, set_up
from bench.machine import facts
from bench.processes import command_line, cpu_seconds, family
from tests.installation import Installation
from tests.servers import free_port, postgres_server

LEAST_PER_SECOND = 1_000
MOST_TIMES_LINEAR = 11
RATE = 50_000
# A run that is slower than this a second has failed, and is told as it stands.
LEAST_TO_WAIT_FOR = 100
# What a process is told by: its part of the work, and words of its command line.
PARTS = {
    "hand_over": "--part deliver", "web": "granian", "reports": "--part inbox", "database": "postgres",
    "provider": "bench.provider",
}  # fmt: skip
HERE = "SELECT FROM messaging_message"
# Half past ten of a Tuesday: whenever this is measured, the law lets messages leave.
NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--messages", type=int, default=100_000)
    arguments.add_argument("--part", choices=["prepare", "deliver", "inbox"], help=argparse.SUPPRESS)
    arguments.add_argument("--port", type=int, help=argparse.SUPPRESS)
    arguments.add_argument("--home", type=Path, help=argparse.SUPPRESS)
    chosen = arguments.parse_args()
    if chosen.part:
        set_up()
        {"prepare": prepare, "deliver": deliver, "inbox": work_inbox}[chosen.part](chosen)
        return 0
    result = measure(chosen.messages)
    print(json.dumps(result, indent=2))
    return 1 if result["broken_promises"] else 0


def measure(messages: int) -> dict[str, Any]:
    tenth, whole = one_run(messages // 10, 100), one_run(messages, 100)
    single = one_run(messages // 10, 1)
    told = {
        "messages": messages,
        "messages_per_second": whole["per_second"],
        "times_for_ten_times_the_work": round(whole["seconds"] / tenth["seconds"], 2),
        "whole": whole, "tenth": tenth, "one_report_a_call": single, "machine": facts(),
    }  # fmt: skip
    promises = {
        f"{LEAST_PER_SECOND} messages a second": whole["per_second"] >= LEAST_PER_SECOND,
        "ten times the work in eleven times the time": told["times_for_ten_times_the_work"] <= MOST_TIMES_LINEAR,
        "all delivered, each handed over once": all(run["once"] for run in (whole, tenth, single)),
    }
    return told | {"broken_promises": [promise for promise, is_kept in promises.items() if not is_kept]}


def one_run(messages: int, reports_per_call: int) -> dict[str, Any]:
    """On a fresh server."""
    with postgres_server(durable=True) as database_url, tempfile.TemporaryDirectory(prefix="chappe-bench-") as home:
        os.environ |= keys()
        site = Installation(Path(home), database_url=database_url)
        environment = {**site.environment, "DJANGO_SETTINGS_MODULE": "bench.settings"}
        os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"
        (site.home / "queue").mkdir()
        for command in (["migrate"], ["collectstatic", "--no-input"]):
            manage = [sys.executable, ROOT / "manage.py", *command, "--verbosity", "0"]
            subprocess.run(manage, env=environment, check=True)
        port = free_port()
        subprocess.run(part("prepare", messages, port, site.home), env=environment, cwd=ROOT, check=True)
        provider = [sys.executable, "-m", "bench.provider", str(port), str(reports_per_call)]
        try:
            site.start("web")
            with running(provider, environment), running(part("inbox", messages, port, site.home), environment):
                return timed(messages, port, environment, database_url, site.home)
        finally:
            site.stop()


def part(name: str, messages: int, port: int, home: Path) -> list[str]:
    told = {"part": name, "messages": messages, "port": port, "home": home}
    options = [word for option, value in told.items() for word in (f"--{option}", str(value))]
    return [sys.executable, "-m", "bench.dispatch", *options]


@contextmanager
def running(command: list[str], environment: dict[str, str]) -> Iterator[None]:
    process = subprocess.Popen(command, env=environment, cwd=ROOT)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def timed(messages: int, port: int, environment: dict[str, str], database_url: str, home: Path) -> dict[str, Any]:
    import psycopg  # the bench looks on from outside

    with psycopg.connect(database_url, autocommit=True) as looker:
        wait_for_listener(port)
        patience = 60 + messages / LEAST_TO_WAIT_FOR
        with running(part("deliver", messages, port, home), environment):
            wait_for(looker, f"SELECT EXISTS ({HERE} WHERE state <> 'queued')", patience, 0.02)
            started, worked = time.perf_counter(), worked_seconds()
            wait_for(looker, f"SELECT NOT EXISTS ({HERE} WHERE state IN ('queued', 'claimed', 'submitting'))", patience)
            handed_over = time.perf_counter() - started
            patience = max(0.0, patience - handed_over)
            wait_for(looker, f"SELECT NOT EXISTS ({HERE} WHERE state <> 'delivered')", patience)
            seconds = time.perf_counter() - started
            working = {name: each - worked[name] for name, each in worked_seconds().items()}
        states = dict(looker.execute("SELECT state, count(*) FROM messaging_message GROUP BY state").fetchall())
        (attempts,) = looker.execute("SELECT count(DISTINCT message_id) FROM messaging_attempt").fetchone() or (0,)
        (all_attempts,) = looker.execute("SELECT count(*) FROM messaging_attempt").fetchone() or (0,)
    return {
        "messages": messages, "seconds": round(seconds, 2), "per_second": round(messages / seconds),
        "handed_over_per_second": round(messages / handed_over), "states": states,
        "cpu_microseconds_a_message": {name: round(each / messages * 1e6) for name, each in working.items()},
        "cores_busy": round(sum(working.values()) / seconds, 2),
        "queries_for_a_hundred": {
            name: round(int((home / name).read_text()) / messages * 100, 1) for name in ("deliver", "inbox")
        },
        "once": states == {"delivered": messages} and attempts == all_attempts == messages,
    }  # fmt: skip


def worked_seconds() -> dict[str, float]:
    """Processor time so far, by part of the work."""
    children = [pid for pid in family(os.getpid()) if pid != os.getpid()]
    ours = [pid for pid in children if parent_of(pid) == os.getpid()]
    return {
        name: sum(cpu_seconds(family(pid)) for pid in ours if words in command_line(pid))
        for name, words in PARTS.items()
    }


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def wait_for_listener(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError("the provider did not start")


def wait_for(looker: Any, question: str, seconds: float, pause: float = 0.2) -> None:
    deadline = time.monotonic() + seconds
    while not looker.execute(question).fetchone()[0]:
        if time.monotonic() > deadline:
            return
        time.sleep(pause)


def prepare(chosen: argparse.Namespace) -> None:
    """People with real numbers who agreed, and a batch of messages to them that may leave."""
    from django_scopes import scope

    from accounts.services import create_workspace
    from audience.models import Contact
    from integrations.prices import Step
    from integrations.services.prices import save_tiers
    from messaging.services.batches import add_recipients, create_batch, start_batch
    from shortlinks.services import create_domain, create_tracked_link
    from tests.factories import make_account, make_sender

    workspace = create_workspace(name="Bench", slug="bench")
    address = {"credentials": {"url": f"http://127.0.0.1:{chosen.port}/send"}, "rate_per_second": RATE}
    sender = make_sender(make_account(workspace, "bench", **address))
    with scope(workspace=workspace):
        steps = [Step(1, 45_000), Step(50_000, 40_000)]
        save_tiers(account=sender.account, country="", valid_from=NOW.date().replace(day=1), steps=steps)
        create_domain(workspace=workspace, host="go.bench.example", is_default=True)
        link = create_tracked_link(
            workspace=workspace, label="Bench", target_url="https://shop.example/sale", carries_visit=True
        )
        fill_people(workspace.pk, chosen.messages)
        batch = create_batch(
            workspace=workspace, name="Bench", purpose="marketing", text=TEXT, sender=sender, links={"link": link},
            now=NOW,
        )  # fmt: skip
        add_recipients(batch=batch, contacts=Contact.objects.all(), due_at=NOW, now=NOW)
        start_batch(batch=batch, by=None, now=NOW)
    execute("ANALYZE")


def fill_people(workspace_id: int, count: int) -> None:
    from accounts.keys import seal_many
    from audience.bulk import update_contacts
    from audience.models import Contact
    from bench.segments import SPOKE, insert_of

    source = "FROM generate_series(1, %(count)s) i"
    execute(insert_of("audience.Contact", PERSON, source), workspace=workspace_id, count=count)
    agreed = {**SPOKE, "contact_id": "id", "act": "'granted'", "occurred_at": "now()", "recorded_at": "now()"}
    execute(insert_of("audience.Consent", agreed, "FROM audience_contact"), workspace=workspace_id)
    ids = list(Contact.objects.values_list("pk", flat=True))
    for start in range(0, len(ids), 10_000):
        some = ids[start : start + 10_000]
        sealed = seal_many([f"+336{pk:08}".encode() for pk in some])
        update_contacts(workspace_id=workspace_id, name="phone", values=list(zip(sealed, some, strict=True)))


def deliver(chosen: argparse.Namespace) -> None:
    """What a worker does, on a clock that shows NOW at its start."""
    from django.utils import timezone
    from django_scopes import scopes_disabled

    from integrations.models import GatewayAccount
    from messaging.deliver import run

    ahead = NOW - timezone.now()
    with scopes_disabled():
        account = GatewayAccount.objects.get()
    with counted(chosen.home / "deliver") as queries:
        while True:
            if not run(account.pk, clock=lambda: timezone.now() + ahead):
                time.sleep(0.1)
            queries.keep()


def work_inbox(chosen: argparse.Namespace) -> None:
    """What another worker does: stored calls, and every two seconds the sweeper."""
    from django.utils import timezone

    from integrations.services import inbox
    from messaging.services import recovery

    ahead, swept = NOW - timezone.now(), 0.0
    with counted(chosen.home / "inbox") as queries:
        while True:
            if inbox.sweep(now=timezone.now()):
                queries.keep()
            else:
                time.sleep(0.05)
            if time.monotonic() > swept + 2:
                recovery.sweep(now=timezone.now() + ahead)
                swept = time.monotonic()
            queries.forget()


class Queries:
    """Counts what a process asks the database, and keeps it where the measurement finds it."""

    def __init__(self, kept: Path) -> None:
        self.kept, self.latest, self.in_all = kept, 0, 0

    def __call__(self, execute: Callable[..., Any], *arguments: Any) -> Any:
        self.latest += 1
        return execute(*arguments)

    def keep(self) -> None:
        self.in_all += self.latest
        self.kept.write_text(str(self.in_all))
        self.forget()

    def forget(self) -> None:
        """What found nothing to do."""
        self.latest = 0


@contextmanager
def counted(kept: Path) -> Iterator[Queries]:
    from django.db import connection

    queries = Queries(kept)
    queries.keep()
    with connection.execute_wrapper(queries):
        yield queries


if __name__ == "__main__":
    sys.exit(main())
