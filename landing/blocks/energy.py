from django.utils.translation import gettext_lazy as _
from wagtail.blocks import ChoiceBlock

from landing.blocks.base import SAY, LandingBlock, heading, lines

# The official scale of seven classes.
CLASSES = [(letter, letter) for letter in "ABCDEFG"]


class EnergyBlock(LandingBlock):
    """The energy and climate classes of a home, which an advertisement must show (code de la construction, L126-33)."""

    heading = heading()
    energy = ChoiceBlock(choices=CLASSES, default="D", label=_("Energy class"))
    climate = ChoiceBlock(choices=CLASSES, default="D", label=_("Climate class"))
    text = lines(required=False, max_length=400, label=_("Figures, yearly costs, co-ownership, risks"))

    class Meta:
        icon = "order-down"
        label = _("Energy label")
        description = _("Energy and climate classes of a home, with the figures that an advertisement must give.")
        group = SAY
        template = "landing/blocks/energy.html"
        preview_value = {"heading": _("Energy and co-ownership"), "energy": "C", "climate": "B"}
