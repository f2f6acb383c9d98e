"""What a browser's request for a page looks like, engine by engine: the evidence that a person made it.

Sources: Fetch Metadata (W3C; Chrome 76, Firefox 90, Safari 16.4), User-Agent Client Hints (Chrome 89, https only), the
`Accept` values that MDN lists for each engine, RFC 9110 on weights; recordings of real browsers (tests/corpora/clicks).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from shortlinks.signs import Accept, Encoding, Language, Sign, accept_of, encoding_of, language_of

SYSTEM = (
    r"(?:Windows Phone|iPhone|iPad|iPod touch|iPod|Linux; |Macintosh; |Windows NT |X11; |Android[ ;]|Mobile|Tablet)"
)
BROWSER = re.compile(
    rf"Mozilla/5\.0 \({SYSTEM}[^)]*(?:\([^)]*\)[^)]*)*\).*"
    r"(?:AppleWebKit/[\d.]+ ?\(KHTML, ?like Gecko\)|Gecko/[\d.]+ Firefox/\d)"
)
CHROME, FIREFOX = re.compile(r"Chrom(?:e|ium)/(\d+)"), re.compile(r"Firefox/(\d+)")
IOS, SAFARI = re.compile(r"(?:iPhone )?OS (\d+)[_.](\d+)"), re.compile(r"Version/(\d+)\.(\d+)")
# Chrome and Edge under their own names, on their own: other Chromium browsers and apps may leave the hints out.
PLAIN_CHROME = re.compile(r"Chrome/[\d.]+(?: Mobile)? Safari/[\d.]+(?: EdgA?/[\d.]+)?$")
PHONE = re.compile(r"Android|Mobile")
# On phones any app may show a page in its own name; on a computer only a browser does.
COMMENT = re.compile(r"\([^()]*\)")
COMPUTER_PRODUCTS = {
    "Mozilla", "AppleWebKit", "Gecko", "Chrome", "Chromium", "Safari", "Firefox", "Version",
    "Mobile", "Edg", "Edge", "OPR", "OPX", "Opera", "Vivaldi", "Viv",
    "YaBrowser", "Yowser", "Brave", "Avast", "AVG", "Norton", "CCleaner", "Whale",
    "DuckDuckGo", "Ddg", "Ubuntu", "Fedora", "Debian", "SeaMonkey", "Waterfox", "LibreWolf",
    "PaleMoon", "Epiphany", "Iron", "Coc_Coc_Browser", "QQBrowser", "Maxthon", "Sleipnir", "UBrowser",
    "Iridium", "Falkon", "QtWebEngine", "CrKey", "GLS", "Teams", "Orion", "AOL",
    "ADG", "Sidekick", "Arc", "SamsungBrowser", "Silk", "MicroMessenger", "WindowsWechat", "NetType",
    "Atlas", "Comet", "GSA", "Herring", "Config", "AtContent", "OculusBrowser", "SA",
}  # fmt: skip


FETCH_SINCE = {"chromium": 80, "gecko": 90}
SAFARI_FETCH_SINCE = (16, 4)
HINTS_SINCE = 90
# Nobody's computer has had an older one for years, but many a script has.
OLDEST = {"chromium": 80, "gecko": 78}

OWN_ACCEPT = {
    "chromium": {Accept.CHROMIUM, Accept.OLD_CHROMIUM},
    "gecko": {Accept.FIREFOX, Accept.PLAIN_HTML},
    "webkit": {Accept.PLAIN_HTML},
}
SECURE_ENCODINGS = {Encoding.BROTLI, Encoding.ZSTD}


@dataclass(frozen=True)
class Request:
    """A request that bears a browser's name."""

    signs: int
    user_agent: str

    def has(self, signs: int) -> bool:
        return self.signs & signs == signs

    @cached_property
    def engine(self) -> str:
        if FIREFOX.search(self.user_agent) and "AppleWebKit" not in self.user_agent:
            return "gecko"
        return "chromium" if CHROME.search(self.user_agent) else "webkit"

    @cached_property
    def version(self) -> int:
        """The engine's major version; of WebKit it says nothing."""
        found = (FIREFOX if self.engine == "gecko" else CHROME).search(self.user_agent)
        return int(found[1]) if found else 0

    @cached_property
    def sends_fetch(self) -> bool:
        """Whether such a browser sends fetch metadata over https."""
        if self.engine != "webkit":
            return self.version >= FETCH_SINCE[self.engine]
        # Either may be frozen: the newer one tells.
        found = [match for match in (IOS.search(self.user_agent), SAFARI.search(self.user_agent)) if match]
        return max(((int(match[1]), int(match[2])) for match in found), default=(99, 0)) >= SAFARI_FETCH_SINCE

    @cached_property
    def is_emulated(self) -> bool:
        """A Chromium in an iPhone's frame: its hints name a system on which there is no Chromium."""
        return self.engine == "webkit" and self.has(Sign.HINTS_AGREE) and "Mobile/" in self.user_agent

    @cached_property
    def shape(self) -> set[Accept]:
        return OWN_ACCEPT["chromium" if self.is_emulated else self.engine]

    @cached_property
    def is_secure(self) -> bool:
        return self.has(Sign.IS_SECURE) or encoding_of(self.signs) in SECURE_ENCODINGS


