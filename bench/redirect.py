"""Redirects per second with every click on disk, and landing in PostgreSQL on the same cores.

`python -m bench.redirect --seconds 10` runs our redirect with its drainer and nginx's `return 302` in alternating
rounds. Promises: every answered click lands, none is lost, and 99 in 100 redirects take 50 ms at most.
"""

import argparse
import base64
import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import LiteralString

import httpx

from bench import processes
from bench.load import Round, drive, load_script, missing_programs, nginx_redirect
from tests.servers import MissingServer, free_port, postgres_server

ROOT = Path(__file__).resolve().parent.parent
CODES = 10_000
MOST_P99_MS = 50.0
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
    """The redirect with its drainer, on a fresh PostgreSQL, as a shop would run it."""

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
        deadline = time.monotonic() + 60
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

    def asked(self, question: LiteralString) -> int:
        import psycopg  # only where PostgreSQL is used

        with psycopg.connect(self.database_url) as connection:
            return int(connection.execute(question).fetchone()[0])  # type: ignore[index]


@dataclass(frozen=True)
class Result:
    """One pair of rounds: ours, then nginx's, and what ours cost."""

    ours: Round
    nginx: Round
    redirect_seconds: float
    landing_seconds: float
    catch_up_seconds: float

    @property
    def ratio(self) -> float:
        return self.ours.rps / self.nginx.rps


def measure(ours: Ours, process: "subprocess.Popen[bytes]", nginx_port: int, script: Path, seconds: int) -> Result:
    postmaster = processes.find(f"port={ours.database_url.rpartition(':')[2].partition('/')[0]}")
    everyone = processes.family(process.pid)
    drainers = [pid for pid in everyone if " drain" in processes.command_line(pid)]
    redirects = [pid for pid in everyone if pid not in drainers]

    def spent() -> tuple[float, float]:
        landing = processes.cpu_seconds([*drainers, *processes.family(postmaster)])
        return processes.cpu_seconds(redirects), landing

    before = spent()
    round_of_ours = drive(ours.port, script, seconds)
    catch_up = ours.wait_until_landed()
    after = spent()
    round_of_nginx = drive(nginx_port, script, seconds)
    return Result(round_of_ours, round_of_nginx, after[0] - before[0], after[1] - before[1], catch_up)


def report(results: list[Result], health: dict[str, int], landed: int, seconds: int) -> dict[str, object]:
    answered = sum(result.ours.requests for result in results)
    kept = health["kept"] + health["late"]
    broken = [
        text
        for is_broken, text in (
            (landed != health["kept"] or landed < answered, "every answered click lands"),
            (health["lost"] > 0, "no click is lost"),
            (median(result.ours.p99_ms for result in results) > MOST_P99_MS, f"p99 is at most {MOST_P99_MS:.0f} ms"),
            (any(result.ours.errors for result in results), "every request is redirected"),
        )
        if is_broken
    ]
    return {
        "bench": "redirect",
        "seconds": seconds,
        "rounds": len(results),
        "requests_per_second": round(median(result.ours.rps for result in results)),
        "p50_ms": round(median(result.ours.p50_ms for result in results), 2),
        "p99_ms": round(median(result.ours.p99_ms for result in results), 2),
        "nginx_requests_per_second": round(median(result.nginx.rps for result in results)),
        "nginx_p50_ms": round(median(result.nginx.p50_ms for result in results), 2),
        "nginx_p99_ms": round(median(result.nginx.p99_ms for result in results), 2),
        "ratio": round(median(result.ratio for result in results), 3),
        "ratios": [round(result.ratio, 3) for result in results],
        "cpu_us_per_redirect": round(sum(result.redirect_seconds for result in results) * 1e6 / kept, 1),
        "cpu_us_per_landing": round(sum(result.landing_seconds for result in results) * 1e6 / kept, 1),
        "catch_up_seconds": round(max(result.catch_up_seconds for result in results), 1),
        "answered_to_client": answered,
        "answered": health["kept"],
        "landed": landed,
        "late": health["late"],
        "lost": health["lost"],
        "codes": CODES,
        "broken_promises": broken,
    }


def run(seconds: int, rounds: int) -> dict[str, object]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="chappe-bench-")))
        say("Starting PostgreSQL (fsync on) and nginx …")
        ours = Ours(folder, stack.enter_context(postgres_server(durable=True)), free_port())
        nginx_port = stack.enter_context(nginx_redirect())
        say(f"Migrating, and reserving {CODES} codes …")
        script = load_script(folder, ours.prepare())
        process = ours.start()
        stack.callback(process.wait, 60)
        stack.callback(process.terminate)
        results = []
        for number in range(rounds):
            results.append(measure(ours, process, nginx_port, script, seconds))
            last = results[-1]
            say(f"Round {number + 1}: {last.ours.rps:,.0f}/s, nginx {last.nginx.rps:,.0f}/s, ratio {last.ratio:.3f}")
        ours.wait_until_landed()
        return report(results, ours.health(), ours.landed(), seconds)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=10, help="length of a round")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    missing = missing_programs()
    try:
        outcome = {"bench": "redirect", "missing": missing} if missing else run(options.seconds, options.rounds)
    except MissingServer as error:
        outcome = {"bench": "redirect", "missing": [str(error)]}
    if "missing" in outcome:
        say(f"Not on this machine: {', '.join(map(str, outcome['missing']))}. Try apt-get install.")  # type: ignore[call-overload]
    print(json.dumps(outcome))
    return 1 if outcome.get("missing") or outcome.get("broken_promises") else 0


if __name__ == "__main__":
    sys.exit(main())
