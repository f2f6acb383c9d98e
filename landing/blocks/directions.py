from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.blocks import CharBlock, ChoiceBlock
from wagtail.images.blocks import ImageBlock

from landing.actions import directions_to
from landing.blocks.base import COME, LandingBlock, heading, lines

PLANS = [("streets", _("Streets")), ("park", _("A park")), ("river", _("A river"))]


class DirectionsBlock(LandingBlock):
    """Where it is. One tap opens the phone's own map; until then, nobody else is asked for anything."""

    heading = heading()
    address = CharBlock(max_length=160, label=_("Address"), help_text=_("As one would type it into a map."))
    image = ImageBlock(required=False, label=_("Plan or picture"), help_text=_("Your own. Without one, a drawing."))
    plan = ChoiceBlock(choices=PLANS, default="streets", label=_("Drawing, without a picture"))
    text = lines(required=False, max_length=300, label=_("How to get there"))

    def get_context(self, value: Any, parent_context: Mapping[str, Any] | None = None) -> dict[str, Any]:
        context = super().get_context(value, parent_context)
        plan = value.get("plan") if value.get("plan") in dict(PLANS) else "streets"
        return {**context, "href": directions_to(value["address"]), "drawing": f"landing/art/plan_{plan}.html"}

    class Meta:
        icon = "site"
        label = _("Directions")
        description = _(
            "A plan or a picture and the address. A tap opens the phone's map; no map service is asked before."
        )
        group = COME
        template = "landing/blocks/directions.html"
        preview_value = {
            "heading": _("Two minutes from the station"),
            "address": "8 rue du Lavoir, 44000 Nantes",
            "plan": "park",
            "text": _("Tram 1, stop Gare. Free parking in the rue Neuve after 6 pm."),
        }
