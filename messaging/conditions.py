"""What segments may ask about messages and the clicks on their links."""

from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Workspace
from audience.registry import register_condition
from audience.segments.conditions import Comparison, Condition, Moment, Values
from audience.segments.inputs import Number
from audience.segments.library.sections import ACTS, MESSAGES
from audience.standing import is_followed
from messaging.models import Message
from shortlinks.models import Verdict

State = Message.State
# Handed over and never refused: it may have been read.
LEFT = (State.ACCEPTED, State.HELD, State.SENT, State.DELIVERED, State.UNKNOWN)
# From a message to the clicks on the links of its batch.
CLICKS = "batch__links__link__clicks"
FAILED = (State.UNDELIVERED, State.EXPIRED, State.REJECTED)
COUNT = Number("count", _("how many"), least=1, most=1000)
DAYS = Number("days", _("days"), least=1, most=3650)


def register() -> None:
    register_condition(Condition("messages", _("Messages"), MESSAGES, MESSAGE_COMPARISONS))
    register_condition(Condition("clicks", _("Clicks"), ACTS, CLICK_COMPARISONS))


def messages(**which: Any) -> QuerySet[Message]:
    """The contact's messages."""
    return Message.objects.filter(contact=OuterRef("pk"), **which)


def was_delivered(moment: Moment, values: Values) -> Q:
    found = messages(state=State.DELIVERED, submitted_at__gte=moment.ago(values["days"]))
    counted = found.order_by().values("contact").annotate(count=Count("pk"))
    return Q(Exists(counted.filter(count__gte=values["count"])))


def was_left_alone(moment: Moment, values: Values) -> Q:
    return ~Q(Exists(messages(state__in=LEFT, submitted_at__gte=moment.ago(values["days"]))))


def clicked(workspace: Workspace, *, since: datetime | None = None, **which: Any) -> Q:
    """A person, not a robot, opened a link of one of these messages; only of people who may be followed."""
    theirs = {f"{CLICKS}__verdict": Verdict.HUMAN, f"{CLICKS}__position": F("position"), **which}
    if since:
        theirs[f"{CLICKS}__clicked_at__gte"] = since
    return is_followed(workspace) & Q(Exists(messages(**theirs)))


def did_not_click(workspace: Workspace, *, since: datetime | None = None, **which: Any) -> Q:
    """Had the message, may be followed, and opened nothing: of the others nobody knows."""
    had = Q(Exists(messages(state__in=LEFT, **which)))
    return is_followed(workspace) & had & ~clicked(workspace, since=since, **which)


def clicked_lately(moment: Moment, values: Values) -> Q:
    return clicked(moment.workspace, since=moment.ago(values["days"]))


def ignored_lately(moment: Moment, values: Values) -> Q:
    since = moment.ago(values["days"])
    return did_not_click(moment.workspace, since=since, submitted_at__gte=since)


MESSAGE_COMPARISONS = (
    Comparison(
        "delivered", _("at least {count} delivered in the last {days} days"), was_delivered, (COUNT, DAYS),
        _("Received at least {count} messages in the last {days} days"),
    ),
    Comparison(
        "none", _("none sent in the last {days} days"), was_left_alone, (DAYS,),
        _("Was not written to in the last {days} days"),
    ),
)  # fmt: skip
CLICK_COMPARISONS = (
    Comparison(
        "any", _("at least one in the last {days} days"), clicked_lately, (DAYS,),
        _("Opened a link in the last {days} days"),
    ),
    Comparison(
        "none", _("none in the last {days} days, though written to"), ignored_lately, (DAYS,),
        _("Was written to in the last {days} days and opened no link"),
    ),
)  # fmt: skip
