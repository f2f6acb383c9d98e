"""The blocks a landing page is made of: named in `LANDING_BLOCKS`, or brought by a package (`chappe.blocks`)."""

from functools import lru_cache
from importlib import import_module
from importlib.metadata import entry_points

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


def blocks_for(slot: str) -> list[tuple[str, LandingBlock]]:
    return [(name, block()) for name, block in block_classes().items() if block.slot == slot]
