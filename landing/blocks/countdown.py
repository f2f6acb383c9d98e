from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.blocks import CharBlock, DateTimeBlock

from landing.blocks.base import SELL, LandingBlock


class CountdownBlock(LandingBlock):
    """The end of the offer: in words first, then in figures. Written by the server; a script only moves them."""

    scripts = ("tick",)

    label = CharBlock(required=False, max_length=40, label=_("Words before the date"), help_text=_("Empty: Ends."))
    ends_at = DateTimeBlock(
        required=False,
        label=_("Ends on"),
        help_text=_("A real date. Empty: when the page expires, as its schedule says."),
    )

    def get_context(self, value: Any, parent_context: Mapping[str, Any] | None = None) -> dict[str, Any]:
        context = super().get_context(value, parent_context)
        ends_at, now = self._end(value, context.get("page")), context["now"]
        return {**context, "ends_at": ends_at, "left": _left(ends_at, now) if ends_at and ends_at > now else None}

    def get_preview_context(self, value: Any, parent_context: Mapping[str, Any] | None = None) -> dict[str, Any]:
        context = super().get_preview_context(value, parent_context)
        return {**context, "left": _parts(timedelta(days=2, hours=6, minutes=14))}

    def changes_at(self, value: Any, now: datetime) -> datetime | None:
        return value.get("ends_at")

    def _end(self, value: Any, page: Any) -> datetime | None:
        return value.get("ends_at") or getattr(page, "expire_at", None)

    class Meta:
        icon = "time"
        label = _("Countdown")
        description = _("The end of the offer in words and in figures. After it, the block says that it is over.")
        group = SELL
        template = "landing/blocks/countdown.html"
        preview_value = {"ends_at": datetime(2026, 11, 29, 22, 59, tzinfo=UTC)}


def _left(ends_at: datetime, now: datetime) -> dict[str, int]:
    return _parts(ends_at - now)


def _parts(left: timedelta) -> dict[str, int]:
    """Rounded up to a minute: the last one is not called none."""
    minutes = -(-int(left.total_seconds()) // 60)
    return {"days": minutes // 1440, "hours": minutes // 60 % 24, "minutes": minutes % 60}