def is_unknown_product(user_agent: str) -> bool:
    if PHONE.search(user_agent):
        return False
    products = COMMENT.sub(" ", COMMENT.sub(" ", user_agent)).split()
    return any(product.partition("/")[0] not in COMPUTER_PRODUCTS for product in products)


def accepts_like_another(request: Request) -> bool:
    accept = accept_of(request.signs)
    if accept is Accept.OTHER_HTML:
        return not request.has(Sign.NAVIGATES)
    return accept not in request.shape


def leaves_hints_out(request: Request) -> bool:
    is_due = request.engine == "chromium" and request.version >= HINTS_SINCE and request.has(Sign.NAVIGATES)
    is_own = PLAIN_CHROME.search(request.user_agent) and "; wv" not in request.user_agent
    return is_due and bool(is_own) and "Version/4.0" not in request.user_agent and not request.has(Sign.HAS_HINTS)


DOUBTS: dict[str, Callable[[Request], bool]] = {
    "unknown-product": lambda request: is_unknown_product(request.user_agent),
    "no-html": lambda request: not request.has(Sign.ACCEPTS_HTML),
    "no-language": lambda request: language_of(request.signs) in {Language.NONE, Language.ANY},
    "odd-language": lambda request: language_of(request.signs) is Language.OTHER and not request.has(Sign.NAVIGATES),
    # Only Firefox ever weighed languages so.
    "language-of-another-browser": lambda request: (
        language_of(request.signs) is Language.PARTS and request.engine != "gecko"
    ),
    "accept-of-another-browser": accepts_like_another,
    "hints-of-another-browser": lambda request: (
        request.has(Sign.HAS_HINTS) and not request.is_emulated
        and not (request.engine == "chromium" and request.has(Sign.HINTS_AGREE))
    ),
    "no-page": lambda request: request.has(Sign.HAS_FETCH) and not request.has(Sign.NAVIGATES),
    "no-hints": leaves_hints_out,
}  # fmt: skip


def human_reason(signs: int, user_agent: str) -> tuple[bool, str]:
    """Whether it was a person, and why, or what is missing or does not fit."""
    if not BROWSER.match(user_agent):
        return False, "unknown-client"
    request = Request(signs, user_agent)
    for doubt, applies in DOUBTS.items():
        if applies(request):
            return False, doubt
    return _evidence(request)


def _evidence(request: Request) -> tuple[bool, str]:
    """Nothing speaks against a person; what speaks for one?"""
    if request.has(Sign.NAVIGATES):
        return True, "browser-emulated" if request.is_emulated else "browser"
    if request.sends_fetch and request.is_secure:
        return False, "no-fetch-metadata"
    # None: many a front server takes the header away, to compress by itself.
    if encoding_of(request.signs) not in {Encoding.NONE, Encoding.GZIP_DEFLATE, *SECURE_ENCODINGS}:
        return False, "odd-encoding"
    # WebKit did not always send it.
    if request.engine != "webkit" and not request.has(Sign.UPGRADES):
        return False, "no-upgrade"
    if request.version < OLDEST.get(request.engine, 0) and not PHONE.search(request.user_agent):
        return False, "browser-of-old"
    return True, "browser-over-http" if request.sends_fetch else "browser-old"
