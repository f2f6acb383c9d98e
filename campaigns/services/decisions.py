"""What automations do with an event: each decides once, says why, and sends at most one message for it."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop
from django_scopes import scope

from campaigns.models import Automation, Decision
from campaigns.services.sending import NotReady
from campaigns.services.standing import NoWay, queue_answer
from campaigns.triggers import triggers
from integrations.models import ShopEvent
from integrations.queries import why_not_to_send
from messaging.compose import MissingValue
from messaging.models import Message

SENT = gettext_noop("sent")
OFF = gettext_noop("not sent: automation off")
NOT_READY = gettext_noop("not sent: the automation is not ready")
EMPTY_FIELD = gettext_noop("not sent: a field of the text is empty")
NO_LINK = gettext_noop("not sent: there is no address to follow the parcel")


def answer_event(*, event: ShopEvent, now: datetime) -> str | None:
    """What the workspace's automations make of an event, in words; None when none listens."""
    kinds = [slug for slug, trigger in triggers().items() if trigger.kind == event.kind]
    with scope(workspace=event.workspace):
        listening = Automation.objects.filter(trigger__in=kinds).select_related("workspace", "sender__account", "page")
        mine = [automation for automation in listening.order_by("pk") if automation.shop_id in {None, event.shop_id}]
        outcomes = [decide(automation=automation, event=event, now=now).outcome for automation in mine]
    return "; ".join(dict.fromkeys(outcomes)) or None


@transaction.atomic
def decide(*, automation: Automation, event: ShopEvent, now: datetime) -> Decision:
    """Once for each automation and event, however often the event is told."""
    if known := Decision.objects.filter(automation=automation, event=event).first():
        return known
    outcome, message = _act(automation, event, now)
    decision, _is_new = Decision.objects.get_or_create(
        automation=automation,
        event=event,
        defaults={
            "workspace": automation.workspace,
            "contact": event.order.contact if event.order else None,
            "message": message,
            "outcome": outcome,
            "decided_at": now,
        },
    )
    return decision


def _act(automation: Automation, event: ShopEvent, now: datetime) -> tuple[str, Message | None]:
    if obstacle := why_not_to_send(event=event, now=now):
        return f"not sent: {obstacle}", None
    if not automation.is_enabled:
        return OFF, None
    assert event.order is not None
    assert event.order.contact is not None  # else there was an obstacle
    try:
        return SENT, queue_answer(automation=automation, event=event, contact=event.order.contact, now=now)
    except NoWay:
        return NO_LINK, None
    except MissingValue:  # a shop may leave a field empty that the text relies on
        return EMPTY_FIELD, None
    except NotReady:
        return NOT_READY, None
