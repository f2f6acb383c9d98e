from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.addresses import client_address, network_of

PROXIES = [ip_network("127.0.0.1"), ip_network("10.0.0.0/8"), ip_network("::1"), ip_network("fd00::/8")]
VISITOR, LIAR = "203.0.113.9", "198.51.100.66"
ADDRESSES = st.ip_addresses().map(str)
GARBAGE = st.text(alphabet=st.characters(blacklist_characters=","), max_size=30)


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("127.0.0.1", VISITOR, VISITOR),
        ("127.0.0.1", f"{LIAR}, {VISITOR}", VISITOR),
        ("127.0.0.1", f"{LIAR}, {VISITOR}, 10.1.2.3", VISITOR),
        ("127.0.0.1", f"{LIAR},10.9.9.9,{VISITOR} , 10.1.2.3", VISITOR),
        # Whoever comes to us directly speaks for nobody.
        (VISITOR, LIAR, VISITOR),
        (VISITOR, "127.0.0.1", VISITOR),
        # As other front servers write it.
        ("127.0.0.1", f"{VISITOR}:41233", VISITOR),
        ("127.0.0.1", "[2001:db8::7]:41233", "2001:db8::7"),
        ("::1", "2001:DB8:0:0::7", "2001:db8::7"),
        ("::ffff:127.0.0.1", f"::ffff:{VISITOR}", VISITOR),
        ("fd00::5", "fe80::1%eth0", "fe80::1"),
        # No address: the hop that passed it on is the nearest we know.
        ("127.0.0.1", f"{VISITOR}, unknown", "127.0.0.1"),
        ("127.0.0.1", f"{LIAR}, _hidden, 10.1.2.3", "10.1.2.3"),
        ("127.0.0.1", f"{VISITOR},", "127.0.0.1"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "10.1.2.3, 10.1.2.4", "10.1.2.3"),
        ("", VISITOR, ""),
        ("127.0.0.1", "x" * 8000 + ", " + VISITOR, VISITOR),
    ],
)
def test_the_nearest_address_that_is_no_proxy_is_the_visitor(peer, forwarded, expected):
    assert client_address(peer, forwarded, PROXIES) == expected


def test_without_proxies_only_the_socket_is_believed():
    assert client_address("127.0.0.1", VISITOR, []) == "127.0.0.1"


@given(st.lists(ADDRESSES | GARBAGE, max_size=5), ADDRESSES)
def test_whatever_a_visitor_writes_before_the_proxy_the_visitor_is_who_came(written, visitor):
    forwarded = ", ".join([*written, visitor])

    read = client_address("127.0.0.1", forwarded, [ip_network("127.0.0.1")])

    came = ip_address(visitor)
    came = getattr(came, "ipv4_mapped", None) or came
    assert read == str(came) or came == ip_address("127.0.0.1")


@pytest.mark.parametrize(
    ("address", "network"),
    [
        (VISITOR, "203.0.113.0/24"),
        ("2001:db8:1:2::7", "2001:db8:1::/48"),
        ("::ffff:203.0.113.9", "203.0.113.0/24"),
        ("unknown", ""),
        ("", ""),
    ],
)
def test_a_visitor_is_counted_by_network(address, network):
    assert network_of(address) == network
