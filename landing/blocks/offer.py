from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.blocks import CharBlock, ChoiceBlock

from accounts.queries import NoWorkspace, current_workspace
from landing.blocks.base import SELL, LandingBlock, line, lines
from messaging.models import PromoPool


def promo_pools() -> list[tuple[str, str]]:
    """The promo codes of the workspace one stands in; none where there is no workspace (commands, indexing)."""
    try:
        pools = PromoPool.objects.filter(workspace=current_workspace()).order_by("-created_at")
    except NoWorkspace:
        return []
    return [(str(pool.pk), pool.name) for pool in pools]


class OfferBlock(LandingBlock):
    """A ticket: the offer above, the visitor's own code below the tear."""

    scripts = ("copy",)

    figure = CharBlock(max_length=12, label=_("Figure"), help_text=_("Large: −40 %, 19 €, 2 for 1."))
    text = line(max_length=160, label=_("What it applies to"))
    pool = ChoiceBlock(
        choices=promo_pools,
        required=False,
        label=_("Promo codes"),
        help_text=_("Recipients see their own code. Anyone else reads that it is in the SMS."),
    )
    note = lines(required=False, max_length=160, label=_("How to use the code"))

    def get_context(self, value: Any, parent_context: Mapping[str, Any] | None = None) -> dict[str, Any]:
        context = super().get_context(value, parent_context)
        pool = PromoPool.objects.filter(pk=value["pool"]).first() if value.get("pool") else None
        return {**context, "pool": pool, "code": context["visitor"].code_from(pool) if pool else ""}

    class Meta:
        icon = "tag"
        label = _("Offer and promo code")
        description = _("A large figure and, below the tear, the code of the person who looks at the page.")
        group = SELL
        template = "landing/blocks/offer.html"
        preview_value = {
            "figure": "−40 %",
            "text": _("on the whole selection, online and in our four shops."),
            "note": _("Usable once, until Sunday."),
        }
