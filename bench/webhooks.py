"""How many signed calls of a shop the inbox takes: `python -m bench.webhooks`, PostgreSQL with fsync on, Redis.

Beside the site's own web process, a bare Django view (no middleware, no check, one INSERT: bench/bare) under the same
web server and on the same database server; wrk asks the two in turn, and the medians of their rounds are compared. Then
calls come at half the rate that was reached, each at its moment whatever has become of the others, and the longest
waits are measured: alone, and once more while a worker works on what came, which on two cores takes what it can get.
Then the web process is killed again and again while calls come, and every call that was answered
2xx is looked for in the database. Every call is signed, and none comes twice. Rates and kills are measured without a
worker: the bare view has none either.
Promises: half the bare view's rate, p99 of 100 ms at half load with a worker beside it, nothing lost.
"""

import argparse
import asyncio
import base64
import hashlib
import hmac
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.contacts import ROOT, keys, set_up
from bench.load import CONNECTIONS, Round, missing_programs
from bench.machine import facts
from tests.installation import Installation, answers, wait_until
from tests.servers import free_port, postgres_server, redis_server

LEAST_SHARE, MOST_P99_MS = 0.5, 100
WORKER_STARTS_IN_SECONDS = 60
# More than any round can send: none is sent twice.
MOST_PER_SECOND = 2_500
SAMPLE = ROOT / "tests/payloads/prestashop/order_placed.json"
ROW_TABLE = "CREATE TABLE bare_row (id bigserial PRIMARY KEY, body bytea NOT NULL, received_at timestamptz NOT NULL)"
SCRIPT = """
local requests, place = {}, 0
function init(args)
    local file = io.open("%s", "rb")
    for length in file:lines() do
        requests[#requests + 1] = file:read(tonumber(length))
        file:read(1)
    end
    file:close()
end
function request()
    place = place %% #requests + 1
    return requests[place]
end
function done(summary, latency, _)
    local errors = summary.errors
    print(string.format('RESULT {"requests": %%d, "microseconds": %%d, "p50": %%d, "p99": %%d, "errors": %%d}',
        summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
        errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
"""


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument(
        "--seconds", type=int, default=5, help="of a round; half load and kills take four times that"
    )
    arguments.add_argument("--part", choices=["prepare"], help=argparse.SUPPRESS)
    chosen = arguments.parse_args()
    if chosen.part:
        set_up()
        print(json.dumps(prepare()))
        return 0
    if missing := missing_programs():
        sys.exit(f"This needs {' and '.join(missing)}: apt-get install {' '.join(missing)}")
    result = measure(chosen.rounds, chosen.seconds)
    print(json.dumps(result, indent=2))
    return 1 if result["broken_promises"] else 0


def prepare() -> dict[str, str]:
    """A shop that is connected and has said which one it is."""
    from accounts.services import create_workspace
    from integrations.services.shops import connect_shop

    told = json.loads(SAMPLE.read_text())["shop"]
    key = f"{told['installation']}/{told['id']}"
    workspace = create_workspace(name="Bench", slug="bench")
    shop = connect_shop(workspace=workspace, platform="prestashop", name="Bench", credentials={}, shop_key=key)
    return {"path": f"/hooks/shops/{shop.public_id}/", "secret": shop.credentials["secret"]}


@dataclass
class Caller:
    """A shop: every call is an order of its own, signed when it is made."""

    path: str
    secret: str
    sample: dict[str, Any] = field(default_factory=lambda: json.loads(SAMPLE.read_text()))

    def call(self) -> tuple[str, bytes]:
        """Its id, and the whole request."""
        call_id, order_id = f"msg_{uuid.uuid4().hex}", random.randrange(10**12)
        [event] = self.sample["events"]
        event |= {"id": str(uuid.uuid4()), "order": {**event["order"], "id": str(order_id)}}
        body, now = json.dumps(self.sample, ensure_ascii=False).encode(), str(int(time.time()))
        key = base64.b64decode(self.secret.removeprefix("whsec_"))
        signature = base64.b64encode(hmac.digest(key, b".".join((call_id.encode(), now.encode(), body)), "sha256"))
        headers = {
            "webhook-id": call_id, "webhook-timestamp": now, "webhook-signature": f"v1,{signature.decode()}",
        }  # fmt: skip
        return call_id, self.request(body, headers)

    def request(self, body: bytes, headers: dict[str, str]) -> bytes:
        told = {"Host": "127.0.0.1", "Content-Type": "application/json", "Content-Length": str(len(body)), **headers}
        lines = [f"POST {self.path} HTTP/1.1", *(f"{name}: {value}" for name, value in told.items())]
        return "\r\n".join([*lines, "", ""]).encode() + body


