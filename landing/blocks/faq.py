from django.utils.translation import gettext_lazy as _
from wagtail.blocks import CharBlock, ListBlock, StructBlock

from landing.blocks.base import SAY, LandingBlock, heading, rich_text


class QuestionBlock(StructBlock):
    question = CharBlock(max_length=120, label=_("Question"))
    answer = rich_text(label=_("Answer"))

    class Meta:
        icon = "help"
        label = _("Question")


class FaqBlock(LandingBlock):
    """Questions that unfold, without a script."""

    heading = heading()
    questions = ListBlock(QuestionBlock(), min_num=1, max_num=8, label=_("Questions"))

    class Meta:
        icon = "help"
        label = _("Questions")
        description = _("What people ask before they come or buy. Three are read, ten are not.")
        group = SAY
        template = "landing/blocks/faq.html"
        preview_value = {
            "heading": _("Before you order"),
            "questions": [
                {"question": _("Does the code work in the shop?"), "answer": "<p>Yes.</p>"},
                {"question": _("Can I exchange a size?"), "answer": "<p>Yes, for 30 days.</p>"},
            ],
        }
