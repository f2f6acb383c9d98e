"""How fast a file becomes contacts: `python -m bench.contacts --rows 1000000`, on a fresh PostgreSQL with fsync on.

Every line becomes a contact, a place in a list, a ledger row and its evidence; numbers are looked up against the base,
against oppositions under every opt-out key and against the ledger; one line in a hundred stands twice in the file, one
is known already. The upload and the worker are a process each. Beside it, in the same run, what the machine itself
can do: AES-GCM over the same values, and COPY of the same contacts without index, look-up or sealing.
Promises: 8,000 lines a second, and a worker of 300 MB at most.
"""

import argparse
import base64
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.servers import postgres_server

ROOT = Path(__file__).resolve().parent.parent
LEAST_ROWS_A_SECOND = 8_000
MOST_PEAK_MB = 300
ONE_IN = 100
FIRST_NAMES = ("Hélène", "Zoé", "Camille", "Loïc", "Maëva", "Paul", "Nadia", "Sophie")
CITIES = (("44000", "Nantes"), ("75011", "Paris"), ("69003", "Lyon"), ("33000", "Bordeaux"))


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rows", type=int, default=1_000_000)
    arguments.add_argument("--part", choices=["upload", "work"], help=argparse.SUPPRESS)
    chosen = arguments.parse_args()
    if chosen.part:
        set_up()
        told = upload(chosen.rows) if chosen.part == "upload" else work()
        print(json.dumps({**told, "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)}))
        return 0
    result = measure(chosen.rows)
    print(json.dumps(result, indent=2))
    return 0 if result["kept"] else 1


def measure(rows: int) -> dict[str, Any]:
    with postgres_server(durable=True) as database_url, tempfile.TemporaryDirectory(prefix="chappe-bench-") as home:
        environment = {**os.environ, **environment_of(Path(home), database_url)}
        subprocess.run([sys.executable, ROOT / "manage.py", "migrate", "--verbosity", "0"], env=environment, check=True)
        uploaded, worked = (part(name, rows, environment) for name in ("upload", "work"))
    speed = round(rows / worked["seconds"])
    return {
        "rows": rows,
        "rows_per_second": speed,
        "seconds": worked["seconds"],
        "worker_peak_mb": worked["peak_mb"],
        "upload": uploaded,
        "counts": worked["counts"],
        "machine": worked["machine"],
        "segments": segments(rows),
        "kept": speed >= LEAST_ROWS_A_SECOND and worked["peak_mb"] <= MOST_PEAK_MB,
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


def environment_of(home: Path, database_url: str) -> dict[str, str]:
    def key() -> str:
        return base64.b64encode(os.urandom(32)).decode()

    return {
        "CHAPPE_HOME": str(home),
        "DATABASE_URL": database_url,
        "CHAPPE_SECRET_KEY": key(),
        "CHAPPE_SEAL_KEYS": f"a:{key()}",
        "CHAPPE_INDEX_KEY": key(),
        # Two: an installation that has renewed its opt-out key looks under both.
        "CHAPPE_OPT_OUT_KEYS": f"b:{key()},a:{key()}",
        "CHAPPE_LOG_LEVEL": "WARNING",
        "DJANGO_SETTINGS_MODULE": "chappe.settings",
        "PYTHONPATH": f"{ROOT / 'site'}{os.pathsep}{ROOT}",
    }


def set_up() -> None:
    import django  # after the environment

    django.setup()


def upload(rows: int) -> dict[str, Any]:
    """What the web process does: the file is kept, its columns are proposed, somebody says where to."""
    from django.utils import timezone
    from django_scopes import scope

    from accounts.services import create_workspace
    from audience.models import ContactList
    from audience.services import add_contact
    from audience.services.imports import Proof, start_import

    workspace, now = create_workspace(name="Bench", slug="bench"), timezone.now()
    content, numbers = file_of(rows)
    with scope(workspace=workspace):
        for number in numbers[: max(rows // ONE_IN, 1)][:1_000]:
            add_contact(workspace=workspace, phone=number, source="till", first_name="Ana")
        started = time.perf_counter()
        start_import(
            workspace=workspace,
            file_name="bench.csv",
            content=content,
            proof=Proof("Till, paper form", "I agree to receive offers by SMS.", now, "Bench"),
            contact_list=ContactList.objects.create(workspace=workspace, name="Bench"),
            now=now,
        )
        return {"seconds": round(time.perf_counter() - started, 2), "file_mb": round(len(content) / 2**20, 1)}


def file_of(rows: int) -> tuple[bytes, list[str]]:
    """A file of so many lines, one in a hundred of them twice, and its numbers."""
    drawn = random.Random(1)
    single = rows - rows // ONE_IN
    numbers = [f"06{number:08}" for number in drawn.sample(range(10_000_000, 38_000_000), single)]
    lines = ["mobile;prénom;nom;cp;ville"]
    for number in (*numbers, *numbers[: rows - single]):
        postcode, city = drawn.choice(CITIES)
        lines.append(f"{number};{drawn.choice(FIRST_NAMES)};Nom{number[-4:]};{postcode};{city}")
    return "\n".join(lines).encode(), numbers


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