def measure(rounds: int, seconds: int) -> dict[str, Any]:
    with (
        postgres_server(durable=True) as database_url,
        redis_server() as redis_url,
        tempfile.TemporaryDirectory(prefix="chappe-bench-") as home,
    ):
        os.environ |= keys()
        site = Installation(Path(home), database_url=database_url, redis_url=redis_url)
        for command in (["migrate"], ["collectstatic", "--no-input"]):
            manage = [sys.executable, ROOT / "manage.py", *command, "--verbosity", "0"]
            subprocess.run(manage, env=site.environment, check=True)
        command = [sys.executable, "-m", "bench.webhooks", "--part", "prepare"]
        environment = {**site.environment, "DJANGO_SETTINGS_MODULE": "chappe.settings"}
        done = subprocess.run(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, check=True)
        caller = Caller(**json.loads(done.stdout))
        try:
            site.start("web")
            with bare_view(site, database_url) as bare_port:
                told = compare(site, caller, bare_port, rounds, seconds)
            half = told["per_second"] / 2
            told["half_load"] = asyncio.run(at_rate(site, caller, half, seconds * 4))
            told["half_load_with_worker"] = with_worker(site, caller, half, seconds * 4, database_url)
            told["killed"] = asyncio.run(with_kills(site, caller, told["per_second"] / 4, seconds * 8))
        finally:
            site.stop()
        told["killed"]["lost"] = len(told["killed"].pop("answered") - stored(database_url))
    promises = {
        f"{LEAST_SHARE} of a bare view": told["share_of_bare"] >= LEAST_SHARE,
        f"p99 of {MOST_P99_MS} ms at half load": told["half_load"]["p99_ms"] <= MOST_P99_MS,
        "and with a worker beside it": told["half_load_with_worker"]["p99_ms"] <= MOST_P99_MS,
        "and that worker works": told["half_load_with_worker"]["worked_on_per_second"] > 0,
        "no refusal, no error": told["errors"] == 0 and told["half_load"]["failed"] == 0,
        "nothing answered 2xx is lost": told["killed"]["lost"] == 0 and told["killed"]["kills"] > 0,
    }
    return told | {"machine": facts(), "broken_promises": [each for each, is_kept in promises.items() if not is_kept]}


@contextmanager
def bare_view(site: Installation, database_url: str) -> Iterator[int]:
    """Under the same web server, with as many threads; yields its port."""
    import psycopg  # the bench looks on from outside

    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(ROW_TABLE)
    port = free_port()
    command = [part.replace(str(site.web_port), str(port)) for part in site.commands()["web"][:-1]]
    process = subprocess.Popen([*command, "bench.bare.wsgi:application"], env=site.environment, cwd=ROOT)
    try:
        wait_until(lambda: answers(f"http://127.0.0.1:{port}/"), "the bare view to answer")
        yield port
    finally:
        process.terminate()
        process.wait()


def compare(site: Installation, caller: Caller, bare_port: int, rounds: int, seconds: int) -> dict[str, Any]:
    """In turn: whatever the machine does meanwhile, it does to both."""
    ours, bare = [], []
    for port, called in ((bare_port, "/"), (site.web_port, caller.path)):
        drive(port, Caller(called, caller.secret), 1)  # connections, compiled queries, pages of the database
    for _ in range(rounds):
        bare.append(drive(bare_port, Caller("/", caller.secret), seconds))
        ours.append(drive(site.web_port, caller, seconds))
    per_second, bare_per_second = (statistics.median(each.rps for each in side) for side in (ours, bare))
    return {
        "per_second": round(per_second, 1),
        "bare_per_second": round(bare_per_second, 1),
        "share_of_bare": round(per_second / bare_per_second, 3),
        "rounds": {
            "ours": [round(each.rps, 1) for each in ours],
            "bare": [round(each.rps, 1) for each in bare],
        },
        "errors": sum(each.errors for each in (*ours, *bare)),
    }


def drive(port: int, caller: Caller, seconds: int) -> Round:
    """One round of wrk, through calls that were signed before the clock started."""
    with tempfile.TemporaryDirectory(prefix="chappe-bench-") as folder:
        calls, script = Path(folder) / "calls", Path(folder) / "load.lua"
        with calls.open("wb") as file:
            for _ in range(MOST_PER_SECOND * seconds):
                _id, request = caller.call()
                file.write(b"%d\n%s\n" % (len(request), request))
        script.write_text(SCRIPT % calls)
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", script, f"http://127.0.0.1:{port}/"]
        output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    told = json.loads(output.partition("RESULT ")[2].splitlines()[0])
    if told["requests"] > MOST_PER_SECOND * seconds:
        raise SystemExit("Calls were sent twice: raise MOST_PER_SECOND.")
    rps = told["requests"] * 1e6 / told["microseconds"]
    return Round(told["requests"], rps, told["p50"] / 1000, told["p99"] / 1000, told["errors"])


