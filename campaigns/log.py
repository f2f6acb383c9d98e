"""The decision log: what was decided about whom, and what became of it, in words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from audience.attributes import show_value
from audience.models import Contact
from audience.registry import Entry
from campaigns import decided
from campaigns.models import Decision, Occasion
from integrations.outcomes import in_words
from messaging.reasons import reason_label

LATEST = 100
VERDICTS: dict[str, tuple[str | Promise, Q]] = {
    "sent": (pgettext_lazy("messages", "Sent"), decided.LEFT),
    "waiting": (gettext_lazy("Waiting"), decided.WAITING),
    "not_sent": (pgettext_lazy("messages", "Not sent"), decided.NOT_SENT),
    **{str(answer): (answer.label, Q(answer=answer)) for answer in Decision.Answer},
}


@dataclass(frozen=True)
class Line:
    """A decision as the log shows it; `icon` and `tone` say at a glance which of the three it is."""

    decision: Decision
    icon: str
    tone: str
    words: str

    @property
    def subject(self) -> str:
        """Which event of which order, which date."""
        event, occasion = self.decision.event, self.decision.occasion
        if event is not None:
            return " ".join([event.get_kind_display(), event.order.number if event.order else ""]).strip()
        return subject_of(occasion) if occasion is not None else ""


def subject_of(occasion: Occasion) -> str:
    """A date as its reader writes it, and what it is called."""
    if occasion.attribute is None or not occasion.name:
        return f"{occasion.get_kind_display()} {occasion.name}".strip()
    return f"{occasion.attribute} {show_value(occasion.attribute, occasion.name)}"


def line_of(decision: Decision) -> Line:
    message = decision.message
    if decision.due_at:
        return Line(decision, "time", "c-warn", _waits(decision.due_at))
    if message is None or decision.outcome not in decided.QUEUED:
        return Line(decision, "circle-xmark", "", capfirst(in_words(decision.outcome)))
    if message.state in decided.NOT_YET:
        return Line(decision, "time", "c-warn", _deferred(decision))
    if message.state in decided.KEPT_BACK:
        return Line(decision, "circle-xmark", "", reason_label(message.reason) or message.get_state_display())
    words = [pgettext("one message", "Sent"), message.get_state_display(), decision.get_answer_display()]
    return Line(decision, "success", "c-ok", " · ".join(filter(None, words)))


def _deferred(decision: Decision) -> str:
    """Its hour, and why it was not at once: the law's hours, or what the gate has said since."""
    assert decision.message is not None
    why = reason_label(decision.message.reason)
    if not why and decision.outcome == decided.SENT:
        return _("About to leave")
    why = why or _("outside the hours in which phones may ring")
    near, later = _("Deferred to %(moment)s: %(why)s"), pgettext("day and time", "Deferred to %(moment)s: %(why)s")
    return _at(decision.message.due_at, near, later, why=why)


def _waits(moment: datetime) -> str:
    return _at(moment, _("Waits until %(moment)s"), pgettext("day and time", "Waits until %(moment)s"))


def _at(moment: datetime, near: str, later: str, **words: str) -> str:
    """The time alone, where it is today or tomorrow morning: French says so with another word."""
    local = timezone.localtime(moment)
    time, is_near = date_format(local, "H:i"), abs((local.date() - timezone.localdate()).days) <= 1
    day_and_time = _("%(day)s at %(time)s") % {"day": date_format(local, "SHORT_DATE_FORMAT"), "time": time}
    return near % {"moment": time, **words} if is_near else later % {"moment": day_and_time, **words}


def decisions_of(asked: Mapping[str, str]) -> QuerySet[Decision]:
    """The log, narrowed by what was asked; what makes no sense asks for nothing. Newest first."""
    decisions = Decision.objects.select_related(
        "automation", "contact", "message", "event__order", "occasion__attribute"
    )
    if verdict := VERDICTS.get(asked.get("verdict", "")):
        decisions = decisions.filter(verdict[1])
    for name in ("automation", "contact", "event"):
        if (key := asked.get(name, "")).isdecimal() and len(key) < 18:
            decisions = decisions.filter(**{name: key})
    if order := asked.get("order", "").strip():
        decisions = decisions.filter(event__order__number=order)
    return decisions.order_by("-decided_at", "-pk")


def timeline(contact: Contact) -> Iterator[Entry]:
    """On the contact's page: each decision about them, with its reason."""
    decisions = decisions_of({"contact": str(contact.pk)})
    for line in map(line_of, decisions[:LATEST]):
        title = _("Automation “%(name)s”") % {"name": line.decision.automation}
        url = f"{reverse('automations:log')}?contact={contact.pk}"
        yield Entry(line.decision.decided_at, "ch-bolt", title, line.words, url)
