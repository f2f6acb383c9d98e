"""PostgreSQL: an id below the newest may still appear while any transaction is open that had begun by then."""

from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Event

import pytest
from django.db import connection, transaction
from django_scopes import scope

from audience.ledger import bulk
from audience.ledger.sealing import SETTLES_IN, seal_ledger
from audience.services import record_opt_out
from tests.factories import TUESDAY, make_workspace
from tests.installation import wait_until

pytestmark = [
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time"),
]
SAID = {"scope": "marketing", "source": "page", "now": TUESDAY}


@pytest.fixture(autouse=True)
def real_transactions(no_transaction_may_still_write, monkeypatch):
    monkeypatch.setattr("audience.ledger.sealing.oldest_transaction", bulk.oldest_transaction)


def write_slowly(workspace, has_written: Event, may_end: Event) -> None:
    try:
        with transaction.atomic():
            record_opt_out(workspace=workspace, phone="+33639980001", **SAID)
            has_written.set()
            assert may_end.wait(30)
    finally:
        connection.close()


def test_no_row_is_sealed_past_one_that_may_still_appear():
    workspace, has_written, may_end = make_workspace(), Event(), Event()
    with ThreadPoolExecutor(1) as pool, scope(workspace=workspace):
        slow = pool.submit(write_slowly, workspace, has_written, may_end)
        assert has_written.wait(30)
        record_opt_out(workspace=workspace, phone="+33639980002", **SAID)  # a higher id, committed first
        sealed = [seal_ledger(workspace=workspace, now=TUESDAY + times * SETTLES_IN) for times in range(4)]
        may_end.set()
        slow.result()

        # Test runs beside this one have transactions of their own, which end in time.
        times = count(9)
        counts: list[int] = []

        def both_are_sealed() -> bool:
            counts.append(seal_ledger(workspace=workspace, now=TUESDAY + next(times) * SETTLES_IN))
            return sum(counts) == 2

        wait_until(both_are_sealed, "both rows to be sealed")

    assert sealed == [0, 0, 0, 0]
