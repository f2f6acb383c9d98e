"""How a campaign is leaving, at one moment: few cheap queries, as many for a million messages as for one."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.db.models import Count, Max, Min, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from campaigns.models import Campaign
from integrations.health import Breaker
from messaging.clock import workspace_now
from messaging.forecast import finish_at
from messaging.models import Batch, Message, SendingMinute
from messaging.queries import standing_of
from messaging.reasons import Reason
from messaging.spending import Budget, batch_budget_of
from reports.holds import why_held
from reports.queries import NOT_SENT, WAITING, ReasonCount
from reports.reasons import Explained, explained

State = Campaign.State
M = Message.State
TONES: dict[str, str] = {State.SENDING: "info", State.SCHEDULED: "info", State.PAUSED: "warn", State.SENT: "ok"}
RUNNING_MS, PAUSED_MS, WAITING_MS = 2_000, 10_000, 30_000
MESSAGES_A_MS = 100
MINUTE = timedelta(minutes=1)
MINUTES_SHOWN = 15
MOST_REASONS = 4
# After a campaign began to leave: most of what its messages become is told at once, clicks and the rest within days.
JUST_LEFT, STILL_WARM = timedelta(minutes=10), timedelta(days=3)
# What a reader is told of them, in the order of a message's way; the bar shows those with a colour.
KINDS: tuple[tuple[str, str | Promise, tuple[str, ...], str], ...] = (
    ("delivered", pgettext_lazy("messages", "Delivered"), (M.DELIVERED,), "ok"),
    ("underway", pgettext_lazy("messages", "On their way"), (M.SUBMITTING, M.ACCEPTED, M.HELD, M.SENT), "human"),
    ("failed", pgettext_lazy("messages", "Not delivered"), (M.UNDELIVERED, M.EXPIRED, M.REJECTED), "stop"),
    ("unknown", _("To be verified"), (M.UNKNOWN,), "warn"),
    ("waiting", _("Still to leave"), WAITING, "mute"),
    ("not_sent", pgettext_lazy("messages", "Not sent"), NOT_SENT, ""),
)


@dataclass(frozen=True)
class Kind:
    """Messages that stand alike."""

    key: str
    words: str | Promise
    messages: int
    role: str


@dataclass(frozen=True)
class Speed:
    """Messages a minute, now and in the last minutes, the oldest first."""

    now: int = 0
    minutes: list[float | None] = field(default_factory=list)


@dataclass(frozen=True)
class Progress:
    campaign: Campaign
    kinds: list[Kind]
    next_due_at: datetime | None
    reasons: list[Explained]
    speed: Speed
    finishes_at: datetime | None
    budget: Budget | None
    # Why the provider gets nothing at the moment, in words.
    stopped_because: str
    every_ms: int | None
    # First and last minute, of a campaign that has left.
    lasted: timedelta | None = None

    @property
    def tone(self) -> str:
        return TONES.get(self.campaign.state, "mute")

    def messages(self, *keys: str) -> int:
        return sum(kind.messages for kind in self.kinds if kind.key in keys)

    @property
    def delivered(self) -> int:
        return self.messages("delivered")

    @property
    def underway(self) -> int:
        return self.messages("underway")

    @property
    def failed(self) -> int:
        return self.messages("failed")

    @property
    def unknown(self) -> int:
        return self.messages("unknown")

    @property
    def waiting(self) -> int:
        return self.messages("waiting")

    @property
    def sent(self) -> int:
        return self.messages("delivered", "underway", "failed", "unknown")

    @property
    def planned(self) -> int:
        """Whoever was or will be written to."""
        return self.sent + self.waiting

    @property
    def shown(self) -> list[Kind]:
        """Only what there is."""
        return [kind for kind in self.kinds if kind.messages]

    @property
    def quarter(self) -> int:
        """How many quarters have left: what a listener is told of."""
        return self.sent * 4 // self.planned if self.planned else 0

    @property
    def is_alive(self) -> bool:
        return self.campaign.state in {State.SENDING, State.PAUSED, State.SCHEDULED}

    @property
    def may_raise_budget(self) -> bool:
        """Its own budget holds it: more money is what it waits for."""
        batch = self.campaign.batch
        return self.campaign.state == State.PAUSED and batch is not None and batch.paused_because == Reason.BUDGET

    @property
    def is_held_by_month(self) -> bool:
        batch = self.campaign.batch
        return self.campaign.state == State.PAUSED and batch is not None and batch.paused_because == Reason.MONTH_BUDGET

    @property
    def held_because(self) -> str:
        """What paused it, where nobody did."""
        return why_held(self.campaign)

    @property
    def awaits_look(self) -> bool:
        """Its first share has left; the rest waits for a word of somebody who has looked."""
        return self.campaign.batch is not None and self.campaign.batch.is_pilot_over


def progress_of(campaign: Campaign, *, now: datetime) -> Progress:
    """`now` is real time; what waits is due on the workspace's own clock. Seven queries at most."""
    batch = campaign.batch
    messages = Message.objects.filter(batch=batch) if batch else Message.objects.none()
    kinds, next_due_at = _kinds(messages)
    is_leaving, clock = campaign.state == State.SENDING, workspace_now(campaign.workspace, now)
    progress = Progress(
        campaign=campaign,
        kinds=kinds,
        next_due_at=next_due_at,
        reasons=_reasons(messages),
        speed=_speed(batch, now) if batch and is_leaving else Speed(),
        finishes_at=None,
        budget=batch_budget_of(batch) if batch and batch.budget_micros is not None else None,
        stopped_because="",
        every_ms=_every(campaign, kinds, next_due_at, now=now, clock=clock),
        lasted=_lasted(batch) if batch and campaign.state == State.SENT else None,
    )
    return _with_forecast(progress, batch, now, clock) if batch and is_leaving else progress


