"""What a page says, for whoever compares it with the text that leads to it."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from html import unescape
from typing import Any

from django.db.models import QuerySet
from django.utils.html import strip_tags

from landing.blocks import all_blocks
from landing.models import LandingPage
from messaging.models import PromoPool

# A field of its own, or the target of a link in rich text.
WEB_ADDRESS = re.compile(r'(?:^|href=")(https?://[^\s"<>]+)')

# Blocks that no page of a service message may have.
SELLING = {"offer", "promo_code", "countdown"}


def words_of(page: LandingPage) -> str:
    """All that is written on the page: its title, its poster and its blocks, those inside of others included."""
    blocks = (*page.hero, *all_blocks(page.body))
    return " ".join([page.title, *_texts([child.block.get_prep_value(child.value) for child in blocks])])


def ends_of(page: LandingPage) -> list[datetime]:
    """The moments that its countdowns run towards."""
    counted = [child.value for child in all_blocks(page.body) if child.block_type == "countdown"]
    return [end for value in counted if (end := value.get("ends_at") or page.expire_at)]


def sells(page: LandingPage) -> bool:
    """Whether it has a block that is an advertisement by itself."""
    return any(child.block_type in SELLING for child in all_blocks(page.body))


def pools_of(page: LandingPage) -> QuerySet[PromoPool]:
    """The promo codes that its blocks show, those inside of others included."""
    pools = [child.value["pool"] for child in all_blocks(page.body) if "pool" in child.block.child_blocks]
    return PromoPool.objects.filter(pk__in=[pool for pool in pools if pool])


def addresses_of(page: LandingPage) -> list[str]:
    """Every web address that a tap on the page can open, each once."""
    values = [page.action_target, *(child.block.get_prep_value(child.value) for child in all_blocks(page.body))]
    return list(dict.fromkeys(unescape(found) for text in raw_texts(values) for found in WEB_ADDRESS.findall(text)))


def raw_texts(value: Any) -> Iterator[str]:
    """Every text in what a block stores, its HTML as it is."""
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ():
        yield from raw_texts(inner)


def _texts(value: Any) -> Iterator[str]:
    return map(strip_tags, raw_texts(value))
