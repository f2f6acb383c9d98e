"""Waking workers: at once while calls are rare, and once for many when they come fast.

A wake-up costs as much as storing the call. What is not woken is due all the same, and found by whoever is.
"""

import threading
import time

from integrations.tasks import work_inbox, work_off_inbox

# Calls that follow one another faster than this share a wake-up.
TOGETHER_SECONDS = 0.2


class Waker:
    """One for each process."""

    def __init__(self) -> None:
        self.lock, self.last, self.is_set = threading.Lock(), 0.0, False

    def wake(self, delivery_id: int) -> None:
        """Raises what the broker raises, where a wake-up is sent at once."""
        with self.lock:
            wait = self.last + TOGETHER_SECONDS - time.monotonic()
            if wait > 0 and self.is_set:
                return
            self.last, self.is_set = (self.last, True) if wait > 0 else (time.monotonic(), False)
        if wait > 0:
            timer = threading.Timer(wait, self._wake_for_many)
            timer.daemon = True
            timer.start()
        else:
            work_inbox.apply_async((delivery_id,), retry=False)

    def _wake_for_many(self) -> None:
        with self.lock:
            self.last, self.is_set = time.monotonic(), False
        work_off_inbox.apply_async(retry=False)


wake = Waker().wake
