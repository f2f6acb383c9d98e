"""Whether an automation answers an event, and if not, why. Reads only: the same for real events and for a test."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet, Sum
from django.utils import timezone

from campaigns import decided
from campaigns.criteria import Conditions, facts_of
from campaigns.models import Automation, Decision, Happening
from campaigns.readiness import problems_of
from campaigns.triggers import FormSent, Trigger, trigger_of, triggers
from integrations.models import ShopEvent
from landing.models import LandingPage
from messaging.models import Message
from messaging.spending import estimate, micros_of

Kind = ShopEvent.Kind
# A shop's clock may be ahead of ours by this much.
SKEW = timedelta(minutes=5)
# What an order that is cancelled may still be told.
AFTER_THE_END = frozenset({Kind.ORDER_CANCELLED, Kind.ORDER_REFUNDED})


def listening_to(event: ShopEvent, *slugs: str) -> QuerySet[Automation]:
    """Automations of the event's shop, or of any, that start on it, or on one of these triggers; oldest first."""
    names = slugs or [slug for slug, trigger in triggers().items() if trigger.kind == event.kind]
    return Automation.objects.filter(Q(shop=None) | Q(shop=event.shop_id), trigger__in=names).order_by("pk")


def waiting_for(kind: str, name: str) -> list[Automation]:
    """Automations that answer occasions of this name; oldest first."""
    names = [slug for slug, trigger in triggers().items() if trigger.kind == kind]
    mine = Automation.objects.filter(trigger__in=names, event_name=name)
    return list(mine.select_related("workspace", "sender__account", "page").order_by("pk"))


def waiting_for_form(page: LandingPage | None) -> list[Automation]:
    """Automations that answer the forms of this page, or of any; oldest first."""
    mine = Automation.objects.filter(Q(form_page=None) | Q(form_page=page), trigger=FormSent.slug)
    return list(mine.select_related("workspace", "sender__account", "page").order_by("pk"))


def why_not(automation: Automation, happening: Happening, now: datetime) -> str:
    """Why nothing is sent, as a sentence of the log; "" when something is. `now` is when it would leave, at the
    earliest: after the automation's delay.
    """
    if reason := _why_not_alone(automation, happening, now):
        return reason
    return decided.OVERTAKEN if is_overtaken(automation, happening, now) else ""


def _why_not_alone(automation: Automation, happening: Happening, now: datetime) -> str:
    return next(filter(None, _obstacles(automation, happening, now)), "")


def _obstacles(automation: Automation, happening: Happening, now: datetime) -> Iterator[str]:
    """From the law to the budget, each asked only if those before had nothing to say."""
    heard_at = now - timedelta(minutes=automation.delay_minutes)
    yield trigger_of(automation.trigger).obstacle(automation, happening, heard_at)
    yield "" if automation.is_enabled else decided.OFF
    yield decided.TOO_OLD if _is_older_than_wanted(automation, happening, heard_at) else ""
    if isinstance(happening, ShopEvent) and happening.order is not None:
        yield decided.CANCELLED if _is_over(happening, now) else ""
        conditions = Conditions.of(automation.conditions, automation.workspace.currency)
        yield conditions.unmet(facts_of(happening.order, asks_history=bool(conditions.history)))
    yield decided.CAP if _has_had_enough(automation, happening, now) else ""
    yield decided.NOT_READY if problems_of(automation) else ""
    yield decided.BUDGET if _is_used_up(automation, happening, now) else ""


def _is_over(event: ShopEvent, now: datetime) -> bool:
    assert event.order is not None
    ended_at = event.order.cancelled_at
    return event.kind not in AFTER_THE_END and ended_at is not None and ended_at <= now + SKEW


def _is_older_than_wanted(automation: Automation, happening: Happening, at: datetime) -> bool:
    hours = automation.max_age_hours
    return hours is not None and at - happening.occurred_at > timedelta(hours=hours)


def _has_had_enough(automation: Automation, happening: Happening, now: datetime) -> bool:
    """What still waits counts, too."""
    if automation.cap_messages is None:
        return False
    since = now - timedelta(days=automation.cap_days)
    lately = automation.decisions.filter(contact=happening.contact, decided_at__gt=since)
    return lately.exclude(**Decision.about(happening)).exclude(decided.NOT_SENT).count() >= automation.cap_messages


def _is_used_up(automation: Automation, happening: Happening, now: datetime) -> bool:
    """Whether the month's budget has no room for one more part: what has been paid, and what still waits."""
    if automation.budget is None or happening.contact is None:
        return False
    account = automation.sender.account
    this_month = automation.decisions.filter(decided_at__gte=month_of(automation, now))
    mine = Message.objects.filter(pk__in=this_month.values("message"))
    paid = mine.aggregate(cost=Sum("cost_micros", default=0))["cost"]
    parts = dict.fromkeys([happening.contact.territory], 1)
    waiting = mine.filter(state__in=decided.NOT_YET).values_list("contact__territory").annotate(total=Sum("parts"))
    for territory, count in waiting:
        parts[territory or ""] = parts.get(territory or "", 0) + count
    return int(paid) + estimate(account, parts, at=now) > micros_of(automation.budget, automation.workspace.currency)


def month_of(automation: Automation, now: datetime) -> datetime:
    """When the month began where the workspace is."""
    with timezone.override(automation.workspace.time_zone):
        return timezone.localtime(now).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def is_overtaken(automation: Automation, happening: Happening, now: datetime) -> bool:
    """Whether somebody hears newer news of the same order instead: only where an automation tells it."""
    if not automation.gives_way or not isinstance(happening, ShopEvent) or happening.order is None:
        return False
    newer: dict[str, Trigger] = {
        trigger.kind: trigger
        for trigger in overtaking(trigger_of(automation.trigger))
        if trigger.kind in happening.order.reached
    }
    if not newer:
        return False
    later = ShopEvent.objects.filter(order=happening.order, kind__in=newer)
    later = later.filter(occurred_at__gte=happening.occurred_at, occurred_at__lte=now + SKEW)
    events = list(later.select_related("shop", "order__contact", "cart__contact"))
    slugs = [newer[Kind(each.kind)].slug for each in events]
    rivals = listening_to(happening, *slugs).select_related("workspace", "sender__account", "page") if slugs else []
    return any(
        _tells(rival, each, now) for each in events for rival in rivals if rival.trigger == newer[Kind(each.kind)].slug
    )


def _tells(rival: Automation, event: ShopEvent, now: datetime) -> bool:
    """As it was decided, or would be."""
    known = Decision.objects.filter(automation=rival, **Decision.about(event))
    if known.exists():
        return known.exclude(decided.NOT_SENT).exists()
    return not _why_not_alone(rival, event, now + timedelta(minutes=rival.delay_minutes))


def overtaking(trigger: Trigger) -> list[Trigger]:
    """The triggers whose news makes this one's old."""
    return [each for each in triggers().values() if trigger.slug in each.supersedes]
