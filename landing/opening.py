"""Opening hours of a week: open now, and until when; or closed, and when it opens again."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import NamedTuple


class Span(NamedTuple):
    """On a weekday (Monday is 0), from one time to another; that is on the next day if it is not later."""

    weekday: int
    opens: time
    closes: time

    def on(self, day: date, zone: tzinfo | None) -> tuple[datetime, datetime]:
        start = datetime.combine(day, self.opens, zone)
        end = datetime.combine(day, self.closes, zone)
        return start, end if end > start else end + timedelta(days=1)


@dataclass(frozen=True)
class Opening:
    is_open: bool
    # The next moment at which that changes; none if there are no hours at all.
    changes_at: datetime | None


def opening_at(spans: Iterable[Span], now: datetime) -> Opening:
    """`now` on the shop's own clock, which is the one that its hours are written in."""
    stretches = _joined(sorted(_stretches(list(spans), now)))
    for start, end in stretches:
        if start <= now < end:
            return Opening(True, end)
        if now < start:
            return Opening(False, start)
    return Opening(False, None)


def _stretches(spans: list[Span], now: datetime) -> list[tuple[datetime, datetime]]:
    """Of yesterday, whose last hours may be today's, and of the week ahead."""
    days = [now.date() + timedelta(days=offset) for offset in range(-1, 9)]
    return [span.on(day, now.tzinfo) for day in days for span in spans if span.weekday == day.weekday()]


def _joined(stretches: list[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """What follows without a break is one stretch."""
    joined: list[tuple[datetime, datetime]] = []
    for start, end in stretches:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
