"""One campaign's report, put together: what the page shows and what its live fragment refreshes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from accounts.models import TrackingMode
from campaigns.models import Campaign
from messaging.clock import workspace_now
from messaging.models import Message
from reports.figures import Cost, Figure, Stage, cost_of, figures_of, funnel_of, with_visits
from reports.progress import has_just_left, is_warm
from reports.queries import (
    NOT_SENT,
    WAITING,
    Counts,
    ReasonCount,
    batch_of,
    campaign_counts,
    clicks_of,
    messages_of,
    reasons_of,
    unfollowed_of,
)
from reports.reasons import Explained, explained
from shortlinks.traffic import Drawing, Visits, draw, visits_of

State = Campaign.State
SOONEST_MS, LEAVING_MS, WAITING_MS = 2_000, 15_000, 30_000
# Counting a campaign takes longer the larger it is: a large one is counted more seldom.
MESSAGES_A_MS = 20


@dataclass(frozen=True)
class Report:
    """Figures, funnel and visits of a campaign at one moment."""

    campaign: Campaign
    counts: Counts
    figures: list[Figure]
    cost: Cost | None
    funnel: list[Stage]
    visits: Visits | None
    drawing: Drawing | None
    every_ms: int | None
    # On the workspace's clock, as all the page.
    counted_at: datetime

    @property
    def tells_people_apart(self) -> bool:
        return _tells_people_apart(self.campaign)


def _tells_people_apart(campaign: Campaign) -> bool:
    return campaign.workspace.tracking_mode != TrackingMode.AGGREGATE


def report_of(campaign: Campaign, *, now: datetime) -> Report:
    """`now` is real time; what waits is due on the workspace's own clock. A constant number of queries."""
    counts = campaign_counts(campaign)
    visits = visits_of(clicks_of(campaign))
    # Where nobody is, a word at the top of the page says so.
    unfollowed = unfollowed_of(campaign) if _tells_people_apart(campaign) else 0
    every = refresh_after(campaign, now, messages=counts.targeted)
    return Report(
        campaign=campaign,
        counts=counts,
        figures=[with_visits(figure, visits, unfollowed=unfollowed) for figure in figures_of(counts)],
        cost=_cost(campaign, counts),
        funnel=funnel_of(counts),
        visits=visits,
        drawing=draw(visits, now=now if every else None) if visits else None,
        every_ms=every,
        counted_at=workspace_now(campaign.workspace, now),
    )


def _cost(campaign: Campaign, counts: Counts) -> Cost | None:
    if campaign.batch is None:
        return None
    return cost_of(
        counts, old_price_micros=campaign.batch.account.part_price_micros, currency=campaign.workspace.currency
    )


def refresh_after(campaign: Campaign, now: datetime, *, messages: int) -> int | None:
    """After how many milliseconds the figures are counted again: a large campaign's come behind its `progress`."""
    if campaign.state == State.SENDING or has_just_left(campaign, now):
        return min(max(SOONEST_MS, messages // MESSAGES_A_MS), LEAVING_MS)
    if campaign.state in {State.SCHEDULED, State.PAUSED}:
        return WAITING_MS
    return WAITING_MS if is_warm(campaign, now) else None


@dataclass(frozen=True)
class WhyNot:
    """A card of reasons."""

    messages: int
    reasons: list[Explained]


@dataclass(frozen=True)
class WhyNots:
    """The cards of reasons at one moment; counted anew as often as the figures."""

    campaign: Campaign
    not_sent: WhyNot
    not_delivered: WhyNot
    every_ms: int | None


def why_nots_of(campaign: Campaign, *, now: datetime) -> WhyNots:
    """`now` is real time. Two queries."""
    reasons = reasons_of(campaign)
    messages = messages_of(batch_of(campaign)).count()
    every = refresh_after(campaign, now, messages=messages)
    return WhyNots(campaign, _not_sent(reasons), _not_delivered(reasons), every)


def _not_sent(reasons: list[ReasonCount]) -> WhyNot:
    return _card(reasons, [*NOT_SENT, *WAITING])


def _not_delivered(reasons: list[ReasonCount]) -> WhyNot:
    states = [Message.State.UNDELIVERED, Message.State.EXPIRED, Message.State.REJECTED, Message.State.UNKNOWN]
    return _card(reasons, states)


def _card(reasons: list[ReasonCount], states: Iterable[str]) -> WhyNot:
    lines = explained(reasons, states)
    return WhyNot(sum(line.messages for line in lines), lines)
