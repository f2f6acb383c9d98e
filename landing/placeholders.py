"""What a template brings and a page must replace: addresses that lead nowhere, numbers that nobody has."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from landing.blocks import all_blocks
from landing.contents import WEB_ADDRESS, raw_texts
from landing.models import LandingPage

# RFC 2606: nobody can own them.
SAMPLE_HOST = re.compile(r"(?:.+\.)?(?:example\.(?:com|net|org)|example|invalid|test)")
# 06 39 98 xx xx, which Arcep keeps for fiction, as one writes a number or dials it.
GAP = r"[\s.-]?"
SAMPLE_PHONE = re.compile(rf"(?<!\d)(?:0|(?:\+|00)?33{GAP}(?:\(0\))?){GAP}{GAP.join('63998')}(?:{GAP}\d){{4}}(?!\d)")


class Placeholder(NamedTuple):
    """An example that still stands on a page, and the name of the block it stands in."""

    block: str
    example: str


def is_sample(address: str) -> bool:
    """Whether a web address is only an example. One that nobody can read is none."""
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:
        return False
    return SAMPLE_HOST.fullmatch(host) is not None


def placeholders_of(page: LandingPage) -> list[Placeholder]:
    """Each once for each block, in the order of the page."""
    placed = ((block, example) for block, value in _parts(page) for example in _samples(value))
    return [Placeholder(*each) for each in dict.fromkeys(placed)]


def _parts(page: LandingPage) -> Iterator[tuple[str, Any]]:
    for child in (*page.hero, *all_blocks(page.body)):
        # What stands inside of others comes by itself.
        if not any(child.block.inner(child.value)):
            yield str(child.block.label), child.block.get_prep_value(child.value)
    yield _("Main action"), [page.action_target, page.side_target]


def _samples(value: Any) -> Iterator[str]:
    for text in map(unescape, raw_texts(value)):
        yield from filter(is_sample, WEB_ADDRESS.findall(text))
        yield from SAMPLE_PHONE.findall(text)
