"""Chappe's real processes, started on the test database: what flows, browser and kill tests run against."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import httpx
from django.conf import settings
from django.conf.global_settings import PASSWORD_HASHERS
from django.db import connection

from tests.servers import free_port

ROOT = Path(__file__).resolve().parent.parent
PATIENCE_SECONDS = 60


def test_database_url() -> str:
    """The address of the database that this test runs on, for other processes."""
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{database['NAME']}"
    return f"postgresql://{database['USER']}@{database['HOST']}:{database['PORT']}/{quote(database['NAME'])}"


def wait_until(
    condition: Callable[[], object], what: str | Callable[[], str], seconds: float = PATIENCE_SECONDS
) -> object:
    """The first true answer of `condition`; fails with `what` when it does not come in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if answer := condition():
            return answer
        time.sleep(0.1)
    raise AssertionError(f"Waited {seconds:.0f} s in vain for {what() if callable(what) else what}.")


@dataclass
class Installation:
    """Web, redirect with its drainer, worker and beat, on free ports, with a home folder of their own."""

    home: Path
    redis_url: str = ""
    # The test's own database, unless another is given.
    database_url: str = ""
    web_port: int = field(default_factory=free_port)
    short_port: int = field(default_factory=free_port)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def site(self) -> str:
        return f"http://127.0.0.1:{self.web_port}"

    @property
    def short_host(self) -> str:
        return f"127.0.0.1:{self.short_port}"

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "CHAPPE_HOME": str(self.home),
            "DATABASE_URL": self.database_url or test_database_url(),
            "REDIS_URL": self.redis_url,
            "CHAPPE_BASE_URL": self.site,
            "CHAPPE_SHORT_LINK_SCHEME": "http",
            "CHAPPE_ALLOWED_HOSTS": "127.0.0.1",
            "CHAPPE_LOG_LEVEL": "WARNING",
            "PYTHONPATH": f"{ROOT / 'site'}{os.pathsep}{ROOT}",
            "PYTHONUNBUFFERED": "1",
        }

    def commands(self) -> dict[str, list[str]]:
        python, manage = sys.executable, str(ROOT / "manage.py")
        celery = [python, "-m", "celery", "-A", "chappe"]
        granian = [str(Path(python).parent / "granian"), "--interface", "wsgi", "--host", "127.0.0.1"]
        return {
            "web": [*granian, "--port", str(self.web_port), "--blocking-threads", "4", "chappe.wsgi:application"],
            "redirect": [python, manage, "redirect", "--host", "127.0.0.1", "--port", str(self.short_port)],
            "worker": [*celery, "worker", "--pool", "threads", "--concurrency", "2", "--loglevel", "warning"],
            "beat": [*celery, "beat", "--loglevel", "warning"],
        }

    def start(self, *names: str) -> None:
        """Start these processes (all without names) and wait until those that listen answer."""
        names = names or tuple(self.commands())
        for name in names:
            with (self.home / f"{name}.log").open("ab") as log:
                self.processes[name] = subprocess.Popen(
                    self.commands()[name], env=self.environment, stdout=log, stderr=log, start_new_session=True
                )
        for name, url in (("web", f"{self.site}/admin/login/"), ("redirect", f"http://{self.short_host}/_health")):
            if name in names:
                wait_until(lambda url=url: answers(url), f"{name} to answer; {self.log(name)}")

    def kill(self, name: str, how: int = signal.SIGKILL) -> None:
        """End a process and everything it started."""
        process = self.processes.pop(name)
        os.killpg(process.pid, how)
        process.wait(timeout=PATIENCE_SECONDS)

    def stop(self) -> None:
        for name in list(self.processes):
            self.kill(name, signal.SIGTERM if self.processes[name].poll() is None else signal.SIGKILL)

    def log(self, name: str) -> str:
        path = self.home / f"{name}.log"
        return path.read_text(errors="replace")[-3000:] if path.exists() else "no log"


def answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2).status_code < 500
    except httpx.HTTPError:
        return False


def adopt(installation: Installation, overrides: object) -> None:
    """Point this process's settings at the installation: its files, its addresses, its kind of passwords."""
    overrides.SIMULATOR_PATH = installation.home / "simulator.sqlite3"  # type: ignore[attr-defined]
    overrides.JOURNAL_DIR = installation.home / "journal"  # type: ignore[attr-defined]
    overrides.MEDIA_ROOT = installation.home / "media"  # type: ignore[attr-defined]
    overrides.PASSWORD_HASHERS = PASSWORD_HASHERS  # type: ignore[attr-defined]
    overrides.BASE_URL = installation.site  # type: ignore[attr-defined]
    overrides.SHORT_LINK_SCHEME = "http"  # type: ignore[attr-defined]
    assert installation.site == settings.BASE_URL
