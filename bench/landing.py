"""What landing pages cost: bytes, server time, and the time until a slow phone shows them.

`python -m bench.landing [--rounds N] [--loads N] [--without-browser] [TRADE …]` makes the finished pages of all
templates, each in a workspace of its own, in a home of its own. It asks for each through the whole site: by anyone,
drawn afresh each time; by anyone, from what is kept; and by a recipient. Then a Chromium loads it from a real server
with a quarter of the processor, 400 ms away, at 400 kbit/s; `--beside URL` has it load other pages in turn with them.
Promises for each: HTML with its style of 14 KB at most, the kept page 13 times as cheap as the drawn one, a personal
page at most 1.3 times as dear, the largest paint after 1.2 s.
"""

import argparse
import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from statistics import median
from typing import Any

import httpx

from bench.machine import facts
from tests.servers import free_port

ROOT = Path(__file__).resolve().parent.parent
MOST_HTML, LEAST_GAIN, MOST_PERSONAL, MOST_PAINT_MS = 14 * 1024, 13.0, 1.3, 1200
REQUESTS = {"drawn": 20, "personal": 20, "kept": 400}
ROUND_TRIP_MS, BITS_PER_SECOND, SLOWER = 400, 400_000, 4
PHONE = {"width": 390, "height": 844}
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]
PAINT = """() => new Promise(done => new PerformanceObserver(list => {
const last = list.getEntries().at(-1), shown = last.element;
done({ms: last.startTime, what: last.url ? 'picture' : `text of ${shown ? shown.localName : 'what is gone'}`,
first: performance.getEntriesByName('first-contentful-paint')[0].startTime});
}).observe({type: 'largest-contentful-paint', buffered: true}))"""


def prepare(home: Path, port: int) -> None:
    keys = {name: base64.b64encode(os.urandom(32)).decode() for name in ("SECRET", "SEAL", "INDEX", "OPT_OUT", "PROOF")}
    os.environ |= {
        "CHAPPE_HOME": str(home),
        "DATABASE_URL": f"sqlite:///{home / 'bench.sqlite3'}",
        "CHAPPE_SECRET_KEY": keys["SECRET"],
        "CHAPPE_SEAL_KEYS": f"a:{keys['SEAL']}",
        "CHAPPE_INDEX_KEY": keys["INDEX"],
        "CHAPPE_OPT_OUT_KEYS": f"a:{keys['OPT_OUT']}",
        "CHAPPE_PROOF_KEY": keys["PROOF"],
        "CHAPPE_BASE_URL": f"http://127.0.0.1:{port}",
        "CHAPPE_LOG_LEVEL": "WARNING",
        "REDIS_URL": "",
        "DJANGO_SETTINGS_MODULE": "chappe.settings",
        "PYTHONPATH": f"{ROOT / 'site'}{os.pathsep}{ROOT}",
    }
    sys.path[:0] = [str(ROOT / "site")]
    import django

    (home / "static").mkdir()
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)


@dataclass(frozen=True)
class Published:
    """A finished page: its path, and what makes a fresh personal query."""

    path: str
    query: Callable[[], str]


