"""Bad days under load: every answered hit lands exactly once, no visitor sees an error, and nothing wedges.

The redirect runs under the product's own supervisor, on a database of its own that can be taken away.
"""

import resource
import socket
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from shortlinks.journal import HEAD, read_records, segments
from tests.installation import wait_until
from tests.load import VISITORS, hang_up
from tests.shortlinks.house import (
    CODES,
    HOST,
    OUTSIDERS,
    House,
    ask,
    assert_landed_exactly_once,
    can_ask,
    house_is_whole,
    until_answered,
)

pytestmark = pytest.mark.flow


def test_with_the_database_away_for_ten_seconds_nobody_notices(house):
    with house.crowd() as crowd:
        until_answered(crowd, 150)
        with house.without_database():
            time.sleep(10)
        until_answered(crowd, 150)

    assert (crowd.refused, crowd.doubtful) == ([], Counter())
    assert crowd.slowest < 2
    assert_landed_exactly_once(house, crowd)


def test_with_the_database_stopped_an_unknown_code_may_try_again(house):
    if not house.server:
        pytest.skip("a locked SQLite goes on answering who only reads")
    with house.crowd() as crowd, house.without_database():
        wait_until(lambda: ask(house, "0123456").status_code == 503, "the redirect to notice", 10)
        words = ask(house, "_health")

    assert words.json()["status"] == "degraded"
    wait_until(lambda: ask(house, "0123456").status_code == 404, "the redirect to recover", 15)
    assert_landed_exactly_once(house, crowd)


def test_started_again_without_a_database_it_asks_to_try_again_and_comes_back_by_itself(house):
    if not house.server:
        pytest.skip("a locked SQLite goes on answering who only reads")
    with house.without_database():
        house.kill("redirect")
        wait_until(lambda: can_ask(house), "the redirect to be up again")
        during, words = ask(house, house.codes[-1]), ask(house, "_health")

    assert (during.status_code, during.headers["retry-after"], words.json()["status"]) == (503, "5", "down")
    assert "<html" in during.text
    wait_until(lambda: ask(house, house.codes[-1]).status_code == 302, "the redirect to come back", 20)


@pytest.mark.parametrize("names", [("redirect",), ("drainer",), ("redirect", "drainer")], ids=" and ".join)
def test_killed_with_9_under_load_every_answered_hit_lands_exactly_once(house, names):
    with house.crowd() as crowd:
        for _ in range(2):
            until_answered(crowd, 150)
            house.kill(*names)
            wait_until(lambda: house_is_whole(house), "the processes to be up again")
        until_answered(crowd, 150)

    assert crowd.refused == []
    assert not crowd.doubtful or "redirect" in names
    assert_landed_exactly_once(house, crowd)


def test_with_the_writer_killed_alone_nobody_waits_and_no_more_than_its_batch_is_lost(house):
    with house.crowd() as crowd:
        until_answered(crowd, 150)
        before = ask(house, "_health").json()["lost"]
        house.kill("writer")
        until_answered(crowd, 300)

    lost = ask(house, "_health").json()["lost"] - before
    assert (crowd.refused, crowd.doubtful) == ([], Counter())
    # A batch holds one click of each visitor at most.
    assert lost <= VISITORS
    wait_until(lambda: house.landed().total() >= crowd.answered.total() - lost, "what was kept")
    assert set(house.landed().values()) == {1}


def test_a_record_torn_by_a_crash_is_put_aside_and_holds_up_nothing(house):
    with house.crowd() as crowd:
        until_answered(crowd, 300)
        house.kill("redirect", "drainer")
        [*_, last] = segments(house.journal)
        tear(last)
        wait_until(lambda: house_is_whole(house), "the processes to be up again")
        until_answered(crowd, 150)

    assert_landed_exactly_once(house, crowd)
    wait_until(lambda: last.with_suffix(".torn").exists(), "the torn rest to be put aside")
    assert not last.exists()


def tear(segment: Path) -> None:
    """What a crash leaves when it comes in the middle of a write: a record that is not whole."""
    end = max((end for end, _ in read_records(segment, 0, 1 << 30)), default=0)
    with segment.open("r+b") as file:
        file.seek(end)
        file.write(HEAD.pack(12345, 200) + b"half a record")


def test_visitors_who_hang_up_inside_a_batch_wedge_nothing(house):
    with house.crowd() as crowd:
        # The very last one is asked for by whoever comes while there is no database.
        gone = range(CODES - OUTSIDERS, CODES - 1)
        for position in gone:
            hang_up(house.installation.short_port, HOST, house.codes[position])
        until_answered(crowd, 300)

    assert (crowd.refused, crowd.doubtful) == ([], Counter())
    assert crowd.slowest < 2
    assert_landed_exactly_once(house, crowd)
    assert set(house.landed(gone).values()) <= {1}


def test_a_visitor_who_never_finishes_asking_holds_up_nobody(house):
    slow: list[socket.socket] = []
    with house.crowd() as crowd, ExitStack() as stack:
        for _ in range(50):
            visitor = stack.enter_context(socket.create_connection(("127.0.0.1", house.installation.short_port)))
            visitor.sendall(b"GET /half")
            slow.append(visitor)
        until_answered(crowd, 300)

    assert (crowd.refused, crowd.doubtful, len(slow)) == ([], Counter(), 50)
    assert_landed_exactly_once(house, crowd)


def test_with_the_disk_full_visitors_are_led_on_and_the_loss_is_counted_and_told(house):
    with house.crowd() as crowd:
        until_answered(crowd, 150)
        before = ask(house, "_health").json()
        with full_disk(house):
            until_answered(crowd, 150)
            during = ask(house, "_health").json()
        until_answered(crowd, 150)

    lost = ask(house, "_health").json()["lost"] - before["lost"]
    assert (crowd.refused, crowd.doubtful) == ([], Counter())
    # On SQLite, links can not be read either: its files would have to grow.
    assert (during["status"], "clicks could not be written" in during["troubles"]) == ("degraded", True)
    assert lost >= 100
    wait_until(lambda: house.landed().total() == crowd.answered.total() - lost, "what could be kept")
    assert set(house.landed().values()) == {1}


@contextmanager
def full_disk(house: House) -> Iterator[None]:
    """No file of the redirect may grow any more: the kernel refuses its writes as a full disk does, also root's."""
    pids = house.family()["redirect"]
    for pid in pids:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    yield
    for pid in pids:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def test_stopped_politely_under_load_everything_that_was_answered_lands(house):
    with house.crowd() as crowd:
        until_answered(crowd, 300)
        house.stop()

    try:
        assert segments(house.journal) == []
        assert_landed_exactly_once(house, crowd)
    finally:
        house.start()
