"""The blocks a landing page is made of: named in `LANDING_BLOCKS`, or brought by a package (`chappe.blocks`)."""

from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from django.conf import settings

from landing.blocks.base import LandingBlock


@lru_cache(maxsize=1)
def block_classes() -> dict[str, type[LandingBlock]]:
    """Every block by its name, in the order of the picker."""
    ours = {name: _block_class(name) for name in settings.LANDING_BLOCKS}
    return ours | {point.name: point.load() for point in entry_points(group="chappe.blocks")}


def _block_class(name: str) -> type[LandingBlock]:
    module = import_module(f"landing.blocks.{name}")
    return getattr(module, name.title().replace("_", "") + "Block")


@cache
def _block(name: str) -> LandingBlock:
    """One of each: the editor is told of it once, in however many places it may stand."""
    return block_classes()[name]()


def blocks_for(slot: str) -> list[tuple[str, LandingBlock]]:
    return [(name, _block(name)) for name, block in block_classes().items() if block.slot == slot]


def blocks_inside() -> list[tuple[str, LandingBlock]]:
    """Those that may stand inside another block."""
    return [(name, _block(name)) for name, block in block_classes().items() if block.slot == "body" and block.can_nest]


def all_blocks(stream: Iterable[Any]) -> Iterator[Any]:
    """The blocks of a page, and those inside of them."""
    for child in stream:
        yield child
        yield from all_blocks(child.block.inner(child.value))
