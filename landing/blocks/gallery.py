from django.utils.translation import gettext_lazy as _
from wagtail.blocks import CharBlock, ListBlock, StructBlock
from wagtail.images.blocks import ImageBlock

from landing.blocks.base import SHOW, LandingBlock, heading


class ViewBlock(StructBlock):
    image = ImageBlock(required=False, label=_("Image"))
    title = CharBlock(required=False, max_length=60, label=_("Caption"))

    class Meta:
        icon = "image"
        label = _("View")


class GalleryBlock(LandingBlock):
    """Pictures to leaf through; a tap opens one in full."""

    heading = heading()
    views = ListBlock(ViewBlock(), min_num=2, max_num=12, label=_("Pictures"))

    class Meta:
        icon = "grid"
        label = _("Gallery")
        description = _("Two to twelve pictures side by side, each with a caption. A tap opens it in full.")
        group = SHOW
        template = "landing/blocks/gallery.html"
        preview_value = {
            "heading": _("Three views"),
            "views": [
                {"title": _("Living room, 34 m²")},
                {"title": _("Kitchen, 12 m²")},
                {"title": _("Terrace, 14 m²")},
            ],
        }
