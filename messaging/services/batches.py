"""Batches: messages that share text, sender, purpose, account, budget and a state."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import TypedDict, Unpack

from django.db import transaction
from django.utils.translation import gettext as _
from django_scopes import scope

from accounts.models import User, Workspace
from audience.models import Topic
from messaging.compose import CODE_FIELD, Template
from messaging.merge_fields import attribute_names
from messaging.models import Batch, BatchLink, BatchPurpose, Lane, Message, PromoPool, Sender, SendingRules
from messaging.rules import rules_of
from messaging.services.crowds import add_next, add_recipients
from messaging.services.frames import BatchClosed
from messaging.services.places import LinksDiverge
from messaging.services.rations import end_pilot
from messaging.services.recipients import queue_message
from messaging.services.senders import BadSender, check_sender_name
from messaging.services.stop_route import NoStopRoute, appended_clause, clause_of_text, has_stop_route, needs_stop
from messaging.tasks import wake
from shortlinks.models import ShortLink

__all__ = [
    "BadSender",
    "BadText",
    "BatchClosed",
    "LinksDiverge",
    "NoStopRoute",
    "RemindersOnly",
    "WrongState",
    "add_next",
    "add_recipients",
    "cancel_batch",
    "check_sector",
    "create_batch",
    "pause_batch",
    "queue_message",
    "resume_batch",
    "start_batch",
]

State = Batch.State
OPEN = (State.PREPARING, State.RUNNING, State.PAUSED)
# Messages of a cancelled batch are closed in pieces: by the caller first, by the sweeper after that.
CANCEL_CHUNK = 5_000


class BadText(Exception):
    """The text can't be sent; `problems` says why, in words."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


class WrongState(Exception):
    """The batch is not in a state that allows this."""


class RemindersOnly(WrongState):
    """The workspace's sector forbids promotion: no marketing batch starts."""


class BatchOptions(TypedDict, total=False):
    """What a batch may be besides."""

    promo_pool: PromoPool | None
    topic: Topic | None
    budget_micros: int | None
    # Leaves little by little: so many an hour; so many messages, and the rest when somebody resumes it.
    per_hour: int | None
    pilot_left: int | None
    is_standing: bool
    # One-time codes, tests, and answers to somebody who waits; never marketing.
    is_immediate: bool
    # Of one-time codes: how long each is good for.
    lifetime_minutes: int | None
    # The question of a double opt-in.
    asks_consent: bool
    is_test: bool


@transaction.atomic
def create_batch(
    *,
    workspace: Workspace,
    name: str,
    purpose: str,
    text: str,
    sender: Sender,
    links: Mapping[str, ShortLink],
    now: datetime,
    extra_fields: Collection[str] = (),
    **options: Unpack[BatchOptions],
) -> Batch:
    """A batch that takes messages and does not send yet. `links` are by placeholder; `extra_fields` are merge
    fields that every `queue_message` fills. Raises BadText, BadSender, NoStopRoute.
    """
    template, promo_pool = Template(text), options.get("promo_pool")
    check_sender_name(sender.name)
    clause = clause_of_text(template, sender.account) if needs_stop(purpose) else ""
    with scope(workspace=workspace):
        check_text(
            template, purpose=purpose, sender=sender, links=links, extra_fields=extra_fields, promo_pool=promo_pool
        )
    is_immediate = options.pop("is_immediate", False) and (purpose == BatchPurpose.SERVICE or options.get("is_test"))
    with scope(workspace=workspace):
        batch = Batch.objects.create(
            workspace=workspace,
            name=name[:120],
            purpose=purpose,
            lane=_lane(purpose, bool(is_immediate)),
            account=sender.account,
            sender_name=sender.name,
            text=text,
            stop_clause=clause,
            is_immediate=bool(is_immediate),
            state_changed_at=now,
            **options,
        )
        BatchLink.objects.bulk_create(
            BatchLink(workspace=workspace, batch=batch, placeholder=placeholder, link=link)
            for placeholder, link in links.items()
            if placeholder in template.links or template.has_stop_link
        )
    return batch


