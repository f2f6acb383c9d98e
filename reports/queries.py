"""What happened to a campaign: formulas and denominators of docs/reports.md, in a constant number of queries.

The unit is the recipient-message: one contact in one campaign, never a part. What we did not send leaves
every ratio. A click or a conversion is its recipient's where link and position are the message's.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import (
    Aggregate,
    Count,
    DateTimeField,
    Exists,
    ExpressionWrapper,
    F,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
)

from accounts.figures import Rate
from audience.models import Consent, ConsentAct, Purpose
from audience.services.merging import SOURCE as MERGE
from campaigns.models import Campaign
from landing.models import Conversion
from messaging.models import Batch, BatchPurpose, Message
from reports.models import ChargedOptOut
from shortlinks.models import Click, CodeRange, QuietNumber, Verdict

# A message that arrives later than this counts as accepted, not as delivered.
DELIVERY_WINDOW = timedelta(hours=72)
# An opt-out is charged to the last marketing message of the days before it.
OPT_OUT_WINDOW = timedelta(days=7)

State = Message.State
WAITING = (State.QUEUED, State.CLAIMED)
NOT_SENT = (State.SUPPRESSED, State.CANCELLED)
ACCEPTED = Q(accepted_at__isnull=False) | Q(
    state__in=(State.ACCEPTED, State.HELD, State.SENT, State.DELIVERED, State.UNDELIVERED)
)
IN_TIME = Q(submitted_at__isnull=True) | Q(finished_at__lte=F("submitted_at") + DELIVERY_WINDOW)
DELIVERED = Q(state=State.DELIVERED) & IN_TIME
FAILED = Q(state__in=(State.UNDELIVERED, State.EXPIRED, State.REJECTED))
# Of messages with their `marks()`.
CLICKED = DELIVERED & Q(has_clicked=True)
CONVERTED = DELIVERED & Q(has_converted=True)
OPTED_OUT = DELIVERED & Q(has_opted_out=True)


@dataclass(frozen=True)
class Counts:
    """Recipient-messages of a campaign, from the list to the order."""

    targeted: int = 0
    waiting: int = 0
    unknown: int = 0
    not_sent: int = 0
    sent: int = 0
    accepted: int = 0
    delivered: int = 0
    failed: int = 0
    clicked: int = 0
    converted: int = 0
    opted_out: int = 0
    billed_parts: int = 0
    charged_micros: int = 0
    unpriced_parts: int = 0
    next_due_at: datetime | None = None

    @property
    def delivery(self) -> Rate:
        return Rate(self.delivered, self.accepted)

    @property
    def clicks(self) -> Rate:
        return Rate(self.clicked, self.delivered)

    @property
    def conversions(self) -> Rate:
        return Rate(self.converted, self.delivered)

    @property
    def opt_outs(self) -> Rate:
        return Rate(self.opted_out, self.delivered)

    @property
    def planned(self) -> int:
        """Whoever was or will be written to."""
        return self.targeted - self.not_sent


@dataclass(frozen=True)
class ReasonCount:
    """How many messages stand in this state for this reason."""

    state: str
    reason: str
    messages: int


# Who is who -----------------------------------------------------------------------------------------


def messages_of(batches: QuerySet[Batch]) -> QuerySet[Message]:
    """Messages that count: test sends never do."""
    return Message.objects.filter(batch__in=batches, batch__is_test=False)


def batch_of(campaign: Campaign) -> QuerySet[Batch]:
    """The campaign's batch; empty before it starts."""
    return Batch.objects.filter(campaign=campaign)


def marks() -> dict[str, Any]:
    """What CLICKED, CONVERTED and OPTED_OUT ask of a message."""
    here = {"link__batch_links__batch": OuterRef("batch"), "position": OuterRef("position")}
    return {
        "has_clicked": Exists(Click.objects.filter(**here, verdict=Verdict.HUMAN)),
        "has_converted": Exists(Conversion.objects.filter(**here))
        | Exists(Conversion.objects.filter(message=OuterRef("pk"))),
        "has_opted_out": Exists(_opt_outs_charged()) | Exists(ChargedOptOut.objects.filter(message=OuterRef("pk"))),
    }


