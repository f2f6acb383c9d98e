"""The operator's list of hosts that no link may lead to: obeyed when a link is written, and by every redirect."""

from urllib.parse import urlsplit

from django.db.models import Count, Max

from shortlinks.addresses import ascii_address
from shortlinks.hosts import one_spelling
from shortlinks.models import BlockedHost


class BlockList:
    """The list in memory, and whether it has changed."""

    def __init__(self) -> None:
        self._hosts: frozenset[str] = frozenset()
        self._state: tuple[int, int | None] = (0, None)

    def refresh(self) -> bool:
        """Read the list if it is another one by now; whether it was."""
        counts = BlockedHost.objects.aggregate(count=Count("pk"), last=Max("pk"))
        state = counts["count"], counts["last"]
        if state == self._state:
            return False
        self._hosts = frozenset(BlockedHost.objects.values_list("host", flat=True))
        self._state = state
        return True

    def holds(self, url: str) -> bool:
        """Whether the address is on a listed host, or below one."""
        return bool(self._hosts) and not self._hosts.isdisjoint(host_and_above(url))


def is_blocked(url: str) -> bool:
    """Whether the operator's list, as it is now, holds the address's host or one above it."""
    return BlockedHost.objects.filter(host__in=host_and_above(url)).exists()


def host_and_above(url: str) -> list[str]:
    """`https://a.b.example/` is on `a.b.example`, `b.example` and `example`; an address is on its usual spelling."""
    labels = one_spelling((urlsplit(ascii_address(url)).hostname or "").rstrip(".")).split(".")
    return [".".join(labels[place:]) for place in range(len(labels))]
