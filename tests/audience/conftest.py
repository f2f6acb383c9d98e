import pytest


@pytest.fixture(autouse=True)
def no_transaction_may_still_write(monkeypatch):
    """A test is one open transaction, beside those of other test runs in the same cluster: sealing would wait for all
    of them. None of them writes into this ledger; `test_settling.py` has the real thing."""
    monkeypatch.setattr("audience.ledger.sealing.oldest_transaction", lambda *, workspace_id: 2**62)
