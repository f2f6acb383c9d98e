"""The redirect's drainer as a child: it comes back when it dies, and it never holds up the end."""

import sys
import threading
import time

from shortlinks.management.commands.redirect import DrainerChild
from tests.installation import wait_until

SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]
BARREN = [sys.executable, "-c", ""]


class Births(DrainerChild):
    """Says when its second drainer is being born, and takes its time over it."""

    def __init__(self, *commands):
        super().__init__(commands[0])
        self.born, self.later = 0, commands[1:]
        self.second = threading.Event()

    def _start(self):
        if self.born:
            self._command = self.later[0]
            self.second.set()
            # Whoever ends meanwhile must not miss it.
            time.sleep(0.3)
        self.born += 1
        return super()._start()


def test_a_drainer_that_dies_is_started_again():
    child = Births(BARREN, SLEEPER)

    with child:
        wait_until(lambda: child.born == 2, "the second drainer")

    assert child._process.returncode is not None


def test_the_end_does_not_wait_for_a_drainer_that_is_just_being_born():
    child = Births(BARREN, SLEEPER)
    child.__enter__()
    assert child.second.wait(20)

    ending = threading.Thread(target=child.__exit__, daemon=True)
    ending.start()
    ending.join(timeout=10)

    assert not ending.is_alive()
    assert child._process.returncode is not None


def test_no_drainer_is_born_after_the_end():
    child = Births(BARREN, SLEEPER)

    with child:
        child._process.wait()

    time.sleep(1.2)
    assert child.born == 1
