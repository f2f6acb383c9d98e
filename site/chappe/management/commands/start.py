import os
import socket
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command

from chappe.supervisor import Child, supervise

# Workers need not know of each other: the database is the queue of record.
ALONE = ["--without-gossip", "--without-mingle", "--without-heartbeat"]

BANNER = """
  Chappe is running.

    Site          {site}/admin/
    Short links   {short}
    {login}
  Messages go to simulated phones: {site}/admin/simulator/
  Ctrl-C stops everything.
"""


class Command(BaseCommand):
    help = "Migrates, loads the demo on first start, then keeps web, redirect, worker and beat alive."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000, help="of the site; short links answer on the next one")

    def handle(self, *args: Any, host: str, port: int, **options: Any) -> None:
        for wanted in (port, port + 1):
            refuse_busy_port(host, wanted)
        site, short = f"http://{host}:{port}", f"{host}:{port + 1}"
        environment = child_environment(site=site)
        call_command("migrate", verbosity=0)
        call_command("check_keys")
        call_command("compile_catalogues")
        call_command("collectstatic", interactive=False, verbosity=0)
        if settings.IS_DEMO:
            settings.BASE_URL = environment["CHAPPE_BASE_URL"]  # the demo's links lead to pages here
            call_command("load_demo", short_host=short)
        addresses = {name: environment[name] for name in ("CHAPPE_BASE_URL", "CHAPPE_SHORT_LINK_SCHEME")}
        self.stdout.write(BANNER.format(site=site, short=f"http://{short}/", login=login_line()))
        with announced(addresses):
            supervise(children(host, port), environment)


@contextmanager
def announced(addresses: dict[str, str]) -> Iterator[None]:
    """While we run, commands in other terminals (replay_webhook) find the site where it really is."""
    path = settings.HOME / "running"
    lines = [f"# process {os.getpid()}", *(f"{name}={value}" for name, value in addresses.items())]
    path.write_text("\n".join(lines), encoding="utf-8")
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def refuse_busy_port(host: str, port: int) -> None:
    """granian shares a busy port instead of failing (SO_REUSEPORT): look before we start it."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(f"Port {port} is taken. Stop what uses it, or choose another: --port N") from error


def child_environment(*, site: str) -> dict[str, str]:
    """What the children read: the address they answer on, and our source roots in front."""
    roots = [str(settings.ROOT / "site"), str(settings.ROOT)]
    return {
        **os.environ,
        "CHAPPE_BASE_URL": os.environ.get("CHAPPE_BASE_URL") or site,
        "CHAPPE_SHORT_LINK_SCHEME": os.environ.get("CHAPPE_SHORT_LINK_SCHEME") or "http",
        "PYTHONPATH": os.pathsep.join([*roots, os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep),
        "PYTHONUNBUFFERED": "1",
    }


def children(host: str, port: int) -> list[Child]:
    python, bin_folder, manage = sys.executable, Path(sys.executable).parent, str(settings.ROOT / "manage.py")
    celery = [python, "-m", "celery", "-q", "-A", "chappe"]
    return [
        Child(
            "web",
            [
                str(bin_folder / "granian"), "--interface", "wsgi", "--host", host, "--port", str(port),
                "--workers", "1", "--blocking-threads", "4", "--log-level", "warning", "chappe.wsgi:application",
            ],
        ),
        Child("redirect", [python, manage, "redirect", "--host", host, "--port", str(port + 1)]),
        Child("worker", [*celery, "worker", "--pool", "threads", "--concurrency", "2", "--loglevel", "error", *ALONE]),
        Child("beat", [*celery, "beat", "--loglevel", "warning"]),
    ]  # fmt: skip


def login_line() -> str:
    if not settings.IS_DEMO:
        return "Sign in with your own account (manage.py createsuperuser makes the first).\n"
    return f"Demo login    {settings.DEMO_EMAIL}  /  {settings.DEMO_PASSWORD}\n"
