from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _
from wagtail.blocks import BooleanBlock, ListBlock, MultipleChoiceBlock, StructBlock, StructValue, TimeBlock

from landing.blocks.base import COME, LandingBlock, heading, line
from landing.opening import Span, opening_at


class RangeBlock(StructBlock):
    days = MultipleChoiceBlock(choices=[(str(day), name) for day, name in WEEKDAYS.items()], label=_("Days"))
    opens = TimeBlock(label=_("Opens"))
    closes = TimeBlock(label=_("Closes"), help_text=_("After midnight if it is earlier."))

    class Meta:
        icon = "time"
        label = _("Hours")
        form_classname = "struct-block landing-hours"


class HoursValue(StructValue):
    @property
    def spans(self) -> list[Span]:
        return sorted(
            Span(int(day), each["opens"], each["closes"])
            for each in self["ranges"]
            for day in each["days"] or []
            if each["opens"] and each["closes"]
        )

    def week(self, today: int) -> list[dict[str, Any]]:
        """The seven days with their hours, from Monday."""
        return [
            {"name": name, "is_today": day == today, "spans": [span for span in self.spans if span.weekday == day]}
            for day, name in WEEKDAYS.items()
        ]


class HoursBlock(LandingBlock):
    """Open now or not, on the shop's own clock, and the hours of the week."""

    heading = heading()
    ranges = ListBlock(RangeBlock(), min_num=1, max_num=14, label=_("Opening hours"))
    is_short = BooleanBlock(required=False, label=_("Only whether it is open now"))
    note = line(required=False, max_length=160, label=_("Good to know"), help_text=_("Holidays, last orders."))

    def get_context(self, value: Any, parent_context: Mapping[str, Any] | None = None) -> dict[str, Any]:
        context = super().get_context(value, parent_context)
        here = timezone.localtime(context["now"])
        return {
            **context,
            "opening": opening_at(value.spans, here),
            "week": value.week(here.weekday()),
            "today": here.date(),
        }

    def changes_at(self, value: Any, now: datetime) -> datetime | None:
        return opening_at(value.spans, timezone.localtime(now)).changes_at

    class Meta:
        icon = "calendar-alt"
        label = _("Opening hours")
        description = _("Whether the shop is open now, until when, and its week. On the shop's clock, whoever looks.")
        group = COME
        template = "landing/blocks/hours.html"
        value_class = HoursValue
        preview_value = {
            "heading": _("Opening hours"),
            "ranges": [
                {"days": ["1", "2", "3", "4"], "opens": time(9, 30), "closes": time(19)},
                {"days": ["5"], "opens": time(9), "closes": time(18)},
            ],
        }
