from django.utils.translation import gettext_lazy as _
from wagtail.blocks import ListBlock

from landing.blocks.base import SAY, LandingBlock, heading, line


class PointsBlock(LandingBlock):
    """What must be understood, in a few short sentences."""

    heading = heading()
    points = ListBlock(line(max_length=160, label=_("Sentence")), min_num=1, max_num=6, label=_("Sentences"))

    class Meta:
        icon = "list-ol"
        label = _("Key points")
        description = _("The essentials in a few sentences, each on its own.")
        group = SAY
        template = "landing/blocks/points.html"
        preview_value = {
            "heading": _("The essentials"),
            "points": [
                _("More trees and fewer cars on the square."),
                _("The market stays open during the works."),
                _("Nothing is decided: your opinion counts."),
            ],
        }
