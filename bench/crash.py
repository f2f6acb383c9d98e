"""Workers are killed while campaigns leave: `python -m bench.crash --messages 10000 --kills 100 [--engine sqlite]`.

Real Celery workers, a real beat, and a provider that is a process of its own and counts in books of its own. It kills
(-9) whoever submits: before it takes the messages, between its acceptance and our commit, or at any moment; another
worker follows at once. Leases and the hours between questions pass faster than in life: after the last kill, what the
dead held is given up, the provider is asked about it, and what it never took leaves after all. Promises: nobody gets
two messages, everybody gets one, no outcome stays unknown; and a STOP that comes between planning and sending holds the
message within a second.
"""

import argparse
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx

from bench.askable import MOMENTS
from bench.contacts import ROOT, keys, set_up
from tests.installation import Installation, answers
from tests.servers import free_port, postgres_server, redis_server

if TYPE_CHECKING:
    from messaging.models import Message

# An account whose worker was killed stands still until its lease is over: the others go on.
ACCOUNTS = 6
WORKERS = {"postgresql": 3, "sqlite": 2}
RATE = 30
STOPS = 10
PATIENCE_SECONDS = 300
MOST_STOP_SECONDS = 1.0
OF_THE_CAMPAIGN = "text LIKE 'Bonjour %'"
TUESDAY = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--messages", type=int, default=10_000)
    arguments.add_argument("--kills", type=int, default=100)
    arguments.add_argument("--engine", choices=list(WORKERS), default="postgresql")
    chosen = arguments.parse_args()
    result = measure(chosen.engine, chosen.messages, chosen.kills)
    print(json.dumps(result, indent=2))
    return 1 if result["broken_promises"] else 0


def say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def measure(engine: str, messages: int, kills: int) -> dict[str, Any]:
    started = time.monotonic()
    say("servers and tables")
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="chappe-bench-")))
        site = stack.enter_context(installed(engine, home))
        told = play(site, WORKERS[engine], messages, kills)
    return {"engine": engine, "seconds": round(time.monotonic() - started, 1)} | told | promises_of(told)


def play(site: Installation, workers: int, messages: int, kills: int) -> dict[str, Any]:
    """Plan, start, stop some, kill, settle, count. Django is set up, on the database of `site`."""
    with ExitStack() as stack:
        provider = stack.enter_context(Provider.open(site))
        say("messages")
        plan(provider.url, messages)
        stack.enter_context(running(["-m", "bench.nest", str(workers), str(site.home)], site, "nest"))
        stack.enter_context(running(["-m", "celery", "-A", "chappe", "beat", "--loglevel", "error"], site, "beat"))
        wait_for(lambda: provider.taken, "the first message")
        say("some say STOP")
        stops = stop_some()
        disturb(provider, messages, kills)
        say("what the dead held")
        settle()
        say("all is known")
        return count(provider, site.home, messages, stops)


def promises_of(told: dict[str, Any]) -> dict[str, Any]:
    promises = {
        "nobody gets two": not told["duplicates"],
        "nobody is lost": not told["lost"],
        "every outcome is known": not told["unknown"]["left"],
        "every kill was a kill": sum(told["kills"].values()) == told["deaths"],
        "a STOP holds within a second": told["stop"]["most_seconds"] < MOST_STOP_SECONDS
        and told["stop"]["got_nothing"] == told["stop"]["asked"] > 0,
    }
    return {"broken_promises": [promise for promise, is_kept in promises.items() if not is_kept]}


# The stage ------------------------------------------------------------------------------------------------


@contextmanager
def installed(engine: str, home: Path) -> Iterator[Installation]:
    """Fresh servers with our tables; this process speaks to them too."""
    with ExitStack() as stack:
        is_postgresql = engine == "postgresql"
        database = stack.enter_context(postgres_server()) if is_postgresql else f"sqlite:///{home / 'db.sqlite3'}"
        site = Installation(
            home, database_url=database, redis_url=stack.enter_context(redis_server()) if is_postgresql else ""
        )
        os.environ |= keys() | {"CHAPPE_DEMO": "yes", "DJANGO_SETTINGS_MODULE": "bench.askable_settings"}
        os.environ |= site.environment
        sys.path.insert(0, str(ROOT / "site"))
        subprocess.run([sys.executable, ROOT / "manage.py", "migrate", "-v", "0"], check=True)
        set_up()
        yield site


