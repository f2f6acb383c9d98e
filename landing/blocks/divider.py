from django.utils.translation import gettext_lazy as _

from landing.blocks.base import BUILD, LandingBlock


class DividerBlock(LandingBlock):
    """A hairline between two subjects."""

    can_stand_out = False

    class Meta:
        icon = "minus"
        label = _("Divider")
        description = _("A line between two subjects.")
        group = BUILD
        template = "landing/blocks/divider.html"
        preview_value: dict[str, object] = {}
