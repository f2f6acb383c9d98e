"""What landing pages know of a contact: the goals they reached."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from audience.models import Contact
from audience.registry import Entry, follows, no_trace, register_erasure, register_export, register_timeline
from landing.answers.queries import in_short
from landing.models import Conversion, FormAnswer

LATEST = 100


def register() -> None:
    register_timeline("conversions", timeline)
    register_export("conversions", export_conversions)
    no_trace(Conversion)
    follows(Conversion)
    register_timeline("form_answers", answers_in_timeline)
    register_export("form_answers", export_answers)
    register_erasure(FormAnswer, erase_answers)
    follows(FormAnswer)


def timeline(contact: Contact) -> Iterator[Entry]:
    # Orders and forms speak for themselves.
    reached = contact.conversions.exclude(goal__in=[Conversion.Goal.ORDER, Conversion.Goal.FORM]).select_related("page")
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


def answers_in_timeline(contact: Contact) -> Iterator[Entry]:
    sent = contact.form_answers.select_related("page").order_by("-answered_at", "-pk")
    for answer in sent[:LATEST]:
        where = answer.page.title if answer.page else _("a page that is gone")
        yield Entry(answer.answered_at, "form", answer.form, " · ".join(filter(None, [where, in_short(answer)])))


def export_answers(contact: Contact) -> list[dict[str, Any]]:
    return [
        {
            "form": answer.form,
            "page": answer.page.title if answer.page else None,
            "at": answer.answered_at,
            "answers": answer.words,
            "agreed": answer.agreed,
        }
        for answer in contact.form_answers.select_related("page").order_by("answered_at", "pk")
    ]


def erase_answers(*, contact: Contact, now: datetime) -> None:
    """That somebody answered stays counted; who, and what they wrote, does not."""
    nobody = {"contact": None, "link": None, "position": None}
    FormAnswer.objects.filter(contact=contact).update(words=[], agreed=[], forgotten_at=now, **nobody)
