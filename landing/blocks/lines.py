from django.utils.translation import gettext_lazy as _
from wagtail.blocks import CharBlock, ChoiceBlock, ListBlock, StructBlock
from wagtail.images.blocks import ImageBlock

from landing.blocks.base import SAY, LandingBlock, heading, lines


class LineBlock(StructBlock):
    name = CharBlock(max_length=120, label=_("Name"))
    detail = CharBlock(required=False, max_length=120, label=_("Detail"))
    figure = CharBlock(required=False, max_length=20, label=_("Price or time"))
    was = CharBlock(required=False, max_length=20, label=_("Struck price"))
    image = ImageBlock(required=False, label=_("Image"))

    class Meta:
        icon = "list-ul"
        label = _("Line")


class PartBlock(StructBlock):
    title = CharBlock(required=False, max_length=60, label=_("Title"))
    lines = ListBlock(LineBlock(), min_num=1, max_num=20, label=_("Lines"))

    class Meta:
        icon = "list-ul"
        label = _("Part")


class LinesBlock(LandingBlock):
    """A menu, a price list, a programme, an order: name, detail, figure."""

    heading = heading()
    order = ChoiceBlock(
        choices=[("price", _("Prices, on the right")), ("time", _("Times, on the left"))],
        default="price",
        label=_("Figures are"),
    )
    parts = ListBlock(PartBlock(), min_num=1, max_num=6, label=_("Parts"))
    note = lines(required=False, max_length=300, label=_("Small print"))

    class Meta:
        icon = "list-ul"
        label = _("List")
        description = _("A menu, prices, a programme or the contents of an order, line by line.")
        group = SAY
        template = "landing/blocks/lines.html"
        preview_value = {
            "heading": _("Today's menu"),
            "order": "price",
            "parts": [
                {
                    "title": _("Mains"),
                    "lines": [
                        {"name": _("Chicken blanquette, pilaf rice"), "figure": "13 €"},
                        {"name": _("Pollack, lemon butter"), "detail": _("line-caught"), "figure": "15 €"},
                    ],
                }
            ],
        }
