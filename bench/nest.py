"""Keeps so many Celery workers alive: `python -m bench.nest WORKERS FOLDER`.

Each is a process of its own, forked from one that has loaded everything, so that the one that follows a dead one is
there at once. How the dead ended stands in FOLDER/deaths, a line each: pid and signal.
"""

import os
import signal
import sys
from pathlib import Path
from types import FrameType

import django

OPTIONS = ("--pool", "threads", "--concurrency", "2", "--loglevel", "error", "--without-mingle", "--without-gossip")


def be_worker() -> None:
    from chappe.celery import app  # after the environment

    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    app.worker_main(["worker", *OPTIONS, "--hostname", f"{os.getpid()}@bench"])


def keep(workers: int, folder: Path) -> None:
    alive: set[int] = set()

    def end(_signal: int, _frame: FrameType | None) -> None:
        for pid in alive:
            os.kill(pid, signal.SIGKILL)
        os._exit(0)

    signal.signal(signal.SIGTERM, end)
    while True:
        while len(alive) < workers:
            if not (pid := os.fork()):
                be_worker()
                os._exit(0)
            alive.add(pid)
        pid, status = os.wait()
        alive.discard(pid)
        with (folder / "deaths").open("a") as deaths:
            deaths.write(f"{pid} {os.waitstatus_to_exitcode(status)}\n")


if __name__ == "__main__":
    os.environ["CELERY_SKIP_CHECKS"] = "true"
    django.setup()
    from chappe.celery import app

    app.loader.import_default_modules()
    keep(int(sys.argv[1]), Path(sys.argv[2]))
