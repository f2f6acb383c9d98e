"""Whoever tries codes at random is noticed by the spread of misses from one network, and slowed; nobody else is.

The size of the code space is what protects (tests/shortlinks/test_guessing.py); this is the alarm, and it keeps the
noise down. Only codes that do not exist are ever slowed, so that a phone beside a guesser, behind the same address of
its operator, loses nothing. One wrong address on a poster, asked for by thousands, is no spread.
"""

import asyncio
import logging
import time
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

logger = logging.getLogger(__name__)

WINDOW_SECONDS = 600.0
# A window's misses are marks in a field of 128; this many marks are about fifty different codes.
FIELD, MANY_MARKS = 128, 42
# Memory stays small under a spray of networks: the one that missed longest ago is forgotten.
MOST_NETWORKS, MOST_SLOWED = 10_000, 1_000
# A slowed answer waits this long; beyond so many waiting, answers come at once, and the connection is all that is paid.
HOLD_SECONDS = 2.0
MOST_HELD, MOST_HELD_PER_NETWORK = 512, 32


@dataclass(slots=True)
class Misses:
    since: float
    marks: int = 0


class Guard:
    """Belongs to one event loop; each process counts for itself."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._misses: OrderedDict[str, Misses] = OrderedDict()
        self._slowed: OrderedDict[str, float] = OrderedDict()
        self._held: Counter[str] = Counter()
        self.missed = self.alarms = 0
        self.alarmed_at = 0.0

    @property
    def networks(self) -> list[str]:
        """Those that are slowed now."""
        now = self._clock()
        return [network for network, until in self._slowed.items() if until > now]

    def miss(self, network: str, code: str) -> bool:
        """Note a code that does not exist; whether its network is to be slowed."""
        now = self._clock()
        self.missed += 1
        if self._is_spread(network, code, now):
            self._slow(network, now)
        return self._slowed.get(network, 0.0) > now

    async def hold(self, network: str) -> None:
        """Let a guesser wait, as long as few enough do."""
        if self._held.total() >= MOST_HELD or self._held[network] >= MOST_HELD_PER_NETWORK:
            return
        self._held[network] += 1
        try:
            await asyncio.sleep(HOLD_SECONDS)
        finally:
            self._held[network] -= 1
            if not self._held[network]:
                del self._held[network]

    def _is_spread(self, network: str, code: str, now: float) -> bool:
        misses = self._misses.get(network)
        if misses is None or now - misses.since > WINDOW_SECONDS:
            misses = self._misses[network] = Misses(now)
        self._misses.move_to_end(network)
        if len(self._misses) > MOST_NETWORKS:
            self._misses.popitem(last=False)
        # Python's hash of a text differs in every process: nobody can choose codes that share a mark.
        misses.marks |= 1 << hash(code) % FIELD
        return misses.marks.bit_count() >= MANY_MARKS

    def _slow(self, network: str, now: float) -> None:
        if self._slowed.get(network, 0.0) <= now:
            self.alarms += 1
            self.alarmed_at = time.time()
            logger.warning("Somebody in %s tries codes that do not exist; their misses are slowed.", network)
        self._slowed[network] = now + WINDOW_SECONDS
        self._slowed.move_to_end(network)
        if len(self._slowed) > MOST_SLOWED:
            self._slowed.popitem(last=False)