async def at_rate(site: Installation, caller: Caller, rate: float, seconds: int) -> dict[str, Any]:
    """Each call at its moment; its wait counts from that moment, not from when a connection was free."""
    sent = await send_at_rate(site.web_port, caller, rate, seconds)
    waits = sorted(wait for _id, status, wait in sent if status == 200)
    return {
        "per_second": round(rate, 1),
        "calls": len(sent),
        "failed": len(sent) - len(waits),
        "p50_ms": round(waits[len(waits) // 2] * 1000, 1),
        "p99_ms": round(waits[len(waits) * 99 // 100] * 1000, 1),
        "longest_ms": round(waits[-1] * 1000, 1),
    }


def with_worker(site: Installation, caller: Caller, rate: float, seconds: int, database_url: str) -> dict[str, Any]:
    """The same, while what comes and what came before is worked on; how much of it was, a second."""
    site.start("worker")
    for _ in range(10 * WORKER_STARTS_IN_SECONDS):
        if worked_on(database_url):
            break
        time.sleep(0.1)
    before, begun = worked_on(database_url), time.perf_counter()
    told = asyncio.run(at_rate(site, caller, rate, seconds))
    done, lasted = worked_on(database_url) - before, time.perf_counter() - begun
    site.kill("worker")
    return told | {"worked_on_per_second": round(done / lasted, 1)}


async def with_kills(site: Installation, caller: Caller, rate: float, seconds: int) -> dict[str, Any]:
    """SIGKILL to the web server and its workers, at moments of chance; it is started again at once."""
    sending = asyncio.create_task(send_at_rate(site.web_port, caller, rate, seconds))
    kills = 0
    while not sending.done():
        await asyncio.sleep(random.uniform(0.5, 3))
        if not sending.done():
            await asyncio.to_thread(site.kill, "web")
            await asyncio.to_thread(site.start, "web")
            kills += 1
    sent = await sending
    answered = {key_of(call_id) for call_id, status, _wait in sent if status and 200 <= status < 300}
    return {"kills": kills, "calls": len(sent), "answered_2xx": len(answered), "answered": answered}


Sent = tuple[str, int | None, float]


async def send_at_rate(port: int, caller: Caller, rate: float, seconds: int) -> list[Sent]:
    """Calls are signed and connections open before the clock starts."""
    calls = [caller.call() for _ in range(int(rate * seconds))]
    lines: asyncio.LifoQueue[Line] = asyncio.LifoQueue()
    for _ in range(CONNECTIONS):
        lines.put_nowait(Line(port))
    begun = time.perf_counter()

    async def send(place: int, call_id: str, request: bytes) -> Sent:
        moment = begun + place / rate
        await asyncio.sleep(moment - time.perf_counter())
        line = await lines.get()
        status = await line.post(request)
        lines.put_nowait(line)
        return call_id, status, time.perf_counter() - moment

    return await asyncio.gather(*(send(place, *call) for place, call in enumerate(calls)))


@dataclass
class Line:
    """A connection that is kept, and opened again where the other side has let go of it."""

    port: int
    streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, request: bytes) -> int | None:
        """The status, or None where there was no answer."""
        try:
            self.streams = self.streams or await asyncio.open_connection("127.0.0.1", self.port)
            reader, writer = self.streams
            writer.write(request)
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 30)
            length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
            await reader.readexactly(int(length[15:]))
            return int(head.split()[1])
        except (OSError, EOFError, TimeoutError):
            if self.streams:
                self.streams[1].close()
            self.streams = None
            return None


def key_of(call_id: str) -> str:
    return hashlib.sha256(call_id.encode()).hexdigest()


def worked_on(database_url: str) -> int:
    import psycopg  # the bench looks on from outside

    with psycopg.connect(database_url) as connection:
        [count] = connection.execute(
            "SELECT count(*) FROM integrations_inbounddelivery WHERE state <> 'new'"
        ).fetchone()
    return count


def stored(database_url: str) -> set[str]:
    """The ids of what is in the inbox: a call's key is the digest of its id."""
    import psycopg  # the bench looks on from outside

    with psycopg.connect(database_url) as connection:
        return {key for (key,) in connection.execute("SELECT dedup_key FROM integrations_inbounddelivery")}


if __name__ == "__main__":
    sys.exit(main())