def _opt_outs_charged() -> QuerySet[Consent]:
    """Said no to marketing, by any means, within seven days of this message and before any later marketing message."""
    until = ExpressionWrapper(OuterRef("submitted_at") + OPT_OUT_WINDOW, output_field=DateTimeField())
    later_message = Message.objects.filter(
        contact=OuterRef("contact"),
        batch__purpose=BatchPurpose.MARKETING,
        batch__is_test=False,
        submitted_at__gt=OuterRef(OuterRef("submitted_at")),
        submitted_at__lte=OuterRef("occurred_at"),
    )
    return Consent.objects.filter(
        ~Exists(later_message),
        ~Q(source=MERGE),
        contact=OuterRef("contact"),
        purpose=Purpose.MARKETING,
        act=ConsentAct.WITHDRAWN,
        occurred_at__gte=OuterRef("submitted_at"),
        occurred_at__lte=until,
    )


# Figures --------------------------------------------------------------------------------------------


def counts_of(batches: QuerySet[Batch]) -> dict[int, Counts]:
    """Counts by batch id, in six queries: one over the messages, the others over each kind of what came back.

    What came back is much less than what was sent: counting from its side keeps a live page cheap.
    """
    counted = messages_of(batches).values("batch").annotate(**_counts()).order_by()
    clicked = _came_back(Click.objects.filter(verdict=Verdict.HUMAN), batches)
    converted = Counter(_came_back(Conversion.objects.all(), batches)) + Counter(_earned_by_words(batches))
    opted_out = _opted_out(batches)
    names = _counts()
    return {
        batch: Counts(
            clicked=clicked.get(batch, 0),
            converted=converted.get(batch, 0),
            opted_out=opted_out.get(batch, 0),
            **dict(zip(names, values, strict=True)),
        )
        for batch, *values in counted.values_list("batch", *names)
    }


def _came_back(rows: QuerySet[Any], batches: QuerySet[Batch]) -> dict[int, int]:
    """Delivered recipients that these clicks or conversions belong to, by batch."""
    recipient = Message.objects.filter(DELIVERED, batch=OuterRef("of_batch"), position=OuterRef("position"))
    found = (
        rows.filter(link__batch_links__batch__in=batches.filter(is_test=False))
        .annotate(of_batch=F("link__batch_links__batch"))
        .filter(Exists(recipient))
    )
    people = found.values("of_batch").annotate(people=Count("position", distinct=True))
    return dict(people.values_list("of_batch", "people"))


def _earned_by_words(batches: QuerySet[Batch]) -> dict[int, int]:
    """Recipients of texts without a link, whose promo code earned an order."""
    earned = Conversion.objects.filter(link=None, batch__in=batches.filter(is_test=False))
    arrived = earned.filter(Exists(Message.objects.filter(DELIVERED, pk=OuterRef("message"))))
    people = arrived.values("batch").annotate(people=Count("position", distinct=True)).order_by()
    return dict(people.values_list("batch", "people"))


def _opted_out(batches: QuerySet[Batch]) -> dict[int, int]:
    """Opt-outs charged to these batches; only messages to people who ever withdrew are looked at closely."""
    withdrawn = Consent.objects.filter(purpose=Purpose.MARKETING, act=ConsentAct.WITHDRAWN).values("contact")
    messages = messages_of(batches).filter(contact__in=withdrawn).alias(**marks()).filter(OPTED_OUT)
    living = messages.values("batch").annotate(people=Count("pk")).order_by().values_list("batch", "people")
    erased = ChargedOptOut.objects.filter(message__batch__in=batches.filter(is_test=False)).order_by()
    forgotten = erased.values("message__batch").annotate(people=Count("pk")).values_list("message__batch", "people")
    return dict(Counter(dict(living)) + Counter(dict(forgotten)))


