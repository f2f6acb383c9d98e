from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.blocks import CharBlock, ChoiceBlock, URLBlock
from wagtail.images.blocks import ImageChooserBlock

from landing.blocks.base import SHOW, LandingBlock, line, lines

# Each drawing, and where it stands: below or above the words, behind them, or as a strip on top.
ART = {
    "plain": ("", _("None")),
    "ribbons": ("below", _("Ribbons")),
    "hills": ("below", _("Hills")),
    "plate": ("below", _("A set table")),
    "square": ("below", _("A town square")),
    "house": ("above", _("A house at dusk")),
    "hair": ("behind", _("Locks of hair")),
    "tiles": ("strip", _("Tiles")),
}
GROUNDS = [("stage", _("Brand")), ("pop", _("Accent")), ("paper", _("Paper"))]


class HeroBlock(LandingBlock):
    """The poster: one picture, one sentence."""

    slot = "hero"
    can_stand_out = False

    kicker = line(required=False, max_length=60, label=_("Line above"))
    title = line(max_length=80, label=_("Headline"))
    text = lines(required=False, max_length=200, label=_("Text"), help_text=_("What the SMS promised."))
    photo = ImageChooserBlock(required=False, label=_("Photo"), help_text=_("The text stands on its lower part."))
    art = ChoiceBlock(
        choices=[(name, label) for name, (_place, label) in ART.items()],
        default="plain",
        label=_("Drawing, without a photo"),
    )
    ground = ChoiceBlock(choices=GROUNDS, default="stage", label=_("Colour of the poster"))
    seal_figure = CharBlock(
        required=False, max_length=8, label=_("Figure on a seal"), help_text=_("Short and large: 19 €, 48 h.")
    )
    seal_text = CharBlock(required=False, max_length=90, label=_("Words on the seal"))
    video = URLBlock(
        required=False,
        label=_("Video"),
        help_text=_("The poster gets a button that opens it; nothing is loaded before."),
    )

    def get_context(self, value: Any, parent_context: Mapping[str, Any] | None = None) -> dict[str, Any]:
        context = super().get_context(value, parent_context)
        art = "" if value.get("photo") else value.get("art") or ""
        place = "photo" if value.get("photo") else ART.get(art, ART["plain"])[0]
        return {
            **context,
            "place": place,
            "drawing": f"landing/art/{art}.html" if place not in {"photo", ""} else "",
            "ground": value.get("ground") or "stage",
        }

    class Meta:
        icon = "image"
        label = _("Poster")
        description = _("The first screen: a photo or a drawing, and the promise of the SMS in one sentence.")
        group = SHOW
        template = "landing/blocks/hero.html"
        preview_value = {
            "kicker": _("Private sale, by invitation"),
            "title": _("Winter, before everyone else"),
            "text": _("{first_name|Welcome}, 32 pieces at −40 %. The sale opens for you this morning."),
            "art": "ribbons",
            "ground": "stage",
        }
