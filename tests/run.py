"""The whole suite, on SQLite with the folder broker and again on PostgreSQL with Redis; what no database can
change runs with one of them.

`python -m tests.run [--engine sqlite|postgresql|all] [pytest arguments]`. Under `CI=true` a missing server is a
failure; elsewhere the PostgreSQL half is left out, and the last lines say so.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from tests import template
from tests.servers import MissingServer, postgres_server, redis_server

ROOT = Path(__file__).resolve().parent.parent
# Files stay together: their tests share what is costly to start. Which of them come first: tests/conftest.py.
WHOLE_SUITE = ["-n", "3", "--dist", "loadfile", "--no-loadscope-reorder"]
# Slow, and about processes, sockets and files, or about who may open which screen: the database has no say in them.
WITH_SQLITE = [
    "tests/test_dev.py",
    "tests/test_supervisor.py",
    "tests/test_tenancy_walk.py",
    "tests/audience/test_sheets.py",
    "tests/chappe/test_deploy_page.py",
    "tests/integrations/test_prestashop_module.py",
    *(
        f"tests/shortlinks/test_{name}.py"
        for name in (
            "commits",
            "connection",
            "front_servers",
            "fuzz",
            "guessing",
            "health",
            "journal",
            "read_only",
            "workers",
            "writing",
        )
    ),
]
# Told once, on the database of production: stories in a browser, caches in front, a thousand orders, and files whose
# bytes it is the stricter with.
WITH_POSTGRESQL = [
    "tests/browser",
    "tests/campaigns/test_ledger.py",
    "tests/flows/test_bad_files.py",
    "tests/flows/test_caching_proxy.py",
]
DEBIAN = {
    "redis-server": "redis-server",
    "chromium": "chromium",
    "nginx": "nginx-light",
    "caddy": "caddy",
    "systemd-analyze": "systemd",
    "node": "nodejs",
    "php": "php-cli php-curl php-mbstring php-sqlite3 php-xml",
    "phpunit": "phpunit",
    "phpcs": "php-codesniffer",
}


def say(text: str) -> None:
    sys.stderr.write(f"\n== {text}\n")
    sys.stderr.flush()


def run_suite(name: str, environment: dict[str, str], arguments: list[str]) -> int:
    say(f"The suite on {name}")
    with tempfile.TemporaryDirectory(prefix="chappe-test-") as home:
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "site"), "CHAPPE_HOME": home, **environment}
        environment[template.VARIABLE] = "migrated" if environment["DATABASE_URL"] else f"{home}/migrated.sqlite3"
        subprocess.run([sys.executable, "-m", "tests.template"], cwd=ROOT, env=environment, check=True)
        return subprocess.run(
            [sys.executable, "-m", "pytest", "--reuse-db", *arguments], cwd=ROOT, env=environment, check=False
        ).returncode


def without(paths: list[str], arguments: list[str], *options: str) -> list[str]:
    """The whole suite without what the other engine runs; whatever somebody chose stays as it is."""
    if arguments != WHOLE_SUITE:
        return arguments
    return [*arguments, *options, *(f"--ignore={path}" for path in paths)]


def run_on_postgresql(arguments: list[str]) -> int:
    with ExitStack() as stack:
        try:
            environment = {
                "DATABASE_URL": stack.enter_context(postgres_server()),
                "REDIS_URL": stack.enter_context(redis_server()),
            }
        except MissingServer as error:
            say(f"Left out: the suite on PostgreSQL and Redis. {error}")
            return 1 if os.environ.get("CI") == "true" else 0
        return run_suite("PostgreSQL and Redis", environment, arguments)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", choices=["sqlite", "postgresql", "all"], default="all")
    options, arguments = parser.parse_known_args()
    arguments = arguments or WHOLE_SUITE
    missing = [package for program, package in DEBIAN.items() if shutil.which(program) is None]
    if missing:
        say(f"Some tests need programs that are not here. On Debian: apt-get install {' '.join(missing)}")
    codes = []
    if options.engine != "postgresql":
        left = without(WITH_POSTGRESQL, arguments) if options.engine == "all" else arguments
        codes.append(run_suite("SQLite", {"DATABASE_URL": "", "REDIS_URL": ""}, left))
    if options.engine != "sqlite":
        left = without(WITH_SQLITE, arguments, "--of-the-database") if options.engine == "all" else arguments
        codes.append(run_on_postgresql(left))
    # A suite that a signal ended has a negative code.
    return next((abs(code) for code in codes if code), 0)


if __name__ == "__main__":
    sys.exit(main())