def _kinds(messages: QuerySet[Message]) -> tuple[list[Kind], datetime | None]:
    """One count over an index that holds all of it."""
    rows = messages.values("state").annotate(messages=Count("*"), due_at=Min("due_at")).order_by()
    found = {state: (number, due_at) for state, number, due_at in rows.values_list("state", "messages", "due_at")}
    counts = Counter({state: number for state, (number, _due) in found.items()})
    due = [due_at for state, (_number, due_at) in found.items() if state in WAITING]
    kinds = [Kind(key, words, sum(counts[state] for state in states), role) for key, words, states, role in KINDS]
    return kinds, min(due, default=None)


def _reasons(messages: QuerySet[Message]) -> list[Explained]:
    """Why some wait or were not sent: only rows that have a reason are looked at."""
    rows = messages.exclude(reason="").filter(state__in=(*WAITING, *NOT_SENT)).values("state", "reason")
    counted = rows.annotate(messages=Count("*")).order_by("-messages", "state", "reason")
    return explained([ReasonCount(**row) for row in counted], (*WAITING, *NOT_SENT))[:MOST_REASONS]


def _speed(batch: Batch, now: datetime) -> Speed:
    """The minute that runs, and as much of the one before as makes it whole."""
    this = now.replace(second=0, microsecond=0)
    since = this - MINUTE * MINUTES_SHOWN
    known = dict(SendingMinute.objects.filter(batch=batch, minute__gt=since).values_list("minute", "messages"))
    passed = (now - this) / MINUTE
    running_for = (now - batch.state_changed_at) / MINUTE if batch.state_changed_at else 1.0
    if running_for < 1:
        rate = (known.get(this, 0) + known.get(this - MINUTE, 0)) / max(running_for, 1 / 60)
    else:
        rate = known.get(this, 0) + known.get(this - MINUTE, 0) * (1 - passed)
    shown = [known.get(this - MINUTE * back) for back in range(MINUTES_SHOWN - 1, 0, -1)]
    return Speed(round(rate), [None if number is None else float(number) for number in shown])


def has_just_left(campaign: Campaign, now: datetime) -> bool:
    """`now` is real time."""
    return campaign.state == State.SENT and campaign.sent_at is not None and now - campaign.sent_at < JUST_LEFT


def is_warm(campaign: Campaign, now: datetime) -> bool:
    """It has left, and still something becomes of it. `now` is real time."""
    return campaign.state == State.SENT and campaign.sent_at is not None and now - campaign.sent_at < STILL_WARM


def _every(
    campaign: Campaign, kinds: list[Kind], next_due_at: datetime | None, *, now: datetime, clock: datetime
) -> int | None:
    """After how many milliseconds the page asks again: soon while messages leave, seldom while only waiting.

    A count of a million takes ten times as long as one of a hundred thousand: it is asked for more seldom.
    """
    soon = max(RUNNING_MS, sum(kind.messages for kind in kinds) // MESSAGES_A_MS)
    if campaign.state == State.SENDING:
        is_waiting = next_due_at is not None and next_due_at > clock
        return WAITING_MS if is_waiting else soon
    if is_warm(campaign, now) and any(kind.messages for kind in kinds if kind.key == "underway"):
        return soon if has_just_left(campaign, now) else max(soon, PAUSED_MS)
    return {State.PAUSED: PAUSED_MS, State.SCHEDULED: WAITING_MS}.get(State(campaign.state))


def _with_forecast(progress: Progress, batch: Batch, now: datetime, clock: datetime) -> Progress:
    standing = standing_of(batch.account, now)
    left = min(progress.waiting, batch.pilot_left) if batch.pilot_left else progress.waiting
    rate, is_stopped = standing.rate_per_second, standing.breaker != Breaker.CLOSED
    begins = max(clock, progress.next_due_at or clock)
    finish = finish_at(batch.account, left, purpose=batch.purpose, per_hour=batch.per_hour, rate=rate, at=begins)
    return replace(
        progress,
        finishes_at=None if is_stopped else finish,
        stopped_because=standing.because if is_stopped else "",
    )


def _lasted(batch: Batch) -> timedelta | None:
    known = SendingMinute.objects.filter(batch=batch).aggregate(first=Min("minute"), last=Max("minute"))
    return known["last"] - known["first"] + MINUTE if known["first"] else None