def seed(trade: str) -> Published:
    """The page of a template in the look of its trade, and a recipient of it."""
    from django.utils import timezone
    from django_scopes import scope

    from accounts.services import create_workspace
    from audience.models import Contact
    from audience.services import add_contact
    from integrations.models import GatewayAccount
    from landing.services import create_page, draw_pictures
    from messaging.models import PromoCode, PromoPool, Sender
    from messaging.services.batches import add_recipients, create_batch
    from shortlinks.queries import numbers_at
    from shortlinks.services import create_domain, create_tracked_link
    from shortlinks.visits import make_visit_token

    now = timezone.now()
    workspace = create_workspace(name="Maison Lambert", slug=trade, language="fr")
    with scope(workspace=workspace):
        contact = add_contact(workspace=workspace, phone="+33639980001", source="bench", first_name="Claire")
        pool = PromoPool.objects.create(workspace=workspace, name="Winter")
        PromoCode.objects.create(workspace=workspace, pool=pool, contact=contact, code="LAMB-7K2M")
        page = create_page(workspace=workspace, trade=trade, now=now)
        page.save_revision().publish()
        page.refresh_from_db()
        draw_pictures(page=page)
        domain = create_domain(workspace=workspace, host=f"{trade}.example", is_default=True)
        link = create_tracked_link(
            workspace=workspace, label="Sale", target_url="https://shop.example/", carries_visit=True
        )
        account = GatewayAccount.objects.create(
            workspace=workspace, name="Phone", gateway="simulator", stop_number="36180"
        )
        sender = Sender.objects.create(workspace=workspace, account=account, name="LAMBERT")
        batch = create_batch(
            workspace=workspace, name="Sale", purpose="marketing", text="Hello {link}", sender=sender,
            links={"link": link}, now=now,
        )  # fmt: skip
        add_recipients(batch=batch, contacts=Contact.objects.all(), due_at=now, now=now)
        [number] = numbers_at(link=link, positions=[0]).values()
    return Published(page.get_url(), lambda: "v=" + make_visit_token(domain=domain, number=number, now=timezone.now()))


class Site:
    """The site as a server calls it, without the server."""

    def __init__(self) -> None:
        from django.core.wsgi import get_wsgi_application

        self.application = get_wsgi_application()

    def get(self, path: str, query: str = "") -> bytes:
        environ: dict[str, Any] = {
            "REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": query, "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "8000", "HTTP_HOST": "127.0.0.1", "REMOTE_ADDR": "127.0.0.1", "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_ACCEPT_ENCODING": "gzip, br", "wsgi.input": BytesIO(), "wsgi.errors": sys.stderr,
            "wsgi.url_scheme": "http",
        }  # fmt: skip
        statuses: list[str] = []
        answer = self.application(environ, lambda status, headers: statuses.append(status))
        body = b"".join(answer)
        answer.close()
        assert statuses == ["200 OK"], statuses
        return body


def spent(work: Callable[[], object], times: int) -> float:
    """Milliseconds of processor time for each."""
    started = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - started) * 1000 / times


def server_times(site: Site, page: Published, rounds: int) -> dict[str, Any]:
    """Medians of rounds in which the three take turns."""
    from landing.keeping import forget_pages

    def drawn() -> None:
        forget_pages()
        site.get(page.path)

    work = {
        "drawn": drawn,
        "personal": lambda: site.get(page.path, page.query()),
        "kept": lambda: site.get(page.path),
    }
    for each in work.values():
        each()
    found: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(rounds):
        for name, each in work.items():
            site.get(page.path)
            found[name].append(spent(each, REQUESTS[name]))
    gains = [a / b for a, b in zip(found["drawn"], found["kept"], strict=True)]
    costs = [a / b for a, b in zip(found["personal"], found["drawn"], strict=True)]
    return {
        **{f"{name}_ms": round(median(values), 3) for name, values in found.items()},
        "kept_is_cheaper_by": round(median(gains), 1),
        "personal_to_drawn": round(median(costs), 2),
        "rounds": rounds,
    }


