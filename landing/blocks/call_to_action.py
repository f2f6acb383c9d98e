from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail.blocks import CharBlock, ChoiceBlock
from wagtail.blocks.struct_block import StructBlockValidationError

from landing.actions import Action, Kind, check_action
from landing.blocks.base import SELL, LandingBlock, line, lines


class CallToActionBlock(LandingBlock):
    """A sentence and a button: the page's main action, unless it has one of its own."""

    heading = line(max_length=80, label=_("Heading"))
    text = lines(required=False, max_length=200, label=_("Text"))
    label = CharBlock(
        required=False, max_length=40, label=_("Button"), help_text=_("Empty: the page's main action is repeated.")
    )
    kind = ChoiceBlock(choices=Kind.choices, default=Kind.LINK, label=_("What it does"))
    target = CharBlock(
        required=False,
        max_length=500,
        label=_("Leads to"),
        help_text=_("A web address, a phone number, or for directions an address as one writes it."),
    )

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        if cleaned.get("target"):
            try:
                check_action(cleaned.get("kind") or Kind.LINK, cleaned["target"])
            except ValidationError as error:
                raise StructBlockValidationError({"target": error}) from None
        return cleaned

    def get_context(self, value: Any, parent_context: Mapping[str, Any] | None = None) -> dict[str, Any]:
        context = super().get_context(value, parent_context)
        is_own = value.get("label") and value.get("target")
        own = Action(value["label"], value["target"], value.get("kind") or Kind.LINK) if is_own else None
        main = getattr(context.get("page"), "action", None)
        return {**context, "action": own or main, "is_second": bool(own and main)}

    class Meta:
        icon = "arrow-right-full"
        label = _("Call to action")
        description = _("A sentence and a button. One main verb per page: leave the button empty to repeat it.")
        group = SELL
        template = "landing/blocks/call_to_action.html"
        preview_value = {
            "heading": _("The sale opens this morning"),
            "text": _("32 pieces, until Sunday evening."),
            "label": _("Enter the sale"),
            "target": "https://example.com/",
        }
