"""Blocks by themselves: what visitors get of them, and what their editor refuses. No database where none is needed."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation
from wagtail import blocks
from wagtail.blocks import Block
from wagtail.images.blocks import ImageBlock, ImageChooserBlock

from landing.blocks import blocks_for
from landing.visitors import ANYONE

ALL = dict(blocks_for("hero") + blocks_for("body"))
PARIS = ZoneInfo("Europe/Paris")
# A Tuesday, in the middle of the morning.
NOW = datetime(2026, 11, 24, 10, 30, tzinfo=PARIS)
ADDRESS = "https://shop.example/"
# What no link may lead to.
RUNNING = ("javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,<script>alert(1)</script>", "vbscript:x")

# What fields take that do not take any text; the first kind counts.
FITTING: dict[type[Block], Any] = {
    blocks.StreamBlock: [],
    blocks.RichTextBlock: "<p>So.</p>",
    blocks.URLBlock: ADDRESS,
    blocks.DateTimeBlock: NOW.replace(month=12).isoformat(),
    blocks.TimeBlock: "09:00",
}


def shown(name: str, value: dict[str, Any], *, language: str = "en", **context: object) -> str:
    """What stands on the page of that block, in the middle of a Tuesday morning."""
    block = ALL[name]
    with translation.override(language):
        context = {"anchor": "a", "block_id": "b", "visitor": ANYONE, "now": NOW} | context
        return block.render(block.to_python(value), context)


def refused(name: str, value: dict[str, Any]) -> bool:
    block = ALL[name]
    with pytest.raises(ValidationError) as refusal:
        block.clean(block.to_python(value))
    return bool(refusal.value)


def leaves(block: Block) -> Iterator[Block]:
    """Every field of the block, wherever in it; not those of blocks that stand inside of it."""
    if isinstance(block, blocks.ListBlock):
        yield from leaves(block.child_block)
    elif isinstance(block, blocks.StructBlock) and not isinstance(block, ImageBlock):
        for child in block.child_blocks.values():
            yield from leaves(child)
    elif not isinstance(block, blocks.StreamBlock):
        yield block


def filled(block: Block, text: str) -> Any:
    """A value with that text wherever a text may stand."""
    if isinstance(block, ImageBlock | ImageChooserBlock):
        return None
    if isinstance(block, blocks.ListBlock):
        return [filled(block.child_block, text)] * 2
    if isinstance(block, blocks.StructBlock):
        return {name: filled(child, text) for name, child in block.child_blocks.items()}
    fitting = (value for kind, value in FITTING.items() if isinstance(block, kind))
    return next(fitting, text if isinstance(block, blocks.CharBlock | blocks.TextBlock) else block.get_default())
