"""Who is calling. Anybody may write `X-Forwarded-For`; only what our own proxies appended to it is believed."""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

# Our proxies append at the end: what a visitor wrote before that is not even looked at.
LONGEST_READ = 500
VISITOR_BITS = {4: 24, 6: 48}


def client_address(peer: str, forwarded: str, proxies: Sequence[Network]) -> str:
    """The nearest address that is not one of `proxies`, reading `X-Forwarded-For` from its end; empty without one.

    An entry that is no address ends the reading: the caller is then the proxy that passed it on.
    """
    address = parsed(peer)
    hops = forwarded[-LONGEST_READ:].split(",") if forwarded else []
    while address is not None and hops and is_within(address, proxies):
        if (nearer := parsed(hops.pop())) is None:
            break
        address = nearer
    return str(address) if address else ""


def network_of(address: str) -> str:
    """The network that a visitor is counted by: /24, or /48 of IPv6; empty for what is no address."""
    host = parsed(address)
    return str(ip_network((host, VISITOR_BITS[host.version]), strict=False)) if host else ""


def line_of(address: str) -> str:
    """One subscriber: whoever has an IPv6 address has the 2^64 others of its network too (RFC 6177)."""
    host = parsed(address)
    return str(ip_network((host, 64), strict=False)) if host and host.version == 6 else address


def is_within(address: Address, networks: Sequence[Network]) -> bool:
    return any(address in network for network in networks)


@lru_cache(maxsize=8192)
def parsed(text: str) -> Address | None:
    """An address as proxies write it: with a port, in brackets, with a zone, or IPv4 inside IPv6."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address
