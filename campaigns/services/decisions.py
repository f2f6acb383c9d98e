"""What automations do with what happens: each decides once, says why, and sends at most one message for it."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django_scopes import scope, scopes_disabled

from campaigns import decided
from campaigns.judging import listening_to, why_not
from campaigns.models import Automation, Decision, Happening, Occasion
from campaigns.services.sending import NotReady
from campaigns.services.standing import NoWay, queue_answer
from campaigns.triggers import trigger_of
from integrations.models import Order, ShopEvent
from integrations.queries import is_history
from messaging.clock import workspace_now
from messaging.compose import MissingValue
from messaging.services.withdrawal import withdraw

log = logging.getLogger(__name__)
# In one go of the sweep; what is left is next.
MOST_AT_ONCE = 200
# After a failure that nobody foresaw.
ASKS_AGAIN = timedelta(minutes=10)
# A message that leaves later than this had to wait for its hour.
AT_ONCE = timedelta(seconds=1)


def answer_event(*, event: ShopEvent, now: datetime) -> str | None:
    """What the workspace's automations make of an event, in words; None when none listens. Of a shop's history there
    is no line for each event and automation: the card of its past says how many there are."""
    with scope(workspace=event.workspace):
        if event.kind == ShopEvent.Kind.ORDER_CANCELLED:
            _take_back_all(event, now)
        if is_history(event=event, now=now):
            return None
        outcomes = [decide(automation=each, happening=event, now=now).outcome for each in _listening(event)]
    return "; ".join(dict.fromkeys(outcomes)) or None


def _listening(event: ShopEvent) -> QuerySet[Automation]:
    """By key alone: all else is read under their locks."""
    return listening_to(event).only("pk")


@transaction.atomic
def decide(
    *,
    automation: Automation,
    happening: Happening,
    now: datetime,
    leaves_at: datetime | None = None,
    code: str = "",
) -> Decision:
    """Once for each automation and happening, however often it is told, and by however many workers.

    `leaves_at` is when it is to leave, if not after the automation's delay; `code` goes into the message alone.
    """
    automation, happening = _locked(automation, happening)
    known = Decision.objects.filter(automation=automation, **Decision.about(happening)).first()
    if known and known.outcome != decided.MOVED:
        return known
    decision = known or Decision(
        workspace=automation.workspace, automation=automation, contact=happening.contact, **Decision.about(happening)
    )
    decision.decided_at = now
    leaves_at = max(now, leaves_at or now + timedelta(minutes=automation.delay_minutes))
    if reason := why_not(automation, happening, leaves_at):
        decision.outcome = reason
    elif leaves_at > now:
        decision.outcome, decision.due_at = decided.WAITS, leaves_at
        _take_the_place_of_older_news(automation, happening, now)
    else:
        _send(decision, automation, happening, now, code)
    decision.save()
    return decision


@transaction.atomic
def resolve(*, decision: Decision, now: datetime) -> Decision:
    """The delay is over: everything is asked once more, and it is sent or not."""
    automation, happening = _locked(decision.automation, decision.happening)
    decision.refresh_from_db()
    if decision.due_at is None or decision.due_at > now:
        return decision
    # What counts is how late we are, not that somebody wanted it late.
    decision.due_at = None
    if reason := why_not(automation, happening, now):
        decision.outcome = reason
    else:
        _send(decision, automation, happening, now)
    decision.save()
    return decision


def resolve_due(*, now: datetime) -> int:
    """Of all workspaces; how many were due."""
    with scopes_disabled():
        due = Decision.objects.filter(due_at__lte=now).order_by("due_at").select_related(
            "workspace", "automation", "event__order", "occasion"
        )[:MOST_AT_ONCE]  # fmt: skip
        decisions = list(due)
    for decision in decisions:
        with scope(workspace=decision.workspace):
            _resolve_or_put_off(decision, now)
    return len(decisions)


def _resolve_or_put_off(decision: Decision, now: datetime) -> None:
    """One that fails is asked again later, and holds nobody up."""
    try:
        resolve(decision=decision, now=now)
    except Exception as error:
        log.error("Decision %s failed: %s", decision.pk, type(error).__name__)
        Decision.objects.filter(pk=decision.pk, due_at__isnull=False).update(due_at=now + ASKS_AGAIN)


def _locked(automation: Automation, happening: Happening) -> tuple[Automation, Happening]:
    """First the order, then the automation: events of one order, and messages of one automation, one after another."""
    if happening.order_id is not None:
        Order.objects.select_for_update().filter(pk=happening.order_id).values_list("pk").first()
    related = ("workspace", "sender__account", "page", "date_attribute", "batch__account")
    fresh = Automation.objects.select_related(*related).select_for_update(of=("self",))
    return fresh.get(pk=automation.pk), _told_anew(happening)


def _told_anew(happening: Happening) -> Happening:
    if isinstance(happening, Occasion):
        return Occasion.objects.select_related("contact").get(pk=happening.pk)
    return ShopEvent.objects.select_related("shop", "order__contact", "cart__contact").get(pk=happening.pk)


def _send(decision: Decision, automation: Automation, happening: Happening, now: datetime, code: str = "") -> None:
    assert happening.contact is not None  # else there was a reason not to
    _take_the_place_of_older_news(automation, happening, now)
    clock = workspace_now(automation.workspace, now)
    try:
        with transaction.atomic():
            message = queue_answer(
                automation=automation,
                happening=happening,
                contact=happening.contact,
                now=now,
                clock=clock,
                after=decision.message,
                code=code,
            )
    except NoWay:
        decision.outcome = decided.NO_LINK
    except MissingValue:  # a shop may leave a field empty that the text relies on
        decision.outcome = decided.EMPTY_FIELD
    except NotReady:
        decision.outcome = decided.NOT_READY
    else:
        is_late = message.due_at > clock + AT_ONCE
        decision.message, decision.outcome = message, decided.DEFERRED if is_late else decided.SENT


def _take_the_place_of_older_news(automation: Automation, happening: Happening, now: datetime) -> None:
    older = trigger_of(automation.trigger).supersedes
    if older and happening.order_id:
        decisions = Decision.objects.filter(
            event__order=happening.order_id, event__occurred_at__lte=happening.occurred_at
        )
        take_back(decisions.filter(automation__trigger__in=older, automation__gives_way=True), decided.OVERTAKEN, now)


def _take_back_all(event: ShopEvent, now: datetime) -> None:
    """Nobody wants to hear that a cancelled order is on its way."""
    decisions = Decision.objects.filter(event__order=event.order_id).exclude(event__kind__in=[event.kind])
    take_back(decisions.exclude(event__kind=ShopEvent.Kind.ORDER_REFUNDED), decided.CANCELLED, now)


@transaction.atomic
def take_back(decisions: QuerySet[Decision], outcome: str, now: datetime) -> None:
    """Nothing that still waits is sent; what is leaving this second is."""
    decisions.filter(due_at__isnull=False).update(due_at=None, outcome=outcome)
    waiting = decisions.filter(message__state__in=decided.NOT_YET).values_list("message", flat=True)
    withdrawn = withdraw(messages=list(waiting), now=now)
    Decision.objects.filter(message__in=withdrawn).update(outcome=outcome)
