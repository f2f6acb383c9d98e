"""Who of an audience may be written to, and why not the others: the gate's reasons, asked of many at once."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Case, CharField, Count, Exists, OuterRef, Q, QuerySet, Value, When
from django.utils.functional import Promise
from django.utils.translation import npgettext_lazy

from audience.models import Block, Contact, Frequency, OptOutScope, Purpose, Topic
from audience.registry import Explanation, Kept
from audience.standing import is_blocked, said_no, says_yes
from messaging.gate import FREQUENCY_PERIOD, Reason
from messaging.models import BatchPurpose, Message

# More than there are people.
EVERYBODY = 10**12
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
        "recipients", "has had enough messages this week", "have had enough messages this week", "number"
    ),
}


def refusals(purpose: str, now: datetime, topic: Topic | None = None) -> Iterator[tuple[Reason, Q]]:
    """Whom the gate would keep back for a reason of their own, in its order: the first that holds is the one told.

    A new reason of the gate that is a property of the person has its line here.
    """
    yield Reason.OPTED_OUT, said_no(OptOutScope.MARKETING)
    yield Reason.ON_HOLD, is_blocked(Block.Kind.HOLD)
    yield Reason.BLOCKED, is_blocked()
    if purpose == BatchPurpose.MARKETING:
        yield Reason.NO_CONSENT, ~says_yes(Purpose.MARKETING)
        if topic:
            yield Reason.TOPIC, Q(Exists(topic.refusals.filter(contact=OuterRef("pk"))))
        yield Reason.RARELY, _wants_less(now)
        yield Reason.FREQUENCY, _had_enough(now)


def _wants_less(now: datetime) -> Q:
    """Has had a message within the days that they want between two."""
    wishes = Q(pk__in=[])
    for frequency in Frequency:
        sent = _sent_since(now - timedelta(days=frequency.days))
        wishes |= Q(preference__frequency=frequency) & Q(Exists(sent))
    return wishes


def _sent_since(since: datetime) -> QuerySet[Message]:
    return Message.objects.filter(
        contact=OuterRef("pk"), batch__purpose=BatchPurpose.MARKETING, batch__is_test=False, submitted_at__gt=since
    ).exclude(state=Message.State.REJECTED)


def _had_enough(now: datetime) -> Q:
    """Whoever had none at all this week is not counted: the first EXISTS is one set for all, the second asks each."""
    sent = _sent_since(now - FREQUENCY_PERIOD)
    often = sent.order_by().values("contact").annotate(count=Count("pk"))
    return Q(Exists(sent)) & Q(Exists(often.filter(count__gte=settings.MARKETING_WEEKLY_CAP)))


def _why_not(purpose: str, now: datetime, topic: Topic | None) -> Case:
    cases = (When(found, then=Value(reason.value)) for reason, found in refusals(purpose, now, topic))
    return Case(*cases, default=Value(""), output_field=CharField())


def explain_audience(
    contacts: QuerySet[Contact], *, now: datetime, purpose: str = BatchPurpose.MARKETING, topic: Topic | None = None
) -> Explanation:
    """How many there are, how many may be written to now, and why not the others; one query, the parts add up."""
    # Behind a LIMIT the reason of each is worked out once, and not for every count; nothing is sorted.
    told = contacts.order_by().annotate(why_not=_why_not(purpose, now, topic)).values("pk", "why_not")[:EVERYBODY]
    counts = told.aggregate(
        total=Count("pk"), **{reason.name: Count("pk", filter=Q(why_not=reason.value)) for reason in WORDS}
    )
    parts = tuple(
        Kept(reason.value, counts[reason.name], str(words % {"number": counts[reason.name]}))
        for reason, words in WORDS.items()
        if counts[reason.name]
    )
    return Explanation(counts["total"], counts["total"] - sum(part.contacts for part in parts), parts)


def writable_contacts(
    contacts: QuerySet[Contact], *, now: datetime, purpose: str = BatchPurpose.MARKETING, topic: Topic | None = None
) -> QuerySet[Contact]:
    """Those whom `explain_audience` counts as writable."""
    for _reason, found in refusals(purpose, now, topic):
        contacts = contacts.exclude(found)
    return contacts
