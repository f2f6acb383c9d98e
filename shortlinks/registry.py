"""What rooms on the left know about clicks and tell when they start."""

from collections.abc import Callable, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from accounts.models import Workspace
from shortlinks.models import ShortLink

DeliveryTimes = Callable[[ShortLink, Sequence[int]], dict[int, datetime]]
ShopHosts = Callable[[Workspace], frozenset[str]]

_delivery_times: list[DeliveryTimes] = []
_shop_hosts: list[ShopHosts] = []


def register_delivery_times(function: DeliveryTimes) -> None:
    """`function(link, positions)` says when what carried the code of each position arrived; in the link's scope."""
    if function not in _delivery_times:
        _delivery_times.append(function)


def delivered_at(link: ShortLink, positions: Sequence[int]) -> dict[int, datetime]:
    moments: dict[int, datetime] = {}
    for function in _delivery_times:
        moments |= function(link, positions)
    return moments


def register_shop_hosts(function: ShopHosts) -> None:
    """`function(workspace)` names the hosts, without `www.`, of shops that keep a click id."""
    if function not in _shop_hosts:
        _shop_hosts.append(function)


def shop_hosts(workspace: Workspace) -> frozenset[str]:
    return frozenset[str]().union(*(function(workspace) for function in _shop_hosts))


def leads_to_shop(url: str, hosts: frozenset[str]) -> bool:
    """Whether the address is in one of these shops, whose customers may come with or without `www.`."""
    return bool(hosts) and (urlsplit(url).hostname or "").removeprefix("www.") in hosts
