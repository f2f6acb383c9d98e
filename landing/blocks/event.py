from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail.blocks import CharBlock, DateTimeBlock
from wagtail.blocks.struct_block import StructBlockValidationError

from landing.blocks.base import COME, LandingBlock


class EventBlock(LandingBlock):
    """Date, hour, place, and a file for the phone's diary."""

    can_stand_out = False

    title = CharBlock(
        max_length=80, label=pgettext_lazy("event", "What"), help_text=_("As it will stand in their diary.")
    )
    starts_at = DateTimeBlock(label=_("Begins"))
    ends_at = DateTimeBlock(required=False, label=_("Ends"), help_text=_("Empty: one hour later."))
    place = CharBlock(max_length=120, label=_("Place"))
    note = CharBlock(
        required=False, max_length=60, label=_("Beside the place"), help_text=_("Free entry, ground floor.")
    )

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        if cleaned.get("ends_at") and cleaned["ends_at"] <= cleaned["starts_at"]:
            raise StructBlockValidationError({"ends_at": ValidationError(_("The end comes after the beginning."))})
        return cleaned

    class Meta:
        icon = "calendar-check"
        label = _("Event")
        description = _("Date, hour and place on a band of the brand's colour, with a file for the phone's diary.")
        group = COME
        template = "landing/blocks/event.html"
        preview_value = {
            "title": _("Public meeting"),
            "starts_at": datetime(2026, 12, 3, 17, 30, tzinfo=UTC),
            "place": _("Lime tree hall"),
            "note": _("free entry"),
        }
