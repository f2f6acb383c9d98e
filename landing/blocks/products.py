from django.utils.translation import gettext_lazy as _
from wagtail.blocks import CharBlock, ListBlock, StructBlock, URLBlock
from wagtail.images.blocks import ImageBlock

from landing.blocks.base import SELL, LandingBlock, heading


class ProductBlock(StructBlock):
    image = ImageBlock(required=False, label=_("Image"))
    name = CharBlock(max_length=60, label=_("Name"))
    price = CharBlock(required=False, max_length=20, label=_("Price"))
    was = CharBlock(
        required=False,
        max_length=20,
        label=_("Struck price"),
        help_text=_("The lowest price of the last 30 days; say so in the terms."),
    )
    detail = CharBlock(required=False, max_length=80, label=_("Detail"))
    link = URLBlock(required=False, label=_("Leads to"))

    class Meta:
        icon = "tag"
        label = _("Product")


class ProductsBlock(LandingBlock):
    """Products with their price; the whole card is the link."""

    heading = heading()
    products = ListBlock(ProductBlock(), min_num=1, max_num=6, label=_("Products"))

    class Meta:
        icon = "pick"
        label = _("Products")
        description = _("Up to six cards with picture, price, struck price and a link.")
        group = SELL
        template = "landing/blocks/products.html"
        preview_value = {
            "heading": _("Three pieces that leave fast"),
            "products": [
                {"name": _("Coat Alba"), "price": "234 €", "was": "390 €", "detail": _("Pure wool, 34 to 44")},
                {
                    "name": _("Jumper Brune"),
                    "price": "87 €",
                    "was": "145 €",
                    "detail": _("Alpaca and merino, XS to XL"),
                },
                {"name": _("Bag Inès"), "price": "168 €", "was": "280 €", "detail": _("Full-grain leather, 24 cm")},
            ],
        }
