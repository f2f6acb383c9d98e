"""Redirects per second with every click on disk, and landing in the database on the same cores.

`python -m bench.redirect [--engine postgresql|sqlite]` runs our redirect with its drainer and nginx's `return 302` in
alternating rounds. Promises: every answered click lands and is judged a person's, none is lost, 99 in 100 redirects
take 20 ms at most, and the median round reaches 0.12 of nginx (0.08 with SQLite).
"""

import argparse
import base64
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, closing
from dataclasses import dataclass
from operator import sub
from pathlib import Path
from statistics import median
from typing import LiteralString, NamedTuple

import httpx

from bench import processes
from bench.load import CONNECTIONS, Round, drive, load_script, missing_programs, nginx_redirect
from tests.servers import MissingServer, free_port, postgres_server

ROOT = Path(__file__).resolve().parent.parent
CODES = 10_000
MOST_P99_MS = 20.0
LEAST_RATIO = {"postgresql": 0.12, "sqlite": 0.08}
# Generous: on a busy machine the start alone takes minutes.
START_SECONDS = 180
LANDING_PATIENCE_SECONDS = 300
SEED = """
from django.utils import timezone
from accounts.services import create_workspace
from shortlinks.queries import codes_at
from shortlinks.services import create_domain, create_tracked_link, reserve_range
workspace = create_workspace(name="Bench", slug="bench")
create_domain(workspace=workspace, host="127.0.0.1:{port}")
link = create_tracked_link(
    workspace=workspace, label="Bench", target_url="https://shop.example/sale", carries_visit=True
)
reserve_range(link=link, size={codes}, now=timezone.now())
print("CODES " + " ".join(codes_at(link=link, positions=range({codes})).values()))
"""


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


@dataclass
class Ours:
    """The redirect with its drainer, on a fresh database, as a shop would run it."""

    home: Path
    database_url: str
    port: int

    def manage(self, *arguments: str, **options: object) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, ROOT / "manage.py", *arguments]
        return subprocess.run(command, env=self.environment, text=True, capture_output=True, check=True, **options)  # type: ignore[call-overload]

    @property
    def environment(self) -> dict[str, str]:
        keys = {name: base64.b64encode(os.urandom(32)).decode() for name in ("SECRET", "SEAL", "INDEX", "OPT_OUT")}
        fixed = self.home / "keys.json"
        if fixed.exists():
            keys = json.loads(fixed.read_text())
        fixed.write_text(json.dumps(keys))
        return {
            **os.environ,
            "CHAPPE_HOME": str(self.home),
            "DATABASE_URL": self.database_url,
            "CHAPPE_SECRET_KEY": keys["SECRET"],
            "CHAPPE_SEAL_KEYS": f"a:{keys['SEAL']}",
            "CHAPPE_INDEX_KEY": keys["INDEX"],
            "CHAPPE_OPT_OUT_KEYS": f"a:{keys['OPT_OUT']}",
            "CHAPPE_LOG_LEVEL": "WARNING",
        }

    def prepare(self) -> list[str]:
        """Tables, a link and its codes, as paths to ask for."""
        self.manage("migrate", "--verbosity", "0")
        seeded = self.manage("shell", "--verbosity", "0", "--command", SEED.format(port=self.port, codes=CODES))
        return [f"/{code}" for code in seeded.stdout.partition("CODES ")[2].split()]

    def start(self) -> "subprocess.Popen[bytes]":
        command = [sys.executable, ROOT / "manage.py", "redirect", "--port", str(self.port), "--workers", "1"]
        with (self.home / "redirect.log").open("ab") as log:
            process = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and process.poll() is None:
            try:
                self.health()
                return process
            except httpx.HTTPError:
                time.sleep(0.1)
        raise RuntimeError((self.home / "redirect.log").read_text())

    def health(self) -> dict[str, int]:
        return httpx.get(f"http://127.0.0.1:{self.port}/_health", timeout=10).json()

    def wait_until_landed(self) -> float:
        """Seconds until the journal has landed."""
        started, read = time.monotonic(), "SELECT coalesce(sum(records), 0) FROM shortlinks_journalsegment"
        while self.asked(read) < self.health()["kept"] and time.monotonic() - started < LANDING_PATIENCE_SECONDS:
            time.sleep(0.1)
        return time.monotonic() - started

    def landed(self) -> int:
        return self.asked("SELECT count(*) FROM shortlinks_click")

    def human(self) -> int:
        return self.asked("SELECT count(*) FROM shortlinks_click WHERE verdict = 'human'")

    def asked(self, question: LiteralString) -> int:
        if self.database_url.startswith("sqlite"):
            with closing(sqlite3.connect(self.database_url.removeprefix("sqlite:///"), timeout=60)) as file:
                return int(file.execute(question).fetchone()[0])
        import psycopg  # only where PostgreSQL is used

        with psycopg.connect(self.database_url) as connection:
            return int(connection.execute(question).fetchone()[0])  # type: ignore[index]

    def database_processes(self) -> list[int]:
        """None with SQLite: there the drainer is the database."""
        if self.database_url.startswith("sqlite"):
            return []
        port = self.database_url.rpartition(":")[2].partition("/")[0]
        return processes.family(processes.find(f"port={port}"))


class Spent(NamedTuple):
    """Seconds of processor time."""

    redirect: float
    drainer: float
    database: float


