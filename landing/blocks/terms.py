from django.utils.translation import gettext_lazy as _
from wagtail.blocks import CharBlock, ListBlock, StructBlock

from landing.blocks.base import SAY, LandingBlock, line, rich_text


class EntryBlock(StructBlock):
    title = CharBlock(max_length=120, label=_("Line"))
    text = rich_text(label=_("Text, when unfolded"))

    class Meta:
        icon = "doc-full"
        label = _("Line")


class TermsBlock(LandingBlock):
    """Folded lines: a few questions, and the terms of the offer last."""

    heading = line(required=False, max_length=80, label=_("Heading"))
    entries = ListBlock(EntryBlock(), min_num=1, max_num=6, label=_("Lines"))

    class Meta:
        icon = "doc-full"
        label = _("Legal terms")
        description = _("Folded lines: questions first, the terms of the offer last (dates, stock, struck price).")
        group = SAY
        template = "landing/blocks/terms.html"
        preview_value = {
            "heading": _("Before you order"),
            "entries": [
                {"title": _("Can I exchange a size?"), "text": "<p>Yes, for 30 days.</p>"},
                {"title": _("Terms of the offer"), "text": "<p>Until Sunday, while stocks last.</p>"},
            ],
        }
