"""What a host really is, in whatever spelling: a public name, a private machine, or a name in disguise.

Numbers are read as browsers read them (https://url.spec.whatwg.org/#concept-ipv4-parser): 127.1, 0x7f000001, 0177.0.0.1
and 2130706433 are all 127.0.0.1.
"""

import re
import unicodedata
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
# Names that lead nowhere outside somebody's own network, or nowhere at all (RFC 6761, RFC 6762, RFC 7686, RFC 8375,
# RFC 9476, and what routers use).
PRIVATE_NAMES = {
    *("localhost", "local", "internal", "localdomain", "lan", "home", "corp", "intranet", "private"),
    *("home.arpa", "test", "invalid", "onion", "alt"),
}
# What translates to IPv4 (RFC 6052, RFC 2765), and what only does so inside a network (RFC 8215).
TRANSLATED = IPv6Network("64:ff9b::/96"), IPv6Network("::ffff:0:0:0/96")
LOCAL_TRANSLATED = IPv6Network("64:ff9b:1::/48")

# Latin letters of European languages; the phonetic ones look like others.
LATIN = re.compile(r"[a-z0-9_\-\u00df-\u00f6\u00f8-\u0130\u0132-\u0137\u0139-\u0148\u014a-\u017e\u0218-\u021b]+")
# Letters of other alphabets that pass for Latin ones; a name of these alone is meant to.
LOOK_ALIKES = set("асԁеһіјӏорԛѕԝхуъьҽпгѵѡονρτυκιαγχηωօոսհցյք0123456789-")
# These browsers read otherwise than we do (https://unicode.org/reports/tr46/#Deviations).
DEVIATIONS = set("ßς\u200c\u200d")
# Written together in Japan, China, Taiwan and Korea, also with Latin letters.
EASTERN = {"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "BOPOMOFO", "HANGUL", "IDEOGRAPHIC"}


def is_name(host: str) -> bool:
    """Whether an ASCII host is one at all, and a whole one: not a word alone."""
    labels = host.split(".")
    return len(host) <= 253 and len(labels) > 1 and all(map(LABEL.fullmatch, labels))


def is_private(host: str) -> bool:
    """Whether an ASCII host, lower case and without a dot at its end, is a machine or name of a private network."""
    if (address := address_of(host)) is not None:
        return not _is_public(address)
    return any(host == name or host.endswith(f".{name}") for name in PRIVATE_NAMES)


def address_of(host: str) -> IPv4Address | IPv6Address | None:
    """The address that a host is in numbers, in whatever spelling. Raises ValueError for one that is none."""
    if "%" in host:
        raise ValueError(host)
    if ":" in host:
        return ip_address(host)
    *_, last = host.split(".")
    return IPv4Address(_number_of(host)) if NUMBER.fullmatch(last) else None


def one_spelling(host: str) -> str:
    """An address as it is usually written; a name stays as it is."""
    try:
        return str(address_of(host) or host)
    except ValueError:
        return host


def deviates(netloc: str) -> bool:
    """Whether browsers would go elsewhere than the name that we write in ASCII: `straße` is `strasse` here only."""
    return not DEVIATIONS.isdisjoint(netloc.lower())


def is_disguised(host: str) -> bool:
    """Whether an ASCII host (`xn--…` for other letters) looks like what it is not."""
    return any(label.startswith("xn--") and _is_disguised(label) for label in host.split("."))


def _number_of(host: str) -> int:
    parts = [_part(part) for part in host.split(".")]
    *front, last = parts
    if len(parts) > 4 or any(part > 255 for part in front) or last >= 256 ** (5 - len(parts)):
        raise ValueError(host)
    return last + sum(part << 8 * (3 - place) for place, part in enumerate(front))


def _part(text: str) -> int:
    if not NUMBER.fullmatch(text):
        raise ValueError(text)
    if text.startswith("0x"):
        return int(text[2:] or "0", 16)
    return int(text, 8 if len(text) > 1 and text.startswith("0") else 10)


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    """An IPv6 address may carry an IPv4 one: mapped, translated, or through a tunnel."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo and address.teredo[1])
        if any(address in network for network in TRANSLATED) or address < IPv6Address(2**32):
            inner = IPv4Address(int(address) & 0xFFFFFFFF)
        if inner:
            return _is_public(inner)
        if address.is_site_local or address in LOCAL_TRANSLATED:
            return False
    return address.is_global and not address.is_multicast


def _is_disguised(label: str) -> bool:
    try:
        letters = label.encode().decode("idna")
    except UnicodeError:
        return True
    if LATIN.fullmatch(letters):
        return not DEVIATIONS.isdisjoint(letters)
    scripts = {unicodedata.name(letter, "?").partition(" ")[0] for letter in letters if not letter.isascii()}
    if scripts <= EASTERN:
        return False
    return len(scripts) > 1 or any(map(str.isalpha, filter(str.isascii, letters))) or LOOK_ALIKES.issuperset(letters)
