"""Where a link may lead. Spellings of addresses: https://url.spec.whatwg.org/#concept-ipv4-parser."""

import re
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from shortlinks.addresses import ascii_address
from shortlinks.hosts import address_of, is_disguised, is_private
from shortlinks.models import BlockedHost
from shortlinks.services import BadTarget
from shortlinks.targets import check_target
from tests.factories import make_domain, make_link

pytestmark = pytest.mark.django_db
bounded = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

NO_WEB_ADDRESS = "Start the address with https:// or http:// and a host name."
HIDDEN = "This address holds spaces, backslashes or hidden characters."
PRIVATE = "This host belongs to a private network: your readers would not get there."
CREDENTIALS = "Leave the user name and the password out of the address."
LONG = "This address is too long: 2000 characters at most."


def refusal(url):
    with pytest.raises(BadTarget) as refused:
        check_target(url)
    return str(refused.value)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "Give an address."),
        ("shop.example", NO_WEB_ADDRESS),
        ("javascript:alert(1)", NO_WEB_ADDRESS),
        ("JavaScript://shop.example/%0aalert(1)", NO_WEB_ADDRESS),
        ("data:text/html,<script>alert(1)</script>", NO_WEB_ADDRESS),
        ("ftp://shop.example/", NO_WEB_ADDRESS),
        ("//shop.example/", NO_WEB_ADDRESS),
        ("https://", NO_WEB_ADDRESS),
        ("https:/shop.example/", NO_WEB_ADDRESS),
        ("https:shop.example/", NO_WEB_ADDRESS),
        ("https://shop.example:99999/", NO_WEB_ADDRESS),
        ("https://[::1/", NO_WEB_ADDRESS),
        ("https://" + "a" * 80 + "é.example/", NO_WEB_ADDRESS),
        ("https://user:word@shop.example/", CREDENTIALS),
        ("https://user@shop.example/", CREDENTIALS),
        ("https://@shop.example/", CREDENTIALS),
        ("https://shop.example/\r\nSet-Cookie:a=b", HIDDEN),
        ("https://shop.example/\x00", HIDDEN),
        ("https://shop.example/\x85", HIDDEN),
        ("https://shop.example/\u202egpj.exe", HIDDEN),
        ("https://shop\u200b.example/", HIDDEN),
        ("https://shop.example/a b", HIDDEN),
        ("https://shop.example/a\u00a0b", HIDDEN),
        ("https://shop.example\\@evil.example/", HIDDEN),
        ("java\tscript:alert(1)", HIDDEN),
        ("https://shop.example/" + "a" * 8_192, LONG),
        ("https://shop.example/" + "é" * 1_900, LONG),
        ("https://shop/", "“shop” is not the name of a host on the internet."),
        ("https://shop..example/", "“shop..example” is not the name of a host on the internet."),
        ("https://%31%32%37.0.0.1/", "“%31%32%37.0.0.1” is not the name of a host on the internet."),
        ("https://256.1.1.1/", "“256.1.1.1” is not the name of a host on the internet."),
        ("https://1.2.3.4.5/", "“1.2.3.4.5” is not the name of a host on the internet."),
    ],
)
def test_what_no_link_may_lead_to_is_refused_with_a_reason(url, reason):
    assert refusal(url) == reason


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "127.1", "2130706433", "0x7f000001", "0X7F.1", "0177.0.0.1", "017700000001", "127.0.0.1."),
        *("１２７.0.0.1", "127。0。0。1", "0", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "3232235777"),
        *("169.254.169.254", "0xA9FEA9FE", "100.64.0.1", "224.0.0.1", "255.255.255.255", "198.18.0.1"),
        *("[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]"),
        *("[fe80::1]", "[fc00::1]", "[fd12:3456::1]", "[2002:7f00:1::]", "[2001:0:7f00:1::80ff:fffe]", "[ff02::1]"),
        *("localhost", "LOCALHOST", "localhost.", "a.localhost", "printer.local", "db.internal", "nas.home.arpa"),
        *("box.lan", "metadata.google.internal", "shop.test", "shop.invalid", "shop.onion", "shop.alt"),
        *("[fec0::1]", "[::ffff:0:127.0.0.1]", "[64:ff9b:1::7f00:1]", "[0:0:0:0:0:ffff:7f00:1]", "①②⑦.0.0.1", "0x."),
    ],
)
@pytest.mark.parametrize("port", ["", ":8080"])
def test_private_hosts_are_refused_in_every_spelling(host, port):
    assert refusal(f"http://{host}{port}/admin") == PRIVATE


@pytest.mark.parametrize(
    ("host", "true_name"),
    [
        ("pаypal.com", "xn--pypal-4ve.com"),
        ("аррӏе.com", "xn--80ak6aa92e.com"),
        ("xn--80ak6aa92e.com", "xn--80ak6aa92e.com"),
        ("googlе.com", "xn--googl-3we.com"),
        ("ɑmazon.com", "xn--mazon-zjc.com"),
        ("xn--zzzzzzzz.com", "xn--zzzzzzzz.com"),
        # Browsers that read it otherwise would lead to another site than we.
        ("straße.example", "strasse.example"),
        ("xn--strae-oqa.example", "xn--strae-oqa.example"),
    ],
)
def test_names_that_are_not_what_they_look_like_are_refused_under_their_true_name(host, true_name):
    assert refusal(f"https://{host}/") == (
        f"This name mixes alphabets and is not what it looks like; it really is {true_name}."
    )


