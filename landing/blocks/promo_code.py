from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from wagtail.blocks import BooleanBlock, ChoiceBlock

from landing.blocks.base import SELL, LandingBlock, heading, lines
from landing.blocks.offer import promo_pools
from messaging.models import PromoPool
from shortlinks.qr import Style, svg


@lru_cache(maxsize=1024)
def drawn(code: str) -> SafeString:
    """The code for the scanner at the till: drawn once for those who open their page again there."""
    # Nothing of the text is in the drawing but its modules.
    return mark_safe(svg(code, Style()).decode())  # noqa: S308


class PromoCodeBlock(LandingBlock):
    """The visitor's own code, to copy with a tap or to show at the till."""

    scripts = ("copy",)

    heading = heading()
    pool = ChoiceBlock(
        choices=promo_pools,
        required=False,
        label=_("Promo codes"),
        help_text=_("Recipients see their own code. Anyone else reads that it is in the SMS."),
    )
    has_qr = BooleanBlock(required=False, label=_("QR code for the till"))
    note = lines(required=False, max_length=160, label=_("How to use the code"))

    def get_context(self, value: Any, parent_context: Mapping[str, Any] | None = None) -> dict[str, Any]:
        context = super().get_context(value, parent_context)
        pool = PromoPool.objects.filter(pk=value["pool"]).first() if value.get("pool") else None
        code = context["visitor"].code_from(pool) if pool else context["visitor"].sample_code
        return {**context, "pool": pool, "code": code, "qr": drawn(code) if code and value.get("has_qr") else ""}

    class Meta:
        icon = "copy"
        label = _("Promo code")
        description = _(
            "The code of the person who looks at the page: a tap copies it, a QR code shows it at the till."
        )
        group = SELL
        template = "landing/blocks/promo_code.html"
        preview_value = {"has_qr": True, "note": _("Show this screen at the till. Usable once.")}
