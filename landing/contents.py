"""What a page says, for whoever compares it with the text that leads to it."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils.html import strip_tags

from landing.blocks import all_blocks
from landing.models import LandingPage
from messaging.models import PromoPool


def words_of(page: LandingPage) -> str:
    """All that is written on the page: its title and its blocks."""
    return " ".join([page.title, *_texts(list(page.body.raw_data))])


def pools_of(page: LandingPage) -> QuerySet[PromoPool]:
    """The promo codes that its blocks show, those inside of others included."""
    pools = [child.value["pool"] for child in all_blocks(page.body) if "pool" in child.block.child_blocks]
    return PromoPool.objects.filter(pk__in=[pool for pool in pools if pool])


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield strip_tags(value)
    for inner in value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ():
        yield from _texts(inner)
