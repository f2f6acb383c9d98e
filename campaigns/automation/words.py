"""An automation as sentences: if, wait, and how often."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.templatetags.ch import money
from audience.models import Attribute
from campaigns.automation.forms import HOURS, LEADS, MINUTES, ORDERS
from campaigns.criteria import Conditions
from campaigns.models import Automation
from campaigns.triggers import trigger_of


@dataclass(frozen=True)
class Sentences:
    start: str
    conditions: str
    waiting: str
    limits: str


def sentences_of(automation: Automation) -> Sentences:
    return Sentences(
        start=" · ".join(map(str, _start(automation))),
        conditions=", ".join(_conditions(automation)),
        waiting=_waiting(automation),
        limits=capfirst(" · ".join(_limits(automation))),
    )


def _start(automation: Automation) -> Iterator[object]:
    """What starts it, and of what."""
    asks = trigger_of(automation.trigger).asks
    yield trigger_of(automation.trigger).label
    if "shop" in asks:
        yield automation.shop or _("any shop")
    if "event_name" in asks:
        yield automation.event_name
    if "form_page" in asks:
        yield automation.form_page or _("any page")
    if "date_attribute" in asks and automation.date_attribute:
        yield automation.date_attribute
        yield dict(LEADS).get(automation.lead_hours, automation.lead_hours)
        if automation.date_attribute.kind == Attribute.Kind.DATE:
            yield _("at %(time)s") % {"time": f"{automation.at_time:%H:%M}"}


def _conditions(automation: Automation) -> Iterator[str]:
    """The law comes first, whatever was chosen."""
    if "shop" not in trigger_of(automation.trigger).asks:
        yield _("they have a mobile, and it is not too late")
        return
    yield _("the order is real and fresh, and its customer has a mobile")
    currency = automation.workspace.currency
    asked = Conditions.of(automation.conditions, currency)
    if asked.least_total:
        yield _("total at least %(amount)s") % {"amount": money(asked.least_total, currency)}
    if asked.most_total:
        yield _("total at most %(amount)s") % {"amount": money(asked.most_total, currency)}
    for words in (asked.countries, asked.languages, asked.products):
        if words:
            yield " / ".join(words)
    if asked.history:
        yield str(dict(ORDERS)[asked.history])


def _waiting(automation: Automation) -> str:
    if trigger_of(automation.trigger).is_immediate:
        return _("not at all: at any hour, for %(minutes)s minutes at most") % {"minutes": automation.lifetime_minutes}
    hour = _("for an hour at which the phone may ring")
    if not automation.delay_minutes:
        return hour
    lasting = dict(MINUTES).get(automation.delay_minutes, automation.delay_minutes)
    return _("%(lasting)s, then %(hour)s") % {"lasting": lasting, "hour": hour}


def _limits(automation: Automation) -> Iterator[str]:
    if automation.max_age_hours:
        yield _("not older than %(age)s") % {"age": dict(HOURS).get(automation.max_age_hours, automation.max_age_hours)}
    if automation.cap_messages:
        text = ngettext(
            "%(count)s message to one person in %(days)s days",
            "%(count)s messages to one person in %(days)s days",
            automation.cap_messages,
        )
        yield text % {"count": automation.cap_messages, "days": automation.cap_days}
    if automation.budget is not None:
        yield _("at most %(amount)s a month") % {"amount": money(automation.budget, automation.workspace.currency)}
    if automation.asks_reply:
        yield _("asks for OUI or NON")
    if automation.gives_way and "gives_way" in trigger_of(automation.trigger).asks:
        yield _("gives way to newer news")
