from django.utils.translation import gettext_lazy as _
from wagtail.blocks import CharBlock, ListBlock, StructBlock

from landing.blocks.base import SAY, LandingBlock, heading, line


class FactBlock(StructBlock):
    label = CharBlock(max_length=60, label=_("What"))
    value = CharBlock(max_length=80, label=_("Value"))

    class Meta:
        icon = "table"
        label = _("Fact")


class FactsBlock(LandingBlock):
    """Facts at a glance, under a large figure if there is one that matters most."""

    heading = heading()
    figure = CharBlock(required=False, max_length=20, label=_("Large figure"), help_text=_("A price, a surface."))
    figure_note = line(required=False, max_length=120, label=_("What it means"))
    facts = ListBlock(FactBlock(), min_num=1, max_num=8, label=_("Facts"))

    class Meta:
        icon = "table"
        label = _("Facts")
        description = _(
            "Two columns of facts: label small, value bold. With a large figure above, if one matters most."
        )
        group = SAY
        template = "landing/blocks/facts.html"
        preview_value = {
            "facts": [
                {"label": _("Delivery"), "value": _("Free from 80 €")},
                {"label": _("Returns"), "value": _("30 days, free")},
                {"label": _("Payment"), "value": _("In three instalments")},
                {"label": _("Exchange"), "value": _("In the shop")},
            ],
        }
