"""Targets of single numbers (a tracking page, a cart): read when asked for, kept for a while, never waited for long."""

import asyncio
import time
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor

from django.db import Error as DatabaseError
from django.db import close_old_connections, connection
from django_scopes import scopes_disabled

from shortlinks.addresses import ascii_address
from shortlinks.blocking import is_blocked
from shortlinks.models import LinkTarget

PATIENCE_SECONDS = 0.05
KEPT_SECONDS = 60.0
MOST_KEPT = 10_000
# With so many look-ups under way the database is in trouble: no more are begun.
MOST_UNDER_WAY = 16


class PersonalTargets:
    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="targets")
        self._kept: OrderedDict[tuple[int, int], tuple[float, str]] = OrderedDict()
        self._under_way: dict[tuple[int, int], asyncio.Future[str]] = {}

    def known(self, link_id: int, number: int) -> str | None:
        """The number's own address as `address` would answer it at once; None when that would have to ask."""
        until, address = self._kept.get((link_id, number), (0.0, ""))
        return address if until > time.monotonic() else None

    async def address(self, link_id: int, number: int) -> str | None:
        """The number's own address, empty when it has none; None when nobody has ever been able to say.

        What is old is asked for again; while asking fails or takes too long, it still holds.
        """
        if (address := self.known(link_id, number)) is not None:
            return address
        key = link_id, number
        if key not in self._under_way and len(self._under_way) < MOST_UNDER_WAY:
            self._look_up(key)
        if key in self._under_way:
            await asyncio.wait({self._under_way[key]}, timeout=PATIENCE_SECONDS)
        return self._kept[key][1] if key in self._kept else None

    def _look_up(self, key: tuple[int, int]) -> None:
        look_up = asyncio.wrap_future(self._thread.submit(_read, *key))
        self._under_way[key] = look_up
        look_up.add_done_callback(lambda done: self._keep(key, done))

    def _keep(self, key: tuple[int, int], done: "asyncio.Future[str]") -> None:
        del self._under_way[key]
        if done.exception() is None:
            self._kept[key] = time.monotonic() + KEPT_SECONDS, done.result()
            if len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)


def _read(link_id: int, number: int) -> str:
    close_old_connections()
    try:
        with scopes_disabled():
            target = LinkTarget.objects.filter(link_id=link_id, number=number).first()
            return ascii_address(target.url) if target and not is_blocked(target.url) else ""
    except DatabaseError:
        connection.close()
        raise
