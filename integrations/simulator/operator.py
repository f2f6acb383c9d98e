"""The simulated operator: takes messages, makes phones ring, and lets people answer. Nothing is ever sent."""

import time
import zlib
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum

from django.conf import settings

from integrations.gateways.base import (
    Absent,
    Accepted,
    ErrorClass,
    Found,
    Outgoing,
    Reconciliation,
    Rejected,
    ReportStatus,
    SendResult,
    Undecidable,
    Unknown,
)
from integrations.gateways.encoding import measure
from integrations.simulator import bulk
from integrations.simulator.magic import Behaviour, behaviour_of

# The ordinary operator reports after 2 to 8 seconds; `settings.SIMULATOR_SECONDS` stretches or removes all waiting.
FASTEST_SECONDS, SLOWEST_SECONDS = 2.0, 8.0
SLOW_FACTOR = 10.0
KEEP_SECONDS = 30 * 86_400.0


class Mode(StrEnum):
    NORMAL = "normal"
    SLOW = "slow"
    DOWN = "down"


def mode_of(account: str) -> Mode:
    return Mode(bulk.mode_of(account) or Mode.NORMAL)


def set_mode(*, account: str, mode: Mode) -> None:
    bulk.set_mode(account, mode)


def pace(mode: Mode) -> float:
    """How much slower than ordinary everything is: 1 is ordinary, 0 does not wait."""
    return settings.SIMULATOR_SECONDS / SLOWEST_SECONDS * (SLOW_FACTOR if mode == Mode.SLOW else 1)


def take(account: str, batch: Sequence[Outgoing]) -> list[SendResult]:
    """The answers to a submission, in order. The books are closed before anybody waits for an answer."""
    mode = mode_of(account)
    if mode == Mode.DOWN:
        return [Rejected(ErrorClass.GATEWAY_DOWN)] * len(batch)
    behaviours = [behaviour_of(each.to) for each in batch]
    refusals = [_refusal(account, each, behaviour) for each, behaviour in zip(batch, behaviours, strict=True)]
    now = bulk.clock()
    entries = [
        _entry(each, behaviour, now, pace(mode))
        for each, behaviour, refusal in zip(batch, behaviours, refusals, strict=True)
        if refusal is None
    ]
    ids = iter(bulk.add(account, entries, now))
    results = [
        refusal or _acceptance(next(ids), each, behaviour)
        for each, behaviour, refusal in zip(batch, behaviours, refusals, strict=True)
    ]
    time.sleep(max((behaviour.answer_after_seconds for behaviour in behaviours), default=0) * pace(mode))
    return results


def _refusal(account: str, message: Outgoing, behaviour: Behaviour) -> SendResult | None:
    if behaviour.is_lost_at_first and bulk.count_try(account, message.to) % 2:
        return Unknown("cut before the message was taken")
    if behaviour.refusal is None:
        return None
    tries = behaviour.refuses_first_tries
    if tries and bulk.count_try(account, message.to) % (tries + 1) == 0:
        return None
    return Rejected(behaviour.refusal, code=behaviour.refusal, retry_after_seconds=behaviour.retry_after_seconds)


def _entry(message: Outgoing, behaviour: Behaviour, now: float, pace_now: float) -> bulk.Entry:
    seconds = behaviour.report_after_seconds
    if seconds is None:
        seconds = _ordinary_seconds(message.reference)
    # Repeated reports come apart, in calls of their own.
    dues = [now + (seconds + repeat) * pace_now for repeat in range(behaviour.reports)]
    reports = tuple((due, behaviour.status.value, behaviour.code) for due in dues)
    return bulk.Entry(message.reference, message.to, message.sender, message.text, reports)


def _ordinary_seconds(reference: str) -> float:
    """Between 2 and 8 seconds, the same for the same message."""
    share = zlib.crc32(reference.encode()) / 0xFFFFFFFF
    return FASTEST_SECONDS + share * (SLOWEST_SECONDS - FASTEST_SECONDS)


def _acceptance(provider_id: str, message: Outgoing, behaviour: Behaviour) -> SendResult:
    if behaviour.is_cut_after_acceptance:
        return Unknown("cut after the message was taken")
    return Accepted((provider_id,), parts=measure(message.text).parts)


def look_up(account: str, reference: str) -> Reconciliation:
    """What the books say about a reference."""
    if mode_of(account) == Mode.DOWN:
        return Undecidable()
    messages = bulk.taken(account, reference)
    if not messages:
        return Absent()
    return Found(tuple(each.provider_id for each in messages), status=ReportStatus(messages[0].status))


def reply(*, account: str, phone: str, text: str) -> str:
    """Somebody writes back from a simulated phone; the id of the inbound message."""
    entry = bulk.Entry(reference="", phone=phone, sender="", text=text, is_inbound=True)
    return bulk.add(account, [entry], bulk.clock())[0]


def purge() -> int:
    """Forget messages as old as the webhooks we forget; how many."""
    return bulk.purge(bulk.clock() - KEEP_SECONDS)


def moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, tz=UTC)
