"""What a program of the merchant's own told by signed call, answered by the automations that wait for it."""

from datetime import datetime, timedelta

from django.db import transaction
from django_scopes import scope, scopes_disabled

from campaigns import decided
from campaigns.judging import waiting_for
from campaigns.models import Decision, Occasion
from campaigns.services.decisions import decide
from integrations.calls import Told, read_stored
from integrations.models import EventSource, InboundDelivery
from integrations.services.inbox import CannotUse
from integrations.services.sources import person_of
from messaging.services.codes import forget_codes

# Of a one-time code: what `Automation.lifetime_minutes` may be.
LONGEST_LIFE = timedelta(minutes=60)
MOST_AT_ONCE = 500


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
    automations = waiting_for(_kind_of(told), told.event)
    if not automations:
        return [decided.NOBODY_WAITS]
    occasion = _occasion_of(source, told)
    outcomes = [decide(automation=each, happening=occasion, now=now, code=told.code) for each in automations]
    return [decision.outcome for decision in outcomes]


def _kind_of(told: Told) -> Occasion.Kind:
    return Occasion.Kind.CODE if told.code else Occasion.Kind.CALL


def _occasion_of(source: EventSource, told: Told) -> Occasion:
    contact = person_of(source=source, told=told)
    if contact is None:
        raise CannotUse(decided.STRANGER)
    occasion, _is_new = Occasion.objects.get_or_create(
        workspace=source.workspace,
        key=f"call:{source.pk}:{told.id}",
        defaults={
            "kind": _kind_of(told),
            "contact": contact,
            "name": told.event,
            "occurred_at": told.occurred_at,
            "values": dict(told.fields),
            "forget_at": told.occurred_at + LONGEST_LIFE if told.code else None,
        },
    )
    return occasion


def forget_expired_codes(*, now: datetime) -> int:
    """Of all workspaces: what nobody can use any more is kept nowhere; of how many occasions."""
    with scopes_disabled():
        over = Occasion.objects.filter(forget_at__lte=now).select_related("workspace").order_by("forget_at")
        occasions = list(over[:MOST_AT_ONCE])
    for occasion in occasions:
        with scope(workspace=occasion.workspace), transaction.atomic():
            sent = Decision.objects.filter(occasion=occasion, message__isnull=False)
            forget_codes(messages=list(sent.values_list("message", flat=True)))
            Occasion.objects.filter(pk=occasion.pk).update(forget_at=None)
    return len(occasions)