@contextmanager
def running(command: list[str], site: Installation, name: str) -> Iterator[None]:
    environment = {**site.environment, "DJANGO_SETTINGS_MODULE": "bench.askable_settings"}
    with (site.home / f"{name}.log").open("ab") as log:
        process = subprocess.Popen([sys.executable, *command], env=environment, cwd=ROOT, stdout=log, stderr=log)
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=30)


@dataclass(frozen=True)
class Provider:
    url: str
    books: Path

    @classmethod
    @contextmanager
    def open(cls, site: Installation) -> Iterator["Provider"]:
        port, books = free_port(), site.home / "books.sqlite3"
        provider = cls(f"http://127.0.0.1:{port}", books)
        with running(["-m", "bench.askable", str(port), str(books)], site, "provider"):
            wait_for(lambda: answers(f"{provider.url}/messages/none"), "the provider")
            yield provider

    @property
    def taken(self) -> int:
        return int(self.ask("SELECT count(*) FROM taken")[0][0])

    @property
    def killed(self) -> int:
        return int(self.ask("SELECT count(*) FROM killed")[0][0])

    def order(self, moment: str) -> None:
        httpx.post(f"{self.url}/orders", json={"moment": moment}, timeout=30)

    def ask(self, question: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.books, timeout=30)) as file:
            return file.execute(question).fetchall()