@contextmanager
def served(port: int, home: Path) -> Iterator[str]:
    address = f"http://127.0.0.1:{port}"
    command = [
        str(Path(sys.executable).parent / "granian"), "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
        "--workers", "1", "--log-level", "warning", "chappe.wsgi:application",
    ]  # fmt: skip
    with (home / "site.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            try:
                httpx.get(f"{address}/static/landing/icon.svg", timeout=5)
                break
            except httpx.HTTPError:
                time.sleep(0.2)
        yield address
    finally:
        process.terminate()
        process.wait()


def paints(addresses: dict[str, str], loads: int) -> dict[str, dict[str, Any]]:
    """Largest paint and bytes of first loads, each in a window that has seen nothing before; pages take turns."""
    from playwright.sync_api import sync_playwright

    found: dict[str, list[tuple[dict[str, Any], dict[str, int]]]] = {name: [] for name in addresses}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for _ in range(loads):
            for name, address in addresses.items():
                found[name].append(first_load(browser, address))
        browser.close()
    return {name: summed_up(runs) for name, runs in found.items()}


def summed_up(runs: list[tuple[dict[str, Any], dict[str, int]]]) -> dict[str, Any]:
    paints = [paint for paint, _bytes in runs]
    return {
        "largest_paint_ms": round(median(paint["ms"] for paint in paints)),
        "first_paint_ms": round(median(paint["first"] for paint in paints)),
        "largest": paints[0]["what"],
        "all_ms": [round(paint["ms"]) for paint in paints],
        "bytes": runs[0][1],
    }


def first_load(browser: Any, address: str) -> tuple[dict[str, Any], dict[str, int]]:
    context = browser.new_context(viewport=PHONE, device_scale_factor=3, is_mobile=True, has_touch=True)
    page = context.new_page()
    tools = context.new_cdp_session(page)
    kinds: dict[str, str] = {}
    weights: dict[str, int] = {}

    def arrived(event: dict[str, Any]) -> None:
        kind = kinds.get(event["requestId"], "Other").lower()
        weights[kind] = weights.get(kind, 0) + int(event["encodedDataLength"])

    tools.on("Network.responseReceived", lambda event: kinds.update({event["requestId"]: event["type"]}))
    tools.on("Network.loadingFinished", arrived)
    tools.send("Network.enable")
    speed = BITS_PER_SECOND / 8
    tools.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": ROUND_TRIP_MS, "downloadThroughput": speed, "uploadThroughput": speed},
    )
    tools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.goto(address, wait_until="networkidle")
    paint: dict[str, Any] = page.evaluate(PAINT)
    context.close()
    return paint, dict(sorted(weights.items()))


def promises(pages: dict[str, dict[str, Any]]) -> dict[str, bool]:
    """Whether every page keeps them."""
    shown = [page["browser"] for page in pages.values() if "browser" in page]
    kept = {
        "html": all(page["html_bytes"]["gzip"] <= MOST_HTML for page in pages.values()),
        "kept": all(page["server"]["kept_is_cheaper_by"] >= LEAST_GAIN for page in pages.values()),
        "personal": all(page["server"]["personal_to_drawn"] <= MOST_PERSONAL for page in pages.values()),
    }
    return kept | ({"paint": all(each["largest_paint_ms"] <= MOST_PAINT_MS for each in shown)} if shown else {})


def weigh(html: bytes) -> dict[str, int]:
    import gzip

    import brotli

    return {"plain": len(html), "gzip": len(gzip.compress(html, 6)), "br": len(brotli.compress(html, quality=5))}


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trades", nargs="*", metavar="TRADE")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--loads", type=int, default=5)
    parser.add_argument("--without-browser", action="store_true")
    parser.add_argument("--beside", action="append", default=[], metavar="URL")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        home, port = Path(folder), free_port()
        prepare(home, port)
        import brotli

        from landing.trades import TRADES

        published = {trade: seed(trade) for trade in options.trades or TRADES}
        site, pages = Site(), {}
        for trade, page in published.items():
            html = brotli.decompress(site.get(page.path))
            pages[trade] = {"html_bytes": weigh(html), "server": server_times(site, page, options.rounds)}
        beside: dict[str, dict[str, Any]] = {url: {} for url in options.beside}
        if not options.without_browser:
            with served(port, home) as address:
                addresses = {trade: address + page.path for trade, page in published.items()}
                for name, found in paints(addresses | {url: url for url in beside}, options.loads).items():
                    (pages if name in pages else beside)[name]["browser"] = found
    kept = promises(pages)
    print(json.dumps({"pages": pages, "beside": beside, "promises": kept, "machine": facts()}, indent=2))
    return 0 if all(kept.values()) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
