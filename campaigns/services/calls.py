"""What a program of the merchant's own told by signed call, answered by the automations that wait for it."""

from datetime import datetime

from django.db import transaction

from campaigns import decided
from campaigns.judging import waiting_for
from campaigns.models import Occasion
from campaigns.services.decisions import decide
from integrations.calls import Told, read_stored
from integrations.models import EventSource, InboundDelivery
from integrations.services.inbox import CannotUse
from integrations.services.sources import person_of


@transaction.atomic
def answer_call(delivery: InboundDelivery, now: datetime) -> str:
    """The handler of sources: what came of it, in words. The call's content goes with it: the occasion has what counts.

    Raises CannotUse.
    """
    source = delivery.source
    assert source is not None
    told = read_stored(delivery.body)
    outcomes = _answers(source, told, now)
    InboundDelivery.objects.filter(pk=delivery.pk).update(body=b"")
    return "; ".join(dict.fromkeys(outcomes))


def _answers(source: EventSource, told: Told, now: datetime) -> list[str]:
    """Nobody becomes a contact for an event that no automation waits for."""
    automations = waiting_for(Occasion.Kind.CALL, told.event)
    if not automations:
        return [decided.NOBODY_WAITS]
    occasion = _occasion_of(source, told)
    return [decide(automation=each, happening=occasion, now=now).outcome for each in automations]


def _occasion_of(source: EventSource, told: Told) -> Occasion:
    contact = person_of(source=source, told=told)
    if contact is None:
        raise CannotUse(decided.STRANGER)
    occasion, _is_new = Occasion.objects.get_or_create(
        workspace=source.workspace,
        key=f"call:{source.pk}:{told.id}",
        defaults={
            "kind": Occasion.Kind.CALL,
            "contact": contact,
            "name": told.event,
            "occurred_at": told.occurred_at,
            "values": dict(told.fields),
        },
    )
    return occasion
