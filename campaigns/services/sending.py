"""From a draft to messages in a batch. The row of the campaign is locked while its recipients are written, so that
two workers never write the same one twice; a worker that dies is followed by the next sweep."""

import logging
from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django_scopes import scope, scopes_disabled

from accounts.bulk import refresh_statistics
from accounts.models import User
from audience.segments.rules import BadRules
from campaigns.audience import audience_of
from campaigns.draft import LINK
from campaigns.models import Campaign
from campaigns.review import Review
from campaigns.tasks import wake_preparation
from landing.queries import public_url
from messaging.clock import workspace_now
from messaging.compose import Template
from messaging.models import Batch, Message, TeamNumber
from messaging.services import batches
from messaging.services.promo import NoCodesLeft
from messaging.services.team import send_test
from messaging.spending import micros_of
from shortlinks.models import ShortLink
from shortlinks.services import create_tracked_link

logger = logging.getLogger(__name__)

State = Campaign.State
# What became of the batch says what becomes of the campaign.
FOLLOWS = {
    Batch.State.RUNNING: State.SENDING,
    Batch.State.PAUSED: State.PAUSED,
    Batch.State.CANCELLED: State.CANCELLED,
    Batch.State.DONE: State.SENT,
}

# What may have changed since the report card was green: it waits for somebody who mends that.
HOLDS = (NoCodesLeft, BadRules, batches.NoStopRoute)

# A test needs a text and a sender, no audience.
OF_A_TEST = {"text", "sender", "page", "target_url"}


class NotReady(Exception):
    """The campaign can't leave; `problems` says why, in words."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


class WrongState(Exception):
    """The campaign is not in a state that allows this."""


@transaction.atomic
def send_campaign(*, campaign: Campaign, now: datetime) -> Campaign:
    """Let it leave now: the batch is made here, its messages by a worker. Raises NotReady, WrongState."""
    campaign = locked_campaign(campaign, State.DRAFT, State.SCHEDULED)
    clock = workspace_now(campaign.workspace, now)
    campaign.scheduled_at = None  # it leaves now: that hour says nothing any more
    review = _check(campaign, clock)
    links = _links_of(campaign)
    campaign.link = links.get(LINK)
    campaign.batch = batches.create_batch(
        workspace=campaign.workspace,
        name=campaign.name,
        purpose=campaign.purpose,
        text=campaign.text,
        sender=campaign.sender,  # type: ignore[arg-type]  # checked
        links=links,
        now=now,
        topic=campaign.topic,
        promo_pool=campaign.promo_pool,
        budget_micros=None if campaign.budget is None else micros_of(campaign.budget, campaign.workspace.currency),
        per_hour=campaign.per_hour,
        pilot_left=review.first_share,
    )
    campaign.state, campaign.sent_at, campaign.held_because = State.SENDING, now, ""
    campaign.save()
    wake_preparation(campaign.pk)
    return campaign


@transaction.atomic
def schedule_campaign(*, campaign: Campaign, at: datetime, now: datetime) -> Campaign:
    """Let it leave at this moment of the workspace's clock. Raises NotReady, WrongState."""
    campaign = locked_campaign(campaign, State.DRAFT, State.SCHEDULED)
    clock = workspace_now(campaign.workspace, now)
    if at <= clock:
        raise NotReady([_("This moment is past: choose a later one.")])
    campaign.scheduled_at = at
    _check(campaign, clock)
    campaign.state, campaign.held_because = State.SCHEDULED, ""
    campaign.save()
    return campaign


def send_test_of(*, campaign: Campaign, team_number: TeamNumber, now: datetime) -> Message:
    """The draft on a colleague's phone, with a link of its own. Raises NotReady, NotConfirmed, TooManyTests."""
    review = Review(campaign, workspace_now(campaign.workspace, now))
    if problems := [line.text for line in review.problems if line.field in OF_A_TEST]:
        raise NotReady(problems)
    with transaction.atomic():
        return send_test(
            workspace=campaign.workspace,
            sender=campaign.sender,  # type: ignore[arg-type]  # checked
            text=campaign.text,
            links=_links_of(campaign),
            team_number=team_number,
            purpose=campaign.purpose,
            now=now,
        )


def pause_campaign(*, campaign: Campaign, by: User | None, now: datetime) -> Campaign:
    """Hold what has not left. Raises WrongState."""
    return _move(campaign, batches.pause_batch, by=by, now=now)


def resume_campaign(*, campaign: Campaign, by: User | None, now: datetime) -> Campaign:
    """Go on where it stopped: with its sending, or with the writing of its messages. Raises WrongState, NoStopRoute."""
    if not campaign.is_half_written:
        return _move(campaign, batches.resume_batch, by=by, now=now)
    with transaction.atomic():
        campaign = locked_campaign(campaign, State.PAUSED)
        campaign.state, campaign.held_because = State.SENDING, ""
        campaign.save(update_fields=["state", "held_because"])
        wake_preparation(campaign.pk)
    return campaign


@transaction.atomic
def cancel_campaign(*, campaign: Campaign, by: User | None, now: datetime) -> Campaign:
    """Nothing more leaves, for good; a scheduled one is a draft again. Raises WrongState."""
    if campaign.state == State.SCHEDULED:
        campaign = locked_campaign(campaign, State.SCHEDULED)
        campaign.state = State.DRAFT
        campaign.save(update_fields=["state"])
        return campaign
    return _move(campaign, batches.cancel_batch, by=by, now=now)


