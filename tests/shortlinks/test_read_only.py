"""The journal's folder on a mount that is read-only: visitors are led on, the loss is told, and it ends by itself."""

import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.installation import wait_until
from tests.load import VISITORS
from tests.shortlinks.house import House, ask, assert_landed_exactly_once, house_is_whole, until_answered

pytestmark = pytest.mark.flow
NAMESPACE = ["unshare", "--mount", "--propagation", "private"]


@pytest.fixture
def house_with_mounts(house) -> Iterator[House]:
    """In a mount namespace of its own, where that is permitted."""
    tried = subprocess.run([*NAMESPACE, "mount", "--bind", "/", "/"], capture_output=True, text=True, check=False)
    if tried.returncode:
        pytest.skip(f"{tried.stderr.strip()}; a full disk (test_outage) is refused in the same place")
    house.stop()
    house.start(*NAMESPACE)
    yield house
    house.stop()
    house.start()


@contextmanager
def read_only(house: House) -> Iterator[None]:
    """The journal's folder is mounted read-only; what is open already stays writable, so its writer starts again."""
    mounted = str(house.journal)
    inside = ["nsenter", "--target", str(house.supervisor.pid), "--mount"]
    subprocess.run([*inside, "mount", "--bind", mounted, mounted], check=True)
    subprocess.run([*inside, "mount", "-o", "remount,bind,ro", mounted], check=True)
    house.kill("writer")
    yield
    subprocess.run([*inside, "umount", "--lazy", mounted], check=True)


def test_with_the_journal_mounted_read_only_visitors_are_led_on_and_all_is_well_once_it_is_over(house_with_mounts):
    house = house_with_mounts
    with house.crowd() as crowd:
        until_answered(crowd, 150)
        before = ask(house, "_health").json()
        with read_only(house):
            until_answered(crowd, 300)
            during = ask(house, "_health").json()
        until_answered(crowd, VISITORS)
        after = ask(house, "_health").json()
        until_answered(crowd, 150)

    end = ask(house, "_health").json()
    lost = end["lost"] - before["lost"]
    assert (crowd.refused, crowd.doubtful) == ([], Counter())
    assert (during["status"], during["troubles"]) == ("degraded", ["clicks could not be written"])
    assert lost >= 100
    assert (end["lost"], end["kept"] > after["kept"]) == (after["lost"], True)
    kept = crowd.answered.total() - lost
    wait_until(lambda: house.landed().total() >= kept, "what could be kept")
    # What the writer had written when it was killed, and could not say, counts as lost: one click of each at most.
    assert (house.landed().total() <= kept + VISITORS, set(house.landed().values())) == (True, {1})


def test_started_on_a_journal_mounted_read_only_it_leads_on_and_recovers_by_itself(house_with_mounts):
    house = house_with_mounts
    with house.crowd() as crowd, read_only(house):
        house.kill("redirect", "drainer")
        wait_until(lambda: house_is_whole(house), "the processes to be up again")
        until_answered(crowd, 150)
        during = ask(house, "_health").json()

    with house.crowd() as later:
        until_answered(later, 150)
    assert (during["status"], during["kept"], during["lost"] >= 100) == ("degraded", 0, True)
    assert crowd.refused == []
    assert_landed_exactly_once(house, later)
