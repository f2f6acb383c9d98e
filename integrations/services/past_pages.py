"""What every platform answers when it is asked for its past."""

from dataclasses import dataclass


class CannotAsk(Exception):
    """The shop did not tell; the message says why, in words a merchant reads."""


@dataclass(frozen=True)
class Page:
    """`told` of the shop's `total` (None: it does not say); where the next page begins; whether there is none."""

    told: int
    cursor: str
    is_last: bool
    total: int | None = None
    # The shop still has to deliver what was asked for: leave it alone for a while.
    is_busy: bool = False
