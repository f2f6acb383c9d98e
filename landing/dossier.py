"""What landing pages know of a contact: the goals they reached."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from audience.models import Contact
from audience.registry import Entry, follows, no_trace, register_export, register_timeline
from landing.models import Conversion

LATEST = 100


def register() -> None:
    register_timeline("conversions", timeline)
    register_export("conversions", export_conversions)
    no_trace(Conversion)
    follows(Conversion)


def timeline(contact: Contact) -> Iterator[Entry]:
    # Orders speak for themselves.
    reached = contact.conversions.exclude(goal=Conversion.Goal.ORDER).select_related("page")
    for conversion in reached.order_by("-occurred_at", "-pk")[:LATEST]:
        where = conversion.page.title if conversion.page else _("a page that is gone")
        yield Entry(conversion.occurred_at, "success", conversion.get_goal_display(), where)


def export_conversions(contact: Contact) -> list[dict[str, Any]]:
    return [
        {
            "goal": conversion.goal,
            "page": conversion.page.title if conversion.page else None,
            "at": conversion.occurred_at,
            "value_in_smallest_unit": conversion.value,
            "currency": conversion.currency,
        }
        for conversion in contact.conversions.select_related("page").order_by("occurred_at", "pk")
    ]
