from django.utils.translation import gettext_lazy as _
from wagtail.blocks import CharBlock, ListBlock, StructBlock, URLBlock

from landing.blocks.base import COME, LandingBlock, heading, lines


class ChoiceBlock(StructBlock):
    label = CharBlock(max_length=60, label=_("Button"))
    link = URLBlock(required=False, label=_("Leads to"), help_text=_("Empty: taken, shown struck through."))

    class Meta:
        icon = "radio-full"
        label = _("Choice")


class ChoicesBlock(LandingBlock):
    """A few slots or ways, one button each."""

    heading = heading()
    text = lines(required=False, max_length=200, label=_("Text"))
    choices = ListBlock(ChoiceBlock(), min_num=1, max_num=8, label=_("Choices"))

    class Meta:
        icon = "radio-full"
        label = _("Slots")
        description = _(
            "Free hours or several ways, each a button of its own. Those that are taken stay, struck through."
        )
        group = COME
        template = "landing/blocks/choices.html"
        preview_value = {
            "heading": _("Three slots this week"),
            "choices": [
                {"label": _("Tuesday, 10 am"), "link": "https://example.com/"},
                {"label": _("Thursday, 6.30 pm"), "link": "https://example.com/"},
                {"label": _("Saturday, 2 pm"), "link": ""},
            ],
        }
