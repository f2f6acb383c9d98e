"""Who of an audience may be written to, and why not the others: the gate's reasons, asked of many at once."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, CharField, Count, Exists, OuterRef, Q, QuerySet, Value, When
from django.utils.functional import Promise
from django.utils.translation import npgettext_lazy

from accounts.queries import current_workspace
from audience.models import Block, Contact, Frequency, OptOut, OptOutScope, Preference, Purpose, Topic
from audience.registry import Explanation, Kept
from audience.standing import says_yes
from messaging.gate import Reason
from messaging.models import BatchPurpose, Message
from messaging.rules import Cap, cap_by, rules_of

# The gate's reasons, told of many.
WORDS: dict[Reason, Promise] = {
    Reason.OPTED_OUT: npgettext_lazy("recipients", "opted out", "opted out", "number"),
    Reason.ON_HOLD: npgettext_lazy(
        "recipients",
        "with a “stop” to be read first",
        "with a “stop” to be read first",
        "number",
    ),
    Reason.BLOCKED: npgettext_lazy("recipients", "on the block list", "on the block list", "number"),
    Reason.TOPIC: npgettext_lazy("recipients", "can do without this topic", "can do without this topic", "number"),
    Reason.RARELY: npgettext_lazy("recipients", "asked for fewer messages", "asked for fewer messages", "number"),
    Reason.NO_CONSENT: npgettext_lazy("recipients", "without proof of consent", "without proof of consent", "number"),
    Reason.FREQUENCY: npgettext_lazy(
        "recipients", "has had enough messages lately", "have had enough messages lately", "number"
    ),
}


def kept_back(
    purpose: str, now: datetime, topic: Topic | None = None, cap: Cap | None = None
) -> Iterator[tuple[Reason, QuerySet[Any] | Q]]:
    """Whom the gate would keep back for a reason of their own, in its order: the first that holds is the one told.

    Rows that each speak of a `contact`, so that a database can begin with these few; or a condition on the contact's
    own columns. A new reason of the gate that is a property of the person has its line here.
    """
    yield Reason.OPTED_OUT, OptOut.objects.filter(scope=OptOutScope.MARKETING)
    yield Reason.ON_HOLD, Block.objects.filter(kind=Block.Kind.HOLD)
    yield Reason.BLOCKED, Block.objects.all()
    if purpose == BatchPurpose.MARKETING:
        yield Reason.NO_CONSENT, ~says_yes(Purpose.MARKETING)
        if topic:
            yield Reason.TOPIC, topic.refusals.all()
        for frequency in Frequency:
            sent = _sent_since(now - timedelta(days=frequency.days)).filter(contact=OuterRef("contact"))
            yield Reason.RARELY, Preference.objects.filter(Exists(sent), frequency=frequency)
        cap = cap or cap_by(rules_of(current_workspace()))
        counted = _sent_since(now - timedelta(days=cap.days)).order_by().values("contact").annotate(count=Count("pk"))
        yield Reason.FREQUENCY, counted.filter(count__gte=cap.messages)


def _sent_since(since: datetime) -> QuerySet[Message]:
    return Message.objects.filter(
        batch__purpose=BatchPurpose.MARKETING, batch__is_test=False, submitted_at__gt=since, contact__isnull=False
    ).exclude(state=Message.State.REJECTED)


def written_to_since(contacts: QuerySet[Contact], since: datetime) -> int:
    """How many of these contacts a marketing message went to since then, in real time."""
    return contacts.filter(pk__in=_sent_since(since).values("contact")).count()


def _as_q(found: QuerySet[Any] | Q) -> Q:
    if isinstance(found, Q):
        return found
    # What is counted is counted once for everybody, and not for each contact anew.
    is_counted = found.query.group_by is not None
    return Q(pk__in=found.values("contact")) if is_counted else Q(Exists(found.filter(contact=OuterRef("pk"))))


def explain_audience(
    contacts: QuerySet[Contact],
    *,
    now: datetime,
    purpose: str = BatchPurpose.MARKETING,
    topic: Topic | None = None,
    cap: Cap | None = None,
) -> Explanation:
    """How many there are, how many may be written to now, and why not the others; the parts add up. The workspace's
    own `cap` is read where none is given.

    Two queries beside the cap: all are counted by their own columns; only of those whom some row keeps back the first
    reason is worked out.
    """
    silent = Count("pk", filter=~says_yes(Purpose.MARKETING))
    everybody = contacts.order_by().aggregate(total=Count("pk"), silent=silent)
    reasons = list(kept_back(purpose, now, topic, cap))
    told = _told(contacts.order_by(), reasons).annotate(count=Count("pk"), silent=silent)
    counts, others = Counter[str](), 0
    for reason, count, silent_too in told.values_list("why_not", "count", "silent"):
        counts[reason] = count
        others += silent_too if reason != Reason.NO_CONSENT else 0
    if purpose == BatchPurpose.MARKETING:
        counts[Reason.NO_CONSENT] = max(everybody["silent"] - others, 0)
    parts = tuple(
        Kept(reason.value, counts[reason], str(words % {"number": counts[reason]}))
        for reason, words in WORDS.items()
        if counts[reason]
    )
    return Explanation(everybody["total"], everybody["total"] - counts.total(), parts)


def _told(contacts: QuerySet[Contact], reasons: list[tuple[Reason, QuerySet[Any] | Q]]) -> QuerySet[Any]:
    """Those of the contacts whom some row keeps back, by `why_not`."""
    first, *others = (found.values("contact") for _reason, found in reasons if not isinstance(found, Q))
    cases = (When(_as_q(found), then=Value(reason.value)) for reason, found in reasons)
    few = contacts.filter(pk__in=first.union(*others, all=True))
    return few.annotate(why_not=Case(*cases, output_field=CharField())).values("why_not")


def writable_contacts(
    contacts: QuerySet[Contact],
    *,
    now: datetime,
    purpose: str = BatchPurpose.MARKETING,
    topic: Topic | None = None,
    cap: Cap | None = None,
) -> QuerySet[Contact]:
    """Those whom `explain_audience` counts as writable."""
    for _reason, found in kept_back(purpose, now, topic, cap):
        contacts = contacts.exclude(_as_q(found))
    return contacts