def _counts() -> dict[str, Aggregate]:
    kinds = {
        "waiting": Q(state__in=WAITING),
        "unknown": Q(state=State.UNKNOWN),
        "not_sent": Q(state__in=NOT_SENT),
        "sent": Q(submitted_at__isnull=False) & ~Q(state__in=(*WAITING, *NOT_SENT)) | ACCEPTED,
        "accepted": ACCEPTED,
        "delivered": DELIVERED,
        "failed": FAILED,
    }
    counts: dict[str, Aggregate] = {name: Count("pk", filter=kind) for name, kind in kinds.items()}
    return counts | {
        "targeted": Count("pk"),
        "billed_parts": Sum("parts", filter=ACCEPTED, default=0),
        "charged_micros": Sum("cost_micros", filter=ACCEPTED, default=0),
        "unpriced_parts": Sum("parts", filter=ACCEPTED & Q(cost_micros=None), default=0),
        "next_due_at": Min("due_at", filter=kinds["waiting"]),
    }


def campaign_counts(campaign: Campaign) -> Counts:
    return next(iter(counts_of(batch_of(campaign)).values()), Counts())


def unfollowed_of(campaign: Campaign) -> int:
    """Delivered recipients whose clicks are nobody's: they stand in the click rate's denominator alone. Two queries."""
    batches = batch_of(campaign)
    recipients = Message.objects.filter(
        DELIVERED, batch=campaign.batch_id, position__gte=OuterRef("first_position"), position__lt=OuterRef("end")
    )
    people = recipients.order_by().values("batch").annotate(people=Count("pk")).values("people")
    quiet_ranges = CodeRange.objects.filter(is_followed=False, link__batch_links__batch__in=batches)
    ranges = quiet_ranges.annotate(end=F("first_position") + F("size")).annotate(people=Subquery(people))
    # Each link of the batch has the same positions.
    never = dict(ranges.values_list("first_position", "people"))
    return sum(count or 0 for count in never.values()) + sum(_came_back(QuietNumber.objects.all(), batches).values())


def reasons_of(campaign: Campaign) -> list[ReasonCount]:
    """Every state that has something to explain, with its reason, the most frequent first."""
    explained = messages_of(batch_of(campaign)).filter(
        Q(state__in=NOT_SENT) | FAILED | Q(state=State.UNKNOWN) | Q(state__in=WAITING) & ~Q(reason="")
    )
    rows = explained.values("state", "reason").annotate(messages=Count("pk")).order_by("-messages", "state", "reason")
    return [ReasonCount(**row) for row in rows]


def clicks_of(campaign: Campaign) -> QuerySet[Click]:
    """All visits of the campaign's links."""
    return Click.objects.filter(link__batch_links__batch=campaign.batch_id)


# Recipients -----------------------------------------------------------------------------------------

RECIPIENT_FILTERS = {
    "all": Q(),
    "clicked": CLICKED,
    "converted": CONVERTED,
    "undelivered": FAILED,
    "unknown": Q(state=State.UNKNOWN),
    "opted_out": OPTED_OUT,
    "not_sent": Q(state__in=NOT_SENT),
}


def recipients(campaign: Campaign, *, only: str = "all") -> QuerySet[Message]:
    """The campaign's messages in their order."""
    messages = messages_of(batch_of(campaign)).alias(**marks()).filter(RECIPIENT_FILTERS[only])
    return messages.select_related("contact").order_by("position")


@dataclass
class Visitor:
    """How one recipient came: first human click, its device, and how often who came."""

    first_click_at: datetime | None = None
    device: str = ""
    human: int = 0
    unsure: int = 0
    bot: int = 0


def visitors_of(campaign: Campaign, positions: Sequence[int]) -> dict[int, Visitor]:
    """The visits of some recipients (a page, a piece of an export) by position; one query."""
    near = clicks_of(campaign).filter(position__in=positions).order_by("clicked_at", "pk")
    found: dict[int, Visitor] = {position: Visitor() for position in positions}
    for click in near.only("position", "verdict", "clicked_at", "device"):
        if click.position is not None:
            _note(found[click.position], click)
    return found


def _note(visitor: Visitor, click: Click) -> None:
    setattr(visitor, click.verdict, getattr(visitor, click.verdict) + 1)
    if click.verdict == Verdict.HUMAN and visitor.first_click_at is None:
        visitor.first_click_at, visitor.device = click.clicked_at, click.device
