"""Where a link leads whom, worked out when the directory loads: at the door a plain link is one string.

What a visitor's own query may add never takes the place of a parameter that stands in the address, whatever way a
server reads it: names are compared as PHP makes variables of them.
"""

import re
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import parse_qsl, unquote_plus, urlencode, urlsplit

from shortlinks.addresses import ascii_address
from shortlinks.bots import device_of, judge
from shortlinks.click_ids import CLICK_ID
from shortlinks.journal import Hit
from shortlinks.models import ShortLink, UtmTemplate, Verdict
from shortlinks.rules import first_language, rules_of
from shortlinks.utm import Pairs, utm_of

VISIT = "v"
MOST_QUERY = 1_000
MOST_FIELDS = 20
HIDDEN = re.compile(r"[\x00-\x1f\x7f]")


class Way(NamedTuple):
    """One address as a Location header carries it: whole, and in the pieces between which more may stand."""

    address: str
    before: str
    joint: str
    after: str
    # The parameter that says who comes, VISIT or CLICK_ID; "" for none.
    carries: str
    names: frozenset[str]

    def with_token(self, token: str) -> str:
        return f"{self.before}{self.joint}{self.carries}={token}{self.after}"

    def with_query(self, query: str, token: str) -> str:
        """The visitor's own parameters behind ours, as far as they are none of ours."""
        pairs = self._kept(query) + ([(self.carries, token)] if token else [])
        if not pairs:
            return self.address
        return f"{self.before}{self.joint}{urlencode(pairs, errors='replace')}{self.after}"

    def _kept(self, query: str) -> Pairs:
        if not query or len(query) > MOST_QUERY:
            return []
        try:
            pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="replace")
        except ValueError:
            return []
        return [pair for pair in pairs if not HIDDEN.search("".join(pair)) and plain_name(pair[0]) not in self.names]


@dataclass(slots=True, eq=False)
class Choice:
    """What a link decides visitor by visitor; a plain link has no choice."""

    rules: list[tuple[str, str, Way]]
    keeps_query: bool
    fallback: Way | None
    most_visits: int | None
    # As far as this process knows: what has landed, or what it has let in itself, whichever is more.
    visits: int = 0

    @property
    def is_full(self) -> bool:
        return self.most_visits is not None and self.visits >= self.most_visits

    def count(self, hit: Hit) -> None:
        """One visitor more, unless it is a machine that says so."""
        if self.most_visits is not None and judge(hit.signs, hit.user_agent).verdict != Verdict.BOT:
            self.visits += 1

    def way(self, otherwise: Way, user_agent: str, accept_language: str) -> Way:
        """The first rule that fits. HEAD is answered like GET: a visitor is told by what they use alone."""
        if not self.rules:
            return otherwise
        device, language = device_of(user_agent), first_language(accept_language)
        return next(
            (way for on, speaks, way in self.rules if on in ("", device) and speaks in ("", language)), otherwise
        )


def way_to(url: str, utm: Pairs, *, carries: str) -> Way:
    """The address with its UTM parameters; one that is there already stays as it is."""
    rest, hash_sign, fragment = ascii_address(url).partition("#")
    there = names_in(rest)
    missing = "&".join(f"{name}={value}" for name, value in utm if name not in there)
    if missing:
        rest = f"{rest}{_joint(rest)}{missing}"
    own = {carries} if carries else set()
    after = f"{hash_sign}{fragment}"
    return Way(f"{rest}{after}", rest, _joint(rest), after, carries, names_in(rest) | own)


def way_of(link: ShortLink, template: UtmTemplate | None) -> Way:
    return way_to(link.target_url, utm_of(link, template), carries=carried_by(link))


def carried_by(link: ShortLink) -> str:
    return VISIT if link.carries_visit else CLICK_ID if link.carries_click_id else ""


def choice_of(link: ShortLink, template: UtmTemplate | None) -> Choice | None:
    """None for a plain link. Raises BadRule."""
    if not (link.rules or link.keeps_query or link.fallback_url or link.max_visits):
        return None
    utm, home = utm_of(link, template), urlsplit(link.target_url).netloc

    def way(url: str) -> Way:
        # A token says who comes: only where the link itself may say it.
        return way_to(url, utm, carries=carried_by(link) if urlsplit(url).netloc == home else "")

    return Choice(
        rules=[(rule.device, rule.language, way(rule.url)) for rule in rules_of(link)],
        keeps_query=link.keeps_query,
        fallback=way(link.fallback_url) if link.fallback_url else None,
        most_visits=link.max_visits,
    )


def names_in(address: str) -> frozenset[str]:
    """The parameters of an address, as a server may call them."""
    fields = address.partition("?")[2].partition("#")[0].split("&")
    return frozenset(plain_name(unquote_plus(field.partition("=")[0])) for field in fields if field)


def plain_name(name: str) -> str:
    """`utm.source[x]` and ` UTM_source` are `utm_source` to some: https://www.php.net/variables.external"""
    return re.sub(r"[^a-z0-9-]", "_", name.strip().partition("[")[0].lower())


def _joint(rest: str) -> str:
    if "?" not in rest:
        return "?"
    return "" if rest.endswith(("?", "&")) else "&"
