from collections.abc import Sequence

from django import template

register = template.Library()


@register.filter
def cell(cells: Sequence[str], place: int) -> str:
    """The cell of a line at this place; short lines have empty ones."""
    return cells[place] if place < len(cells) else ""
