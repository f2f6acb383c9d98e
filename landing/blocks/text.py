from django.utils.translation import gettext_lazy as _

from landing.blocks.base import SAY, LandingBlock, line, rich_text


class TextBlock(LandingBlock):
    """What has to be said in words."""

    heading = line(required=False, max_length=80, label=_("Heading"))
    body = rich_text(label=_("Text"))

    class Meta:
        icon = "pilcrow"
        label = _("Text")
        description = _("A heading and a few short sentences, a list or a quote.")
        group = SAY
        template = "landing/blocks/text.html"
        preview_value = {
            "heading": _("Good to know"),
            "body": "<ul><li>30 days to return</li><li>Exchange in the shop, without a receipt</li></ul>",
        }
