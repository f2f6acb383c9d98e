"""Which message an order is owed to, and why: a reading of what is known now (docs/decisions/0019).

A code first, then the last human click within the window, never delivery alone; one order, one message.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from audience.queries import may_follow
from campaigns.models import Credit
from integrations.models import Order
from messaging.models import Message, PromoCode, PromoPool
from messaging.queries import clicks_of, message_at
from shortlinks.click_ids import read_click_id

Reason = Credit.Reason
State = Message.State
# What these carried, nobody has read.
NOT_ARRIVED = (State.REJECTED, State.UNDELIVERED, State.EXPIRED)


@dataclass(frozen=True)
class Evidence:
    """What speaks for a message, or why nothing does."""

    reason: str
    message: Message | None = None
    happened_at: datetime | None = None
    code: str = ""


def evidence_for(order: Order, *, window: timedelta) -> Evidence:
    """The same for the same facts, whenever and however often it is asked."""
    if order.is_test:
        return Evidence(Reason.TEST)
    return _by_code(order, window) or _by_click(order, order.placed_at - window)


# Codes ----------------------------------------------------------------------------------------------


def _by_code(order: Order, window: timedelta) -> Evidence | None:
    written = {plain(code) for code in order.discount_codes} - {""}
    if not written or order.contact is None:
        return None
    return _own_code(order, written) or _shared_code(order, written, window)


def plain(code: str) -> str:
    """As tills compare codes: without case and blanks."""
    return "".join(code.split()).casefold()


def _own_code(order: Order, written: Collection[str]) -> Evidence | None:
    """One that was handed to this very contact: by the last message with it before the order, however long ago."""
    theirs = PromoCode.objects.filter(contact=order.contact_id).values_list("pool", "code")
    used = {pool: code for pool, code in theirs if plain(code) in written}
    message = _handed_over(order).filter(batch__promo_pool__in=used).first() if used else None
    if message is None or message.batch.promo_pool_id is None:
        return None
    return Evidence(Reason.OWN_CODE, message, message.submitted_at, used[message.batch.promo_pool_id])


def _shared_code(order: Order, written: Collection[str], window: timedelta) -> Evidence | None:
    """A code that anybody may have read says little: it must be one offer's alone, and have reached this contact
    within the window by one batch alone."""
    offers = PromoPool.objects.exclude(shared_code="").values_list("pk", "shared_code")
    used = [(pk, code) for pk, code in offers if plain(code) in written]
    if len(used) != 1:
        return None
    [(pool, code)] = used
    since = order.placed_at - window
    told = _handed_over(order).filter(batch__promo_pool=pool, submitted_at__gte=since).exclude(state__in=NOT_ARRIVED)
    messages = list(told)
    if len({message.batch_id for message in messages}) != 1:
        return None
    return Evidence(Reason.SHARED_CODE, messages[0], messages[0].submitted_at, code)


def _handed_over(order: Order) -> QuerySet[Message]:
    """What left for the order's contact before the order, the latest first."""
    sent = Message.objects.filter(contact=order.contact_id, submitted_at__lte=order.placed_at, batch__is_test=False)
    return sent.select_related("batch").order_by("-submitted_at", "-pk")


# Clicks ---------------------------------------------------------------------------------------------


def _by_click(order: Order, since: datetime) -> Evidence:
    """The last one, whichever way it is known."""
    own, kept = _own_click(order, since), _kept_click(order, since)
    if own.happened_at is None or (kept and kept.happened_at and kept.happened_at > own.happened_at):
        return kept or own
    return own


def _kept_click(order: Order, since: datetime) -> Evidence | None:
    """What the shop kept proves itself: somebody came by this link, and ordered. It may be another's phone."""
    click = read_click_id(workspace=order.workspace, text=order.click_id) if order.click_id else None
    if click is None or not since <= click.clicked_at <= order.placed_at:
        return None
    message = message_at(link=click.link, position=click.position)
    if message is None or message.batch.is_test or not _is_followed(message):
        return None
    return Evidence(Reason.CLICK_ID, message, click.clicked_at)


def _is_followed(message: Message) -> bool:
    """Of somebody who was erased nothing is left to follow; what they did stays counted."""
    return message.contact is None or may_follow(workspace=message.workspace, contact=message.contact)


def _own_click(order: Order, since: datetime) -> Evidence:
    """The contact's last human click on a link of any message; without one, why."""
    if order.contact is None:
        return Evidence(Reason.NOBODY)
    if not may_follow(workspace=order.workspace, contact=order.contact):
        return Evidence(Reason.NOT_FOLLOWED)
    clicks = clicks_of(order.contact).filter(clicked_at__gte=since, clicked_at__lte=order.placed_at)
    # Of two in the same moment, facts decide and not which landed first.
    click = clicks.order_by("-clicked_at", "-link", "-position").first()
    if click is None or click.position is None:
        return Evidence(Reason.NO_CLICK)
    return Evidence(Reason.CLICK, message_at(link=click.link, position=click.position), click.clicked_at)
