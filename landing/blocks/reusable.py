from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.blocks import ChoiceBlock

from accounts.queries import NoWorkspace, current_workspace
from landing.blocks.base import BUILD, LandingBlock


def pieces() -> list[tuple[str, str]]:
    """Those of the workspace one stands in."""
    from landing.models import Piece  # models are made of blocks

    try:
        rows = Piece.objects.filter(workspace=current_workspace()).order_by("name")
    except NoWorkspace:
        return []
    return [(str(piece.pk), piece.name) for piece in rows]


class ReusableBlock(LandingBlock):
    """Blocks that are written once and shown on many pages."""

    can_stand_out = False
    can_nest = False

    piece = ChoiceBlock(choices=pieces, label=_("Reusable block"), help_text=_("Changed in one place, on every page."))

    def get_context(self, value: Any, parent_context: Any = None) -> dict[str, Any]:
        return {**super().get_context(value, parent_context), "blocks": self.inner(value)}

    def inner(self, value: Any) -> Iterable[Any]:
        from landing.models import Piece  # models are made of blocks

        piece = Piece.objects.filter(pk=value["piece"]).first() if value.get("piece") else None
        return piece.body if piece else ()

    class Meta:
        icon = "snippet"
        label = _("Reusable block")
        description = _(
            "Something that many pages show, such as the shop's hours. Change it once, and all pages follow."
        )
        group = BUILD
        template = "landing/blocks/reusable.html"
        preview_value = {"piece": ""}
