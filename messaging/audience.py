"""Who of an audience may be written to, and why not the others: the gate's reasons, asked of many at once."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.db.models import Case, CharField, Count, Exists, OuterRef, Q, QuerySet, Value, When
from django.utils.functional import Promise
from django.utils.translation import npgettext_lazy

from audience.models import Contact, OptOutScope, Purpose
from audience.registry import Explanation, Kept
from audience.standing import said_no, says_yes
from messaging.gate import FREQUENCY_PERIOD, Reason
from messaging.models import BatchPurpose, InboundMessage, Message

# The gate's reasons, told of many.
WORDS: dict[str, Promise] = {
    Reason.OPTED_OUT: npgettext_lazy("recipients", "opted out", "opted out", "number"),
    Reason.ON_HOLD: npgettext_lazy(
        "recipients",
        "wrote “stop” in a sentence, to be read first",
        "wrote “stop” in a sentence, to be read first",
        "number",
    ),
    Reason.NO_CONSENT: npgettext_lazy("recipients", "without proof of consent", "without proof of consent", "number"),
    Reason.FREQUENCY: npgettext_lazy(
        "recipients", "has had enough messages this week", "have had enough messages this week", "number"
    ),
}


def refusals(purpose: str, now: datetime) -> Iterator[tuple[Reason, Q]]:
    """Whom the gate would keep back for a reason of their own, in its order: the first that holds is the one told.

    A new reason of the gate that is a property of the person has its line here.
    """
    yield Reason.OPTED_OUT, said_no(OptOutScope.MARKETING)
    yield Reason.ON_HOLD, Q(Exists(InboundMessage.objects.filter(contact=OuterRef("pk"), holds_marketing=True)))
    if purpose == BatchPurpose.MARKETING:
        yield Reason.NO_CONSENT, ~says_yes(Purpose.MARKETING)
        yield Reason.FREQUENCY, _had_enough(now)


def _had_enough(now: datetime) -> Q:
    sent = Message.objects.filter(
        contact=OuterRef("pk"),
        batch__purpose=BatchPurpose.MARKETING,
        batch__is_test=False,
        submitted_at__gt=now - FREQUENCY_PERIOD,
    ).exclude(state=Message.State.REJECTED)
    often = sent.order_by().values("contact").annotate(count=Count("pk"))
    return Q(Exists(often.filter(count__gte=settings.MARKETING_WEEKLY_CAP)))


def _why_not(purpose: str, now: datetime) -> Case:
    cases = (When(found, then=Value(reason.value)) for reason, found in refusals(purpose, now))
    return Case(*cases, default=Value(""), output_field=CharField())


def explain_audience(
    contacts: QuerySet[Contact], *, now: datetime, purpose: str = BatchPurpose.MARKETING
) -> Explanation:
    """How many there are, how many may be written to now, and why not the others; one query, the parts add up."""
    rows = contacts.order_by().annotate(why_not=_why_not(purpose, now)).values_list("why_not").annotate(Count("pk"))
    counts = Counter(dict(rows))
    parts = (
        Kept(reason, counts[reason], str(words % {"number": counts[reason]}))
        for reason, words in WORDS.items()
        if counts[reason]
    )
    return Explanation(counts.total(), counts[""], tuple(parts))


def writable_contacts(
    contacts: QuerySet[Contact], *, now: datetime, purpose: str = BatchPurpose.MARKETING
) -> QuerySet[Contact]:
    """Those whom `explain_audience` counts as writable."""
    for _reason, found in refusals(purpose, now):
        contacts = contacts.exclude(found)
    return contacts
