"""What a request shows about who made it, beside the name it gives itself: one whole number, for hits are many.

`signs_of` is the one seam between redirect and judgement: the redirect notes, the drainer judges (bots). Nothing
personal is kept: not which languages somebody reads, only how a browser of that kind writes such a list.
"""

import re
from collections.abc import Callable
from enum import IntEnum
from functools import lru_cache
from itertools import repeat


class Sign:
    """Bits of the number. Journals keep it, so a bit never changes its meaning."""

    HEAD = 1
    PREFETCH = 1 << 1
    ACCEPTS_HTML = 1 << 2
    HAS_LANGUAGE = 1 << 3
    UPGRADES = 1 << 4
    # Fetch metadata, https only: there at all, a whole page that replaces the last one, and at a person's bidding.
    HAS_FETCH = 1 << 5
    NAVIGATES = 1 << 6
    BY_USER = 1 << 7
    # Client hints, https only, Chromium only: there at all, and of one voice with the user agent.
    HAS_HINTS = 1 << 8
    HINTS_AGREE = 1 << 9
    HINTS_HEADLESS = 1 << 10
    # A script's or a program's own way to ask, whatever its user agent says.
    IS_SCRIPT = 1 << 11
    # Names its operator: no browser does.
    HAS_OPERATOR = 1 << 12
    IN_APP = 1 << 13
    HAS_PRIORITY = 1 << 14
    TAKES_TRAILERS = 1 << 15
    IS_SECURE = 1 << 16
    IS_PLAIN = 1 << 17


class Accept(IntEnum):
    """The shape of `Accept`; each engine has one of its own for pages."""

    NONE = 0
    ANYTHING = 1
    # Safari's, Firefox's since 132, and the one that scripts copy most.
    PLAIN_HTML = 2
    # Firefox 66 to 131: with the formats of pictures.
    FIREFOX = 3
    # Chromium: apng, and signed exchanges at the end where it is a new one.
    CHROMIUM = 4
    OLD_CHROMIUM = 5
    OTHER_HTML = 6
    OTHER = 7


class Language(IntEnum):
    """The shape of `Accept-Language`: how weights go down from language to language."""

    NONE = 0
    ANY = 1
    SINGLE = 2
    # By tenths: 1, 0.9, 0.8 (Chromium, Safari).
    TENTHS = 3
    # In equal parts: 1, 0.5 or 1, 0.7, 0.3 or 1, 0.8, 0.5, 0.3 (Firefox).
    PARTS = 4
    OTHER = 5


class Encoding(IntEnum):
    """The shape of `Accept-Encoding`. Browsers offer br and zstd over https alone."""

    NONE = 0
    IDENTITY = 1
    GZIP = 2
    GZIP_DEFLATE = 3
    BROTLI = 4
    ZSTD = 5
    OTHER = 6


ACCEPT, LANGUAGE, ENCODING = 20, 24, 28

# No parser lets it into a header.
SEPARATOR = "\n"
# In the order of `_read`'s values.
HEADERS = (
    "user-agent",
    "accept",
    "accept-language",
    "accept-encoding",
    "sec-fetch-site",
    "sec-fetch-mode",
    "sec-fetch-dest",
    "sec-fetch-user",
    "sec-ch-ua",
    "sec-ch-ua-mobile",
    "sec-ch-ua-platform",
    "upgrade-insecure-requests",
    "sec-purpose",
    "purpose",
    "x-purpose",
    "x-moz",
    "x-requested-with",
    "from",
    "signature-agent",
    "priority",
    "te",
    "x-forwarded-proto",
)


def signs_of(method: str, header: Callable[[str, str], str]) -> int:
    """The signs of a request; `header(name, default)` reads one header by its lower-case name."""
    values = SEPARATOR.join(map(header, HEADERS, repeat("")))
    if len(values) > MOST_REMEMBERED or values.count(SEPARATOR) != len(HEADERS) - 1:
        return _read(method, SEPARATOR.join(header(name, "").replace(SEPARATOR, " ") for name in HEADERS))
    return _remembered(method, values)


def accept_of(signs: int) -> Accept:
    return Accept(signs >> ACCEPT & 7)


def language_of(signs: int) -> Language:
    return Language(signs >> LANGUAGE & 7)


def encoding_of(signs: int) -> Encoding:
    return Encoding(signs >> ENCODING & 7)


def _read(method: str, values: str) -> int:
    head = dict(zip(HEADERS, values.split(SEPARATOR), strict=True))
    signs = Sign.HEAD if method == "HEAD" else 0
    for sign, is_there in _facts(head):
        signs |= sign if is_there else 0
    accept = _accept(head["accept"].lower())
    language, encoding = _language(head["accept-language"]), _encoding(head["accept-encoding"].lower())
    return signs | accept << ACCEPT | language << LANGUAGE | encoding << ENCODING


# Phones of one kind send the same: most of a campaign's hits are read once. Who sends more is not let into memory.
MOST_REMEMBERED = 1_500
_remembered = lru_cache(maxsize=5_000)(_read)