@dataclass(frozen=True)
class Result:
    """One pair of rounds: ours and nginx's, and what ours cost."""

    ours: Round
    nginx: Round
    spent: Spent
    catch_up_seconds: float

    @property
    def ratio(self) -> float:
        return self.ours.rps / self.nginx.rps

    @property
    def landed_ratio(self) -> float:
        """With the time that the last clicks took to land."""
        seconds = self.ours.requests / self.ours.rps + self.catch_up_seconds
        return self.ours.requests / seconds / self.nginx.rps

    def figures(self) -> dict[str, float]:
        return {
            "requests": self.ours.requests,
            "requests_per_second": round(self.ours.rps),
            "p50_ms": round(self.ours.p50_ms, 2),
            "p99_ms": round(self.ours.p99_ms, 2),
            "nginx_requests_per_second": round(self.nginx.rps),
            "nginx_p50_ms": round(self.nginx.p50_ms, 2),
            "nginx_p99_ms": round(self.nginx.p99_ms, 2),
            "ratio": round(self.ratio, 3),
            "landed_ratio": round(self.landed_ratio, 3),
            "catch_up_seconds": round(self.catch_up_seconds, 1),
        }


def measure(ours: Ours, process: "subprocess.Popen[bytes]", nginx_port: int, script: Path, seconds: int) -> Result:
    everyone = processes.family(process.pid)
    drainers = [pid for pid in everyone if " drain" in processes.command_line(pid)]
    redirects = [pid for pid in everyone if pid not in drainers]

    def spent() -> Spent:
        return Spent(*map(processes.cpu_seconds, (redirects, drainers, ours.database_processes())))

    before = spent()
    round_of_ours = drive(ours.port, script, seconds)
    catch_up = ours.wait_until_landed()
    after = spent()
    round_of_nginx = drive(nginx_port, script, seconds)
    return Result(round_of_ours, round_of_nginx, Spent(*map(sub, after, before)), catch_up)


def report(ours: Ours, engine: str, results: list[Result], seconds: int) -> dict[str, object]:
    health, landed, human = ours.health(), ours.landed(), ours.human()
    answered = sum(result.ours.requests for result in results)
    ratio = median(result.ratio for result in results)
    broken = [
        text
        for is_broken, text in (
            (landed != health["kept"] or landed < answered, "every answered click lands"),
            (health["lost"] > 0, "no click is lost"),
            (human != landed, "every click is a person's"),
            (median(result.ours.p99_ms for result in results) > MOST_P99_MS, f"p99 is at most {MOST_P99_MS:.0f} ms"),
            (any(result.ours.errors for result in results), "every request is redirected"),
            (ratio < LEAST_RATIO[engine], f"the median ratio is at least {LEAST_RATIO[engine]}"),
        )
        if is_broken
    ]
    rounds = [result.figures() for result in results]
    medians = {name: round(median(figures[name] for figures in rounds), 3) for name in rounds[0]}
    spent = {
        f"cpu_us_{part}": round(sum(getattr(result.spent, part) for result in results) * 1e6 / landed, 1)
        for part in Spent._fields
    }
    return {
        "bench": "redirect",
        "engine": engine,
        "seconds": seconds,
        "rounds": len(results),
        **medians,
        **spent,
        "cpu_us_per_landed_redirect": round(sum(spent.values()), 1),
        "answered_to_client": answered,
        "answered": health["kept"],
        "landed": landed,
        "human": human,
        "late": health["late"],
        "lost": health["lost"],
        "connections": CONNECTIONS,
        "codes": CODES,
        "each_round": rounds,
        "broken_promises": broken,
    }


def run(engine: str, seconds: int, rounds: int) -> dict[str, object]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="chappe-bench-")))
        say(f"Starting {engine} (fsync on) and nginx …")
        url = f"sqlite:///{folder}/chappe.sqlite3"
        if engine == "postgresql":
            url = stack.enter_context(postgres_server(durable=True))
        ours = Ours(folder, url, free_port())
        nginx_port = stack.enter_context(nginx_redirect())
        say(f"Migrating, and reserving {CODES} codes …")
        script = load_script(folder, ours.prepare())
        process = ours.start()
        stack.callback(process.wait, LANDING_PATIENCE_SECONDS)
        stack.callback(process.terminate)
        results = []
        for number in range(rounds):
            results.append(measure(ours, process, nginx_port, script, seconds))
            last = results[-1]
            say(f"Round {number + 1}: {last.ours.rps:,.0f}/s, nginx {last.nginx.rps:,.0f}/s, ratio {last.ratio:.3f}")
        ours.wait_until_landed()
        return report(ours, engine, results, seconds)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", choices=list(LEAST_RATIO), default="postgresql")
    parser.add_argument("--seconds", type=int, default=10, help="length of a round")
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    if missing := missing_programs():
        outcome: dict[str, object] = {"bench": "redirect", "missing": missing}
    else:
        try:
            outcome = run(options.engine, options.seconds, options.rounds)
        except MissingServer as error:
            outcome = {"bench": "redirect", "missing": [str(error)]}
    if "missing" in outcome:
        say(f"Not on this machine: {', '.join(map(str, outcome['missing']))}. Try apt-get install.")  # type: ignore[call-overload]
    print(json.dumps(outcome))
    return 1 if outcome.get("missing") or outcome.get("broken_promises") else 0


if __name__ == "__main__":
    sys.exit(main())