@pytest.mark.parametrize(
    "url",
    [
        "https://boutique-é.example/été?a=1#b",
        "https://œuvre.example/",
        "https://москва.example/",
        "https://日本語.jp/",
        "https://shop.example:8443/?next=https://user@other.example/",
        "https://SHOP.example./",
        "http://93.184.215.14/",
        "http://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/",
    ],
)
def test_good_addresses_are_kept_as_they_were_typed(workspace, url):
    assert make_link(workspace, target_url=url).target_url == url


def test_our_own_pages_are_good_on_a_loopback_but_nothing_else_is(settings):
    settings.BASE_URL = "http://127.0.0.1:8000"

    check_target("http://127.0.0.1:8000/lambert/")

    assert refusal("http://127.0.0.1:8001/lambert/") == PRIVATE
    assert refusal("https://127.0.0.1:8000/lambert/") == PRIVATE


@pytest.mark.parametrize(
    "url",
    [
        "https://go.lambert.example/abc",
        "http://GO.Lambert.example:443/abc",
        "https://go.lambert.example.:8443/abc",
        "https://go.breton.example/abc",
        "https://ｇｏ.lambert.example/abc",
        "https://go。lambert。example/abc",
        "https://go.lambert.example:/abc",
        "https://GO.LAMBERT.EXAMPLE./abc?x#y",
        "https://xn--bt-cja.example/abc",
        "https://BTÉ.example:8443/abc",
        "https://links.example:8001/abc",
    ],
)
def test_no_link_leads_to_a_short_domain_of_anybody_s(workspace, other_workspace, url):
    make_domain(workspace)
    make_domain(other_workspace)
    make_domain(other_workspace, host="links.example:8001")
    make_domain(other_workspace, host="xn--bt-cja.example")

    assert refusal(url) == "This address is itself a short link; it would lead in a circle."


def test_a_short_domain_with_a_port_leaves_the_other_ports_of_its_host_alone(workspace):
    make_domain(workspace, host="links.example:8001")

    check_target("https://links.example/")


@pytest.mark.parametrize("host", ["casino.example", "www.casino.example", "WWW.Casino.example.", "casino.example:81"])
def test_the_operator_s_list_holds_hosts_and_all_below_them(host):
    BlockedHost.objects.create(host="casino.example")

    assert "allows no links to" in refusal(f"https://{host}/x")
    check_target("https://grandcasino.example/")


@pytest.mark.parametrize(
    ("blocked", "host"),
    [
        ("93.184.215.14", "0x5db8d70e"),
        ("93.184.215.14", "1572394766"),
        ("2606:2800:21f::1", "[2606:2800:021F:0::1]"),
    ],
)
def test_the_operator_s_list_holds_addresses_in_every_spelling(blocked, host):
    BlockedHost.objects.create(host=blocked)

    assert "allows no links to" in refusal(f"https://{host}/x")


def test_the_operator_s_list_holds_names_with_accents_in_their_travelling_form():
    blocked = "bté.example".encode("idna").decode()
    BlockedHost.objects.create(host=blocked)

    assert refusal("https://bté.example/").endswith(f"{blocked}.")


def spellings(address: IPv4Address) -> list[str]:
    number, parts = int(address), address.packed
    return [
        str(number),
        hex(number),
        f"0{number:o}",
        ".".join(map(hex, parts)),
        ".".join(f"0{part:o}" for part in parts),
        f"{parts[0]}.{number & 0xFFFFFF}",
        f"{parts[0]}.{parts[1]}.{number & 0xFFFF}",
        f"{address}",
    ]


@bounded
@given(st.ip_addresses(v=4))
def test_every_spelling_of_an_address_is_the_same_address(address):
    assert {address_of(spelling) for spelling in spellings(address)} == {address}
    assert {is_private(spelling) for spelling in spellings(address)} == {not address.is_global or address.is_multicast}
    mapped = IPv6Address(f"::ffff:{address}")
    assert is_private(str(mapped)) == is_private(str(address))


URLS = st.from_regex(re.compile(r"\A(https?|ftp|data|javascript):/{0,3}[^/]{0,30}(/.{0,30})?\Z", re.DOTALL))
WEIRD = st.text(max_size=60) | URLS | st.text(max_size=40).map("https://shop.example/{}".format)


@bounded
@given(WEIRD)
@example("https://shop.example/%0d%0aSet-Cookie:a=b")
@example("https://ⓖo.example/")
@example("https://a.example/\ud800")
def test_whatever_is_accepted_travels_as_one_plain_line(url):
    try:
        check_target(url)
    except BadTarget as refused:
        assert str(refused)
        return

    address = ascii_address(url)
    parts = urlsplit(address)
    assert re.fullmatch(r"[\x21-\x7e]+", address)
    assert parts.scheme in {"http", "https"}
    assert "@" not in parts.netloc
    assert not is_private(parts.hostname.rstrip("."))
    assert not is_disguised(parts.hostname)
