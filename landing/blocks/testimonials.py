from django.utils.translation import gettext_lazy as _
from wagtail.blocks import CharBlock, ListBlock, StructBlock, TextBlock

from landing.blocks.base import SELL, LandingBlock, heading


class QuoteBlock(StructBlock):
    text = TextBlock(max_length=240, rows=2, label=_("What they said"))
    author = CharBlock(max_length=80, label=_("Who"), help_text=_("A real person, who agreed to be quoted."))

    class Meta:
        icon = "openquote"
        label = _("Quote")


class TestimonialsBlock(LandingBlock):
    """What customers said, with their names."""

    __test__ = False  # for pytest, whose tests begin with the same word

    heading = heading()
    quotes = ListBlock(QuoteBlock(), min_num=1, max_num=4, label=_("Quotes"))

    class Meta:
        icon = "openquote"
        label = _("Testimonials")
        description = _("One quote with a name says more than five stars. Up to four, side by side.")
        group = SELL
        template = "landing/blocks/testimonials.html"
        preview_value = {
            "quotes": [
                {
                    "text": _("I wore the Alba three winters in a row. Nothing moved."),
                    "author": _("Hélène R., customer since 2019"),
                }
            ]
        }
