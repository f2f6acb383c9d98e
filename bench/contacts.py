"""How fast a file becomes contacts: `python -m bench.contacts --rows 1000000`, on a fresh PostgreSQL with fsync on.

Every line becomes a contact, a place in a list, a ledger row and its evidence; numbers are looked up against the base,
against oppositions under every opt-out key and against the ledger; one line in a hundred stands twice in the file, one
is known already. Another process writes the file; it is brought to the site's own web process as a browser does it
(log in, upload, look at the verdicts, prove, launch), and then comes the worker's part, in a process of its own. Beside
it, in the same run, what the machine itself can do: AES-GCM over the same values, and COPY of the same contacts without
index, look-up or sealing. Promises: 8,000 lines a second, and 300 MB at most, of the web process as of the worker.
"""

import argparse
import base64
import json
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx

from bench.processes import family, most_memory_mb
from tests.installation import Installation
from tests.servers import postgres_server

ROOT = Path(__file__).resolve().parent.parent
LEAST_ROWS_A_SECOND = 8_000
MOST_PEAK_MB = 300
ONE_IN = 100
FIRST_NAMES = ("Hélène", "Zoé", "Camille", "Loïc", "Maëva", "Paul", "Nadia", "Sophie")
OWNER, FILE = "owner@bench.example", "bench.csv"
PROOF = {
    "consent_source": "Till, paper form", "consent_wording": "I agree to receive offers by SMS.",
    "consent_on": "2026-01-02", "collected_by": "Bench", "attested": "on", "action-launch": "1",
}  # fmt: skip
CITIES = (("44000", "Nantes"), ("75011", "Paris"), ("69003", "Lyon"), ("33000", "Bordeaux"))


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rows", type=int, default=1_000_000)
    arguments.add_argument("--only-import", action="store_true", help="leave out what bench.segments measures")
    arguments.add_argument("--part", choices=["prepare", "work"], help=argparse.SUPPRESS)
    chosen = arguments.parse_args()
    if chosen.part:
        set_up()
        told = prepare(chosen.rows) if chosen.part == "prepare" else work()
        print(json.dumps({**told, "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)}))
        return 0
    result = measure(chosen.rows)
    if not chosen.only_import:
        result["segments"] = segments(chosen.rows)
    print(json.dumps(result, indent=2))
    return 0 if result["kept"] else 1


def measure(rows: int) -> dict[str, Any]:
    with postgres_server(durable=True) as database_url, tempfile.TemporaryDirectory(prefix="chappe-bench-") as home:
        os.environ |= keys()
        site = Installation(Path(home), database_url=database_url)
        environment = {**site.environment, "DJANGO_SETTINGS_MODULE": "chappe.settings"}
        for command in (["migrate"], ["collectstatic", "--no-input"]):
            manage = [sys.executable, ROOT / "manage.py", *command, "--verbosity", "0"]
            subprocess.run(manage, env=environment, check=True)
        part("prepare", rows, environment)
        uploaded = upload(site)
        worked = part("work", rows, environment)
    speed = round(rows / worked["seconds"])
    peak = max(uploaded["peak_mb"], worked["peak_mb"])
    return {
        "rows": rows,
        "rows_per_second": speed,
        "seconds": worked["seconds"],
        "worker_peak_mb": worked["peak_mb"],
        "web": uploaded,
        "counts": worked["counts"],
        "machine": worked["machine"],
        "kept": speed >= LEAST_ROWS_A_SECOND and peak <= MOST_PEAK_MB,
    }


def segments(rows: int) -> dict[str, Any]:
    """Counts of segments over as many contacts, on a server of their own; bench.segments keeps its promise itself."""
    command = [sys.executable, "-m", "bench.segments", "--rows", str(rows)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=False)
    return {"kept": done.returncode == 0, **json.loads(done.stdout)["segments"]}


def part(name: str, rows: int, environment: dict[str, str]) -> dict[str, Any]:
    """One half of an import, in a process of its own."""
    command = [sys.executable, "-m", "bench.contacts", "--rows", str(rows), "--part", name]
    done = subprocess.run(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return dict(json.loads(done.stdout))


def keys() -> dict[str, str]:
    def key() -> str:
        return base64.b64encode(os.urandom(32)).decode()

    return {
        "CHAPPE_SECRET_KEY": key(),
        "CHAPPE_SEAL_KEYS": f"a:{key()}",
        "CHAPPE_INDEX_KEY": key(),
        # Two: an installation that has renewed its opt-out key looks under both.
        "CHAPPE_OPT_OUT_KEYS": f"b:{key()},a:{key()}",
    }


def set_up() -> None:
    import django  # after the environment

    django.setup()


def prepare(rows: int) -> dict[str, Any]:
    """Somebody with a brand, a list and some customers of old; and the file, on the disk."""
    from django.conf import settings
    from django_scopes import scope

    from accounts.models import User
    from accounts.services import create_workspace
    from audience.models import ContactList
    from audience.services import add_contact

    owner = User.objects.create_user(email=OWNER, password=OWNER)
    workspace = create_workspace(name="Bench", slug="bench", owner=owner)
    numbers = write_file(rows, settings.HOME / FILE)
    with scope(workspace=workspace):
        ContactList.objects.create(workspace=workspace, name="Bench")
        for number in numbers[: max(rows // ONE_IN, 1)][:1_000]:
            add_contact(workspace=workspace, phone=number, source="till", first_name="Ana")
    return {}


def write_file(rows: int, path: Path) -> list[str]:
    """A file of so many lines, one in a hundred of them twice; answers its numbers."""
    drawn = random.Random(1)
    single = rows - rows // ONE_IN
    numbers = [f"06{number:08}" for number in drawn.sample(range(10_000_000, 38_000_000), single)]
    with path.open("w", encoding="utf-8") as file:
        file.write("mobile;prénom;nom;cp;ville")
        for number in (*numbers, *numbers[: rows - single]):
            postcode, city = drawn.choice(CITIES)
            file.write(f"\n{number};{drawn.choice(FIRST_NAMES)};Nom{number[-4:]};{postcode};{city}")
    return numbers


def upload(site: Installation) -> dict[str, Any]:
    """What a marketer does in a browser, and what the web process does about it."""
    path = site.home / FILE
    site.start("web")
    try:
        with httpx.Client(base_url=site.site, follow_redirects=True, timeout=120) as browser:
            send(browser, "/admin/login/", username=OWNER, password=OWNER)
            before, started = peak_mb(site), time.perf_counter()
            with path.open("rb") as file:
                verdicts = send(browser, "/admin/audience/imports/new/", files={"file": ("bench.csv", file)})
            seconds = time.perf_counter() - started
            chosen = re.search(r'<option value="(\d+)">Bench</option>', verdicts.text)
            assert chosen, "the file was not understood"
            send(browser, verdicts.url.path, contact_list=chosen[1], **PROOF)
        told = {"seconds": round(seconds, 2), "file_mb": round(path.stat().st_size / 2**20, 1)}
        return told | {"peak_before_mb": before, "peak_mb": peak_mb(site)}
    finally:
        site.stop()


def send(browser: httpx.Client, address: str, files: Any = None, **fields: str) -> httpx.Response:
    if "csrftoken" not in browser.cookies:
        browser.get(address)
    token = {"csrfmiddlewaretoken": browser.cookies["csrftoken"]}
    return browser.post(address, data=fields | token, files=files).raise_for_status()


def peak_mb(site: Installation) -> int:
    """The most memory that one process of the site has had."""
    return max(most_memory_mb(pid) for pid in family(site.processes["web"].pid))


def work() -> dict[str, Any]:
    """What the worker does."""
    from django.utils import timezone
    from django_scopes import scope, scopes_disabled

    from audience.models import Consent, ConsentEvidence, Contact, ContactImport, ListMembership
    from audience.services.imports import run_import

    with scopes_disabled():
        bring = ContactImport.objects.select_related("workspace").get()
    started = time.perf_counter()
    with scope(workspace=bring.workspace):
        run_import(contact_import=bring, now=timezone.now())
        seconds = time.perf_counter() - started
        tables = (Contact, ListMembership, Consent, ConsentEvidence)
        counts = {model.__name__: model.objects.count() for model in tables}
    told = {name: getattr(bring, name) for name in ("added", "known", "duplicates", "rejected", "consented")}
    return {"seconds": round(seconds, 2), "counts": told | counts, "machine": {**sealing_speed(), **copy_speed()}}


def sealing_speed(count: int = 100_000) -> dict[str, int]:
    """AES-GCM alone: a number and a piece of evidence a line, as an import seals them."""
    from accounts.keys import seal_many

    number, evidence = b"+33600000000", b"x" * 180
    started = time.perf_counter()
    seal_many([number] * count)
    seal_many([evidence] * count)
    return {"aes_gcm_lines_per_second": round(count / (time.perf_counter() - started))}


def copy_speed(count: int = 100_000) -> dict[str, int]:
    """COPY alone: rows as wide as a contact's, into a table without index."""
    from django.db import connection

    row = (
        1,
        os.urandom(42),
        os.urandom(32),
        "+33 6 •• •• •• 42",
        "FR",
        "Europe/Paris",
        "Camille",
        "Rousseau",
        "Nantes",
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE bare (a bigint, b bytea, c bytea, d text, e text, f text, g text, h text, i text)"
        )
        started = time.perf_counter()
        with cursor.copy("COPY bare FROM STDIN") as copy:
            for _ in range(count):
                copy.write_row(row)
        return {"copy_rows_per_second": round(count / (time.perf_counter() - started))}


if __name__ == "__main__":
    sys.exit(main())
