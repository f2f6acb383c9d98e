import os
import signal
import threading
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from shortlinks.drainer import Drainer

PARENT_SECONDS = 0.5
ENDINGS = {signal.SIGTERM, signal.SIGINT}


class Command(BaseCommand):
    help = "Lands this machine's click journal in the database until it is stopped. One per machine, by lock."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--parent", type=int, default=os.getppid(), help="The process whose end is ours.")

    def handle(self, *args: Any, parent: int, **options: Any) -> None:
        stop = threading.Event()
        # A handler may interrupt whoever holds the event's lock, and wait for it for ever: a thread waits for signals.
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDINGS)
        threading.Thread(target=_stop_when_told, args=(stop, parent), daemon=True).start()
        Drainer(settings.JOURNAL_DIR).run(stop)


def _stop_when_told(stop: threading.Event, parent: int) -> None:
    """Whoever started us may be killed, also before we could look who it was: then land what is there, and end."""
    while os.getppid() == parent and signal.sigtimedwait(ENDINGS, PARENT_SECONDS) is None:
        pass
    stop.set()
