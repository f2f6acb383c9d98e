from django.utils.translation import gettext_lazy as _
from wagtail.blocks import ChoiceBlock
from wagtail.images.blocks import ImageChooserBlock

from landing.blocks.base import LandingBlock, line, lines

ART = [("plain", _("Plain")), ("ribbons", _("Ribbons")), ("hills", _("Hills")), ("tiles", _("Tiles"))]


class HeroBlock(LandingBlock):
    """The poster: one picture, one sentence."""

    slot = "hero"
    can_stand_out = False

    kicker = line(required=False, max_length=60, label=_("Line above"))
    title = line(max_length=80, label=_("Headline"))
    text = lines(required=False, max_length=200, label=_("Text"), help_text=_("What the SMS promised."))
    photo = ImageChooserBlock(required=False, label=_("Photo"), help_text=_("The text stands on its lower part."))
    art = ChoiceBlock(choices=ART, default="plain", label=_("Drawing, without a photo"))

    class Meta:
        icon = "image"
        label = _("Poster")
        description = _("The first screen: a photo or a drawing, and the promise of the SMS in one sentence.")
        template = "landing/blocks/hero.html"
        preview_value = {
            "kicker": _("Private sale, by invitation"),
            "title": _("Winter, before everyone else"),
            "text": _("{first_name|Welcome}, 32 pieces at −40 %. The sale opens for you this morning."),
            "art": "ribbons",
        }
