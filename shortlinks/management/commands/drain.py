import os
import signal
import threading
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from shortlinks.drainer import Drainer

PARENT_SECONDS = 0.5


class Command(BaseCommand):
    help = "Lands this machine's click journal in the database until it is stopped. One per machine, by lock."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--parent", type=int, default=os.getppid(), help="The process whose end is ours.")

    def handle(self, *args: Any, parent: int, **options: Any) -> None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        threading.Thread(target=_stop_with_parent, args=(stop, parent), daemon=True).start()
        Drainer(settings.JOURNAL_DIR).run(stop)


def _stop_with_parent(stop: threading.Event, parent: int) -> None:
    """Whoever started us may be killed, also before we could look who it was: then land what is there, and end."""
    while os.getppid() == parent and not stop.wait(PARENT_SECONDS):
        pass
    stop.set()
