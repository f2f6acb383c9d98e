import pytest


@pytest.fixture(autouse=True)
def sealing_waits_for_nobody(no_transaction_may_still_write: None) -> None:
    """In every test of this room."""