def prepare_campaign(*, campaign: Campaign, now: datetime) -> Campaign:
    """Write the messages of a campaign that is leaving, and start it. May run twice, also at the same time."""
    with scope(workspace=campaign.workspace), translation.override(campaign.workspace.language):
        has_written = False
        while _write_slice(campaign, now):
            has_written = True
        if has_written:  # whoever wakes up while another worker writes has nothing to look at
            refresh_statistics(Message)
        campaign.refresh_from_db()
    return campaign


@transaction.atomic
def _write_slice(campaign: Campaign, now: datetime) -> bool:
    """The next recipients in order; False when there are none left, and the batch has started."""
    locked = Campaign.objects.select_for_update(skip_locked=True).filter(pk=campaign.pk).first()
    if locked is None or locked.batch is None or locked.batch.state != Batch.State.PREPARING:
        return False  # somebody else is at it, or nothing is left to do
    campaign, batch = locked, locked.batch
    assert campaign.sent_at is not None  # it has a batch
    try:
        # All of them: the gate says why somebody gets nothing.
        people = audience_of(campaign, workspace_now(campaign.workspace, campaign.sent_at))
        if batches.add_next(batch=batch, contacts=people, due_at=workspace_now(campaign.workspace, now), now=now):
            return True
        _start(batch, now)
    except HOLDS as error:
        _hold(campaign, str(error))
    return False


def _hold(campaign: Campaign, why: str) -> None:
    """Nothing has left; asked again by itself, it would only fail again."""
    campaign.state, campaign.held_because = State.PAUSED, why[:400]
    campaign.save(update_fields=["state", "held_because"])


def _start(batch: Batch, now: datetime) -> None:
    try:
        batches.start_batch(batch=batch, by=None, now=now)
    except batches.RemindersOnly:  # the sector changed while its messages were written
        batches.cancel_batch(batch=batch, by=None, now=now)


def launch_scheduled(*, now: datetime) -> int:
    """Send the campaigns whose hour has come on their workspace's clock; one that can't leave is a draft again."""
    with scopes_disabled():
        waiting = list(Campaign.objects.filter(state=State.SCHEDULED).select_related("workspace"))
    launched = 0
    for campaign in waiting:
        with scope(workspace=campaign.workspace), translation.override(campaign.workspace.language):
            if campaign.scheduled_at and campaign.scheduled_at <= workspace_now(campaign.workspace, now):
                launched += _launch(campaign, now)
    return launched


def _launch(campaign: Campaign, now: datetime) -> bool:
    try:
        send_campaign(campaign=campaign, now=now)
    except NotReady as error:
        reason, waiting = str(error)[:400], Campaign.objects.filter(pk=campaign.pk, state=State.SCHEDULED)
        waiting.update(state=State.DRAFT, held_because=reason)
    except WrongState:  # somebody was quicker
        return False
    except Exception:  # it stays scheduled, and holds up nobody else's
        logger.exception("Campaign %s could not leave at its hour.", campaign.pk)
        return False
    return True


def sync_campaigns(*, now: datetime) -> int:
    """Bring campaigns to what became of their batches, and wake those whose preparation was interrupted."""
    with scopes_disabled():
        open_ones = Campaign.objects.filter(state__in=[State.SENDING, State.PAUSED]).select_related("batch")
        changed = 0
        for campaign in open_ones:
            batch = campaign.batch
            if batch and batch.state == Batch.State.PREPARING and campaign.state == State.SENDING:
                wake_preparation(campaign.pk)
            changed += _follow(campaign)
    return changed


def _follow(campaign: Campaign) -> bool:
    """Whether the state changed."""
    assert campaign.batch is not None  # it is leaving, or has left
    state = FOLLOWS.get(Batch.State(campaign.batch.state), campaign.state)
    if state == campaign.state:
        return False
    campaign.state = state
    campaign.save(update_fields=["state"])
    return True


def _move(campaign: Campaign, move: Callable[..., Batch], *, by: User | None, now: datetime) -> Campaign:
    if campaign.batch is None:
        raise WrongState(_("This campaign has not left."))
    try:
        move(batch=campaign.batch, by=by, now=now)
    except batches.WrongState as error:
        raise WrongState(str(error)) from error
    campaign.batch.refresh_from_db()
    _follow(campaign)
    return campaign


def locked_campaign(campaign: Campaign, *allowed: str) -> Campaign:
    """The row as it is now, until the transaction ends. Raises WrongState."""
    locked = Campaign.objects.select_for_update().get(pk=campaign.pk)
    if locked.state not in allowed:
        raise WrongState(
            _("This is not possible: the campaign is “%(state)s”.") % {"state": locked.get_state_display()}
        )
    return locked


def _check(campaign: Campaign, clock: datetime) -> Review:
    review = Review(campaign, clock)
    if review.problems:
        raise NotReady([line.text for line in review.problems])
    return review


def _links_of(campaign: Campaign) -> dict[str, ShortLink]:
    """A link of its own, where the text has one."""
    if not Template(campaign.text).needs_link:
        return {}
    # Checked: a text with a link has one of them. Only pages of ours know what a visit token is.
    address = public_url(campaign.page) if campaign.page else campaign.target_url
    link = create_tracked_link(
        workspace=campaign.workspace,
        label=campaign.name,
        target_url=address,
        carries_visit=campaign.page is not None,
    )
    return {LINK: link}