def wait_for(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited in vain for {what}")
        time.sleep(0.05)


# The play -------------------------------------------------------------------------------------------------


def plan(url: str, messages: int) -> None:
    """A running batch at each account, each of a workspace of its own where it is Tuesday morning."""
    from django.utils import timezone
    from django_scopes import scope

    from accounts.services import create_workspace
    from messaging.models import BatchPurpose
    from messaging.services.batches import add_recipients, create_batch, start_batch
    from messaging.services.demo_clock import set_demo_clock
    from tests.factories import make_account, make_audience, make_sender

    now = timezone.now()
    shares = [messages // ACCOUNTS + (number < messages % ACCOUNTS) for number in range(ACCOUNTS)]
    for number, share in enumerate(shares):
        workspace = create_workspace(name=f"Bench {number}", slug=f"bench-{number}", is_demo=True)
        with scope(workspace=workspace):
            account = make_account(workspace, "askable", rate_per_second=RATE, credentials={"url": url})
            set_demo_clock(workspace=workspace, shows_at=TUESDAY, now=now)
            batch = create_batch(
                workspace=workspace, name="Bench", purpose=BatchPurpose.MARKETING, text="Bonjour {first_name|vous}",
                sender=make_sender(account), links={}, now=now,
            )  # fmt: skip
            contacts = make_audience(workspace, share, first=sum(shares[:number])).contacts.all()
            add_recipients(batch=batch, contacts=contacts, due_at=TUESDAY, now=now)
            start_batch(batch=batch, by=None, now=now)


def disturb(provider: Provider, messages: int, kills: int) -> None:
    """The kills share out the way of the messages."""
    before = provider.taken
    for number in range(kills):
        until = before + (messages - STOPS - before) * 0.95 * number / kills
        wait_for(lambda until=until: provider.taken >= until, f"{until:.0f} messages")
        provider.order(MOMENTS[number % len(MOMENTS)])
        wait_for(lambda number=number: provider.killed > number, f"kill {number + 1} of {kills}")
        say(f"kill {number + 1}")


@dataclass(frozen=True)
class Stop:
    phone: str
    # From the provider's call to the row that the gate reads.
    seconds: float


def stop_some() -> list[Stop]:
    """Those whose message would leave last write STOP, one after the other; the calls take the way of every call."""
    from django_scopes import scopes_disabled

    from audience.models import OptOutScope
    from audience.queries import is_opted_out
    from messaging.models import Message

    with scopes_disabled():
        waiting = Message.objects.filter(state=Message.State.QUEUED).order_by("-pk")
        last = list(waiting.select_related("contact", "account", "workspace")[:STOPS])
    called: dict[Message, tuple[str, float]] = {}
    stops: list[Stop] = []

    def look() -> bool:
        for message, (phone, started) in list(called.items()):
            with scopes_disabled():
                if is_opted_out(workspace=message.workspace, phone=phone, scope=OptOutScope.MARKETING):
                    stops.append(Stop(phone, time.perf_counter() - started))
                    del called[message]
        return not called

    for message in last:
        called[message] = say_stop(message)
        look()
    wait_for(look, "STOPs")
    return stops


def say_stop(message: "Message") -> tuple[str, float]:
    """Whose it was, and when it came."""
    from integrations.addresses import address_secret
    from integrations.gateways.base import WebhookCall
    from integrations.services.inbox import receive_gateway_call

    assert message.contact is not None  # nobody is erased here
    phone, moment, started = message.contact.phone, datetime.now(UTC), time.perf_counter()
    said = {"from": phone, "text": "STOP", "at": moment.isoformat(), "id": uuid4().hex}
    call = WebhookCall("POST", {}, {}, json.dumps(said).encode())
    receive_gateway_call(
        public_id=message.account.public_id, secret=address_secret(message.account), kind="mo", call=call, now=moment
    )
    return phone, started


def settle() -> None:
    """Time passes: leases run out, the provider is asked, what it never took leaves; until all is known."""
    from django.utils import timezone
    from django_scopes import scopes_disabled

    from messaging.models import Message
    from messaging.services.reconciliation import reconcile_due
    from messaging.services.recovery import sweep

    def count_in(*states: str) -> int:
        with scopes_disabled():
            return Message.objects.filter(state__in=states).count()

    wait_for(lambda: not count_in("queued", "claimed"), "the queue")
    while count_in("queued", "claimed", "submitting", "unknown"):
        # What a living worker holds is done within moments; the rest was held by the dead.
        time.sleep(1)
        sweep(now=timezone.now() + timedelta(seconds=100))
        reconcile_due(now=timezone.now() + timedelta(minutes=5))


# The end --------------------------------------------------------------------------------------------------


def count(provider: Provider, home: Path, messages: int, stops: list[Stop]) -> dict[str, Any]:
    from django_scopes import scopes_disabled

    from messaging.models import Attempt, Message

    # Whoever says STOP is told that it was heard: that is another message.
    taken = Counter(dict(provider.ask(f"SELECT phone, count(*) FROM taken WHERE {OF_THE_CAMPAIGN} GROUP BY phone")))
    with scopes_disabled():
        states = Counter(Message.objects.values_list("state", flat=True))
        suppressed = {
            message.contact.phone
            for message in Message.objects.filter(state="suppressed").select_related("contact")
            if message.contact
        }
        asked = Counter(Attempt.objects.filter(reconciled__gt=0).values_list("outcome", flat=True))
    return {
        "messages": messages,
        "taken_by_the_provider": taken.total(),
        "duplicates": sum(times - 1 for times in taken.values()),
        "lost": messages - len(taken) - len(suppressed - set(taken)),
        "states": dict(states),
        "deaths": len((home / "deaths").read_text().splitlines()),
        "kills": dict(provider.ask("SELECT moment, count(*) FROM killed GROUP BY moment")),
        "unknown": {
            "outcomes": asked.total(),
            "found_at_the_provider": asked["accepted"],
            "never_arrived_and_sent_again": asked["absent"],
            "left": states["unknown"] + asked["unknown"],
        },
        "stop": stop_figures(stops, taken),
    }


def stop_figures(stops: list[Stop], taken: Counter[str]) -> dict[str, Any]:
    seconds = [stop.seconds for stop in stops]
    return {
        "asked": len(stops),
        "got_nothing": sum(stop.phone not in taken for stop in stops),
        "median_seconds": round(median(seconds), 3),
        "most_seconds": round(max(seconds), 3),
    }


if __name__ == "__main__":
    sys.exit(main())