def _facts(head: dict[str, str]) -> list[tuple[int, bool]]:
    mode, dest, brands = head["sec-fetch-mode"], head["sec-fetch-dest"], head["sec-ch-ua"]
    asker, scheme = head["x-requested-with"], head["x-forwarded-proto"].partition(",")[0].strip().lower()
    return [
        (Sign.PREFETCH, any(head[name] for name in ("sec-purpose", "purpose", "x-purpose", "x-moz"))),
        (Sign.ACCEPTS_HTML, "text/html" in head["accept"].lower()),
        (Sign.HAS_LANGUAGE, bool(head["accept-language"])),
        (Sign.UPGRADES, head["upgrade-insecure-requests"].strip() == "1"),
        (Sign.HAS_FETCH, bool(mode or dest or head["sec-fetch-site"])),
        (Sign.NAVIGATES, bool(mode or dest) and mode in {"navigate", ""} and dest in {"document", ""}),
        (Sign.BY_USER, head["sec-fetch-user"] == "?1"),
        (Sign.HAS_HINTS, len(brands) > 2),
        (Sign.HINTS_AGREE, len(brands) > 2 and _hints_agree(head)),
        (Sign.HINTS_HEADLESS, "headless" in brands.lower()),
        (Sign.IS_SCRIPT, asker.lower() == "xmlhttprequest" or mode in {"cors", "no-cors", "same-origin", "websocket"}),
        (Sign.HAS_OPERATOR, bool(head["from"] or head["signature-agent"])),
        (Sign.IN_APP, "." in asker),
        (Sign.HAS_PRIORITY, bool(head["priority"])),
        (Sign.TAKES_TRAILERS, head["te"].lower() == "trailers"),
        (Sign.IS_SECURE, scheme == "https"),
        (Sign.IS_PLAIN, scheme == "http"),
    ]


# Platforms as client hints name them, and how a user agent does.
PLATFORMS = {
    "Android": r"Android",
    "Windows": r"Windows NT",
    "macOS": r"Macintosh",
    "Linux": r"X11; (?:Linux|Ubuntu|Fedora)",
    "Chrome OS": r"CrOS",
    "Chromium OS": r"CrOS",
    "iOS": r"iPhone|iPad|iPod",
}
MAJOR = re.compile(r"Chrome/(\d+)")
BRAND = re.compile(r'"(?:Chromium|Google Chrome|Microsoft Edge|Android WebView)";\s*v="(\d+)')
# Engine and user agent are not always renewed together: apps freeze the one, phones update the other.
VERSIONS_APART = 8


def _hints_agree(head: dict[str, str]) -> bool:
    """Whether the hints tell of the browser, the kind of device and the system that the user agent tells of."""
    user_agent, platform = head["user-agent"], head["sec-ch-ua-platform"].strip('"')
    mobile = {"?1": True, "?0": False}.get(head["sec-ch-ua-mobile"])
    # A tablet may say either.
    is_mobile = mobile is None or mobile == (" Mobile" in user_agent) or "Android" in user_agent
    is_system = not platform or re.search(PLATFORMS.get(platform, re.escape(platform)), user_agent) is not None
    return is_mobile and is_system and _is_version(head["sec-ch-ua"], user_agent, platform)


def _is_version(brands: str, user_agent: str, platform: str) -> bool:
    majors, own = [int(brand) for brand in BRAND.findall(brands)], MAJOR.search(user_agent)
    if own is None:
        # Device emulation: only that says iOS.
        return platform == "iOS"
    return bool(majors) and all(abs(major - int(own[1])) <= VERSIONS_APART for major in majors)


def _accept(accept: str) -> Accept:
    if "text/html" not in accept:
        return Accept.NONE if not accept else Accept.ANYTHING if accept.strip() == "*/*" else Accept.OTHER
    if "image/apng" in accept:
        return Accept.CHROMIUM if "signed-exchange" in accept else Accept.OLD_CHROMIUM
    if not accept.replace(" ", "").startswith("text/html,application/xhtml+xml,application/xml;q=0.9,"):
        return Accept.OTHER_HTML
    return Accept.FIREFOX if "image/" in accept else Accept.PLAIN_HTML


WEIGHTED = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8}){0,3}(?:;q=(0(?:\.\d{1,3})?|1(?:\.0)?))?", re.IGNORECASE)


def _language(languages: str) -> Language:
    if not languages:
        return Language.NONE
    items = [WEIGHTED.fullmatch(item.strip()) for item in languages.split(",")]
    weights = [float(item[1] or 1) for item in items if item]
    if len(weights) < len(items):
        return Language.ANY if languages.strip() == "*" else Language.OTHER
    if len(weights) == 1:
        return Language.SINGLE
    return _going_down(weights)


def _going_down(weights: list[float]) -> Language:
    count = len(weights)
    if all(abs(weight - max(1 - place / 10, 0.1)) < 0.001 for place, weight in enumerate(weights)):
        return Language.TENTHS
    if all(abs(weight - (count - place) / count) < 0.051 for place, weight in enumerate(weights)):
        return Language.PARTS
    return Language.OTHER


def _encoding(encodings: str) -> Encoding:
    names = {name.partition(";")[0].strip() for name in encodings.split(",")} - {""}
    for known, encoding in _ENCODINGS:
        if names == known:
            return encoding
    return Encoding.BROTLI if {"gzip", "br"} <= names <= {"gzip", "deflate", "br", "sdch"} else Encoding.OTHER


_ENCODINGS: list[tuple[set[str], Encoding]] = [
    (set(), Encoding.NONE),
    ({"identity"}, Encoding.IDENTITY),
    ({"gzip"}, Encoding.GZIP),
    ({"gzip", "deflate"}, Encoding.GZIP_DEFLATE),
    ({"gzip", "deflate", "br"}, Encoding.BROTLI),
    ({"gzip", "deflate", "br", "zstd"}, Encoding.ZSTD),
]