def check_text(
    template: Template,
    *,
    purpose: str,
    sender: Sender,
    links: Collection[str],
    extra_fields: Collection[str] = (),
    promo_pool: PromoPool | None = None,
) -> None:
    """In the workspace's scope. Raises BadText."""
    filled = [*extra_fields, CODE_FIELD] if promo_pool else extra_fields
    problems = template.problems(extra_fields=filled, links=links, own_fields=attribute_names(template))
    if template.has_stop_link and needs_stop(purpose) and appended_clause(sender.account):
        problems.append(_("Remove {stop_link}: the provider adds its own STOP mention."))
    if problems:
        raise BadText(problems)


def _lane(purpose: str, is_immediate: bool) -> str:
    if is_immediate:
        return Lane.CODES
    return Lane.SERVICE if purpose == BatchPurpose.SERVICE else Lane.MARKETING


def start_batch(*, batch: Batch, by: User | None, now: datetime) -> Batch:
    """Let the messages leave. Raises NoStopRoute, RemindersOnly, WrongState."""
    if not batch.is_test:
        check_sector(rules_of(batch.workspace), batch.purpose)
    if not has_stop_route(batch):
        raise NoStopRoute(_("The STOP number has changed: create the message again."))
    return _move(batch, State.RUNNING, allowed=(State.PREPARING,), by=by, now=now)


def check_sector(rules: SendingRules, purpose: str) -> None:
    """Raises RemindersOnly."""
    if purpose == BatchPurpose.MARKETING and rules.is_reminders_only:
        sector = rules.get_sector_display().partition(":")[0].strip()
        raise RemindersOnly(_("This workspace sends reminders only (%(sector)s).") % {"sector": sector})


def pause_batch(*, batch: Batch, by: User | None, now: datetime) -> Batch:
    """Hold what has not left; what is being handed over this second still goes. Raises WrongState."""
    return _move(batch, State.PAUSED, allowed=(State.RUNNING,), by=by, now=now)


def resume_batch(*, batch: Batch, by: User | None, now: datetime) -> Batch:
    """Go on, with today's STOP number; a pilot is over. Raises NoStopRoute, RemindersOnly, WrongState."""
    if not batch.is_test:
        check_sector(rules_of(batch.workspace), batch.purpose)
    if needs_stop(batch.purpose):
        clause = clause_of_text(Template(batch.text), batch.account)
        with scope(workspace=batch.workspace):
            Batch.objects.filter(pk=batch.pk, state=State.PAUSED).update(stop_clause=clause)
    with scope(workspace=batch.workspace):
        end_pilot(batch)
    return _move(batch, State.RUNNING, allowed=(State.PAUSED,), by=by, now=now)


def cancel_batch(*, batch: Batch, by: User | None, now: datetime) -> Batch:
    """Nothing more leaves, for good. Raises WrongState."""
    _move(batch, State.CANCELLED, allowed=OPEN, by=by, now=now)
    close_cancelled(batch=batch, now=now)
    return batch


def close_cancelled(*, batch: Batch, now: datetime) -> int:
    """Mark some waiting messages of a cancelled batch; how many."""
    with scope(workspace=batch.workspace):
        waiting = Message.objects.filter(batch=batch, state=Message.State.QUEUED)
        return Message.objects.filter(
            pk__in=list(waiting.values_list("pk", flat=True)[:CANCEL_CHUNK]), state=Message.State.QUEUED
        ).update(state=Message.State.CANCELLED, reason="cancelled", finished_at=now)


def _move(batch: Batch, to: str, *, allowed: Collection[str], by: User | None, now: datetime) -> Batch:
    with scope(workspace=batch.workspace):
        moved = Batch.objects.filter(pk=batch.pk, state__in=allowed).update(
            state=to, state_changed_at=now, state_changed_by=str(by or "")[:150], paused_because=""
        )
        batch.refresh_from_db()
    if not moved:
        raise WrongState(_("This is not possible: the message is “%(state)s”.") % {"state": batch.get_state_display()})
    wake(batch.account_id)
    return batch
