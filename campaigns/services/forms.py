"""A form of a page was sent: whoever sent it gets a word that it arrived."""

from datetime import datetime

from django.db import transaction
from django_scopes import scope

from campaigns.judging import waiting_for_form
from campaigns.models import Occasion
from campaigns.services.decisions import decide
from landing.models import Conversion
from landing.signals import Trust


def answer_form(*, conversion: Conversion, now: datetime, trust: Trust = Trust.TYPED) -> list[str]:
    """What the workspace's automations make of it, in words; once for each form, however often it is told."""
    if conversion.goal != Conversion.Goal.FORM:
        return []
    with scope(workspace=conversion.workspace), transaction.atomic():
        automations = waiting_for_form(conversion.page)
        if not automations:
            return []
        occasion = _occasion_of(conversion, trust)
        return [decide(automation=each, happening=occasion, now=now).outcome for each in automations]


def _occasion_of(conversion: Conversion, trust: Trust) -> Occasion:
    title = conversion.page.title if conversion.page else ""
    occasion, _is_new = Occasion.objects.get_or_create(
        workspace=conversion.workspace,
        key=f"form:{conversion.pk}",
        defaults={
            "kind": Occasion.Kind.FORM,
            "contact": conversion.contact,
            "page": conversion.page,
            "trust": trust,
            "name": title[:80],
            "occurred_at": conversion.occurred_at,
            "values": {"page_title": title},
        },
    )
    return occasion
