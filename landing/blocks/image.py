from django.utils.translation import gettext_lazy as _
from wagtail.blocks import CharBlock, ListBlock, StructBlock, URLBlock
from wagtail.images.blocks import ImageBlock as DescribedImageBlock

from landing.blocks.base import SHOW, LandingBlock, line


class PictureBlock(StructBlock):
    image = DescribedImageBlock(required=False, label=_("Image"))
    title = CharBlock(required=False, max_length=60, label=_("Title"))
    text = CharBlock(required=False, max_length=120, label=_("Text"))
    link = URLBlock(required=False, label=_("Leads to"))

    class Meta:
        icon = "image"
        label = _("Picture")


class ImageBlock(LandingBlock):
    """One picture, or several that are leafed through with the thumb."""

    heading = line(required=False, max_length=80, label=_("Heading"))
    pictures = ListBlock(PictureBlock(), min_num=1, max_num=6, label=_("Pictures"))

    class Meta:
        icon = "image"
        label = _("Images")
        description = _("One picture, or up to six side by side, each with a title, a line of text and a link.")
        group = SHOW
        template = "landing/blocks/image.html"
        preview_value = {
            "heading": _("Three pieces that leave fast"),
            "pictures": [
                {"title": _("Coat Alba"), "text": "234 €"},
                {"title": _("Jumper Brune"), "text": "87 €"},
                {"title": _("Bag Inès"), "text": "168 €"},
            ],
        }
