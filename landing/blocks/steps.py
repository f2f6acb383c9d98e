from django.utils.translation import gettext_lazy as _
from wagtail.blocks import CharBlock, ChoiceBlock, ListBlock, StructBlock

from landing.blocks.base import SAY, LandingBlock, heading

STATES = [("done", _("Done")), ("here", _("Now")), ("next", _("Next"))]


class StepBlock(StructBlock):
    state = ChoiceBlock(choices=STATES, default="next", label=_("State"))
    title = CharBlock(max_length=80, label=_("Step"))
    text = CharBlock(required=False, max_length=120, label=_("When or how"))

    class Meta:
        icon = "tasks"
        label = _("Step")


class StepsBlock(LandingBlock):
    """What is done, where we are, what comes next."""

    heading = heading()
    steps = ListBlock(StepBlock(), min_num=2, max_num=8, label=_("Steps"))

    class Meta:
        icon = "tasks"
        label = _("Steps")
        description = _("The way of a parcel, of a file or of an appointment: done, now, next.")
        group = SAY
        template = "landing/blocks/steps.html"
        preview_value = {
            "heading": _("Where is it?"),
            "steps": [
                {"state": "done", "title": _("Order received")},
                {"state": "here", "title": _("On its way")},
                {"state": "next", "title": _("At your door")},
            ],
        }
