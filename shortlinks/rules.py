"""Rules of a link: on an iPhone here, in English there. The first that fits wins; else the link's own address."""

import re
from dataclasses import dataclass
from functools import lru_cache

from shortlinks.models import Device, ShortLink

MOST_RULES = 10
# Of an Accept-Language header; real ones are shorter.
MOST_LANGUAGES = 200
LANGUAGE = re.compile(r"[a-z]{2,3}")


class BadRule(ValueError):
    """A rule without a condition, or with one that we can't tell."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Empty conditions fit everybody; `language` is the visitor's preferred one, as `fr`."""

    url: str
    device: str = ""
    language: str = ""

    def __post_init__(self) -> None:
        if not (self.device or self.language):
            raise BadRule("no condition")
        if self.device and self.device not in Device.values:
            raise BadRule(self.device)
        if self.language and not LANGUAGE.fullmatch(self.language):
            raise BadRule(self.language)

    def __str__(self) -> str:
        return f"{' + '.join(filter(None, (self.device, self.language)))} → {self.url}"


def rules_of(link: ShortLink) -> list[Rule]:
    """Raises BadRule."""
    return [Rule(**row) for row in link.rules]


def words_of(link: ShortLink) -> str:
    """All rules, a line each, as the history shows them."""
    return "\n".join(map(str, rules_of(link)))


def first_language(accept_language: str) -> str:
    """The language that a browser would rather read, as `fr`; empty when it does not say."""
    return _first_language(accept_language[:MOST_LANGUAGES])


@lru_cache(maxsize=4096)
def _first_language(accept_language: str) -> str:
    choices = [_weighed(item) for item in accept_language.lower().split(",")]
    weight, language = max(choices, key=lambda choice: choice[0])
    return language if weight > 0 and LANGUAGE.fullmatch(language) else ""


def _weighed(item: str) -> tuple[float, str]:
    tag, _, quality = item.partition(";")
    try:
        return float(quality.strip().removeprefix("q=") or 1), tag.strip().partition("-")[0]
    except ValueError:
        return 0.0, ""
