"""What rooms on the left know about clicks and tell when they start."""

from collections.abc import Callable, Sequence
from datetime import datetime

from shortlinks.models import ShortLink

DeliveryTimes = Callable[[ShortLink, Sequence[int]], dict[int, datetime]]

_delivery_times: list[DeliveryTimes] = []


def register_delivery_times(function: DeliveryTimes) -> None:
    """`function(link, positions)` says when what carried the code of each position arrived; in the link's scope."""
    if function not in _delivery_times:
        _delivery_times.append(function)


def delivered_at(link: ShortLink, positions: Sequence[int]) -> dict[int, datetime]:
    moments: dict[int, datetime] = {}
    for function in _delivery_times:
        moments |= function(link, positions)
    return moments
