"""The webhook inbox: verify, store once, answer, then work.

Gateways are received here; shops bring their own door and store with `store_call`. What a delivery means is
the business of its origin's handler.
"""

import hmac
import logging
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import F
from django.dispatch import Signal
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from audience.bulk import commit_without_waiting
from integrations.addresses import address_secret
from integrations.bulk import insert_delivery
from integrations.gateways.base import BadWebhook, DeliveryReport, IncomingMessage, WebhookCall
from integrations.gateways.registry import gateway_of
from integrations.models import EventSource, GatewayAccount, InboundDelivery, ShopConnection
from integrations.services import waking
from integrations.signals import delivery_reported, message_received

logger = logging.getLogger(__name__)

MAX_BODY_BYTES = 256 * 1024
KEEP = timedelta(days=30)
# A worker that dies in the middle of a delivery is noticed when the next try is due.
RETRY_AFTER = tuple(timedelta(seconds=seconds) for seconds in (10, 30, 120, 600, 1_800, 7_200, 21_600))
HELD_FOR = timedelta(minutes=5)
MAX_ATTEMPTS = len(RETRY_AFTER) + 1
# What parsing may need besides the body. Signatures are never kept.
KEPT_HEADERS = frozenset({"content-type", "webhook-id", "webhook-timestamp"})

Origin = GatewayAccount | ShopConnection | EventSource
COLUMNS: dict[type[Origin], str] = {
    GatewayAccount: "gateway_account_id",
    ShopConnection: "shop_id",
    EventSource: "source_id",
}
# Works on one delivery inside its workspace and says in words what came of it. It may run twice.
Handler = Callable[[InboundDelivery, datetime], str]


class RefusedWebhook(Exception):
    """The call does not prove that it comes from the provider."""


class UnknownWebhook(Exception):
    """The gateway has no webhook of this kind."""


class CannotUse(Exception):
    """The delivery can't be used, today or ever; the message says why, in words a merchant reads."""


class Parked(Exception):
    """The delivery waits for another one; the message says for which, in words a merchant reads."""


class ReceiverFailed(Exception):
    """A room could not take the news; it is told again later."""


_handlers: dict[type[Origin], Handler] = {}


def register_handler(origin: type[Origin], handler: Handler) -> None:
    """Say who works on the deliveries of an origin; called when the room starts."""
    _handlers[origin] = handler


def receive_gateway_call(*, public_id: uuid.UUID, secret: str, kind: str, call: WebhookCall, now: datetime) -> bool:
    """Store a provider's call; False for a repeated one. Raises RefusedWebhook, UnknownWebhook."""
    with scopes_disabled():
        account = GatewayAccount.objects.select_related("workspace").filter(public_id=public_id).first()
    if account is None:
        raise RefusedWebhook
    with scope(workspace=account.workspace):
        call = replace(call, secrets=(account.webhook_secret,), received_at=now)
        gateway = gateway_of(account)
        is_ours = hmac.compare_digest(secret.encode(), address_secret(account).encode())
        if not is_ours or (kind in gateway.webhook_kinds and not gateway.verify(kind, call)):
            count_refused(account)
            raise RefusedWebhook
        if kind not in gateway.webhook_kinds:
            raise UnknownWebhook(kind)
        key, at_once = gateway.dedup_key(kind, call), kind in gateway.spoken_kinds
        return store_call(origin=account, topic=kind, dedup_key=key, call=call, now=now, at_once=at_once)


def count_refused(origin: Origin) -> None:
    type(origin).objects.filter(pk=origin.pk).update(refused_webhooks=F("refused_webhooks") + 1)


def store_call(
    *,
    origin: Origin,
    topic: str,
    dedup_key: str,
    call: WebhookCall,
    now: datetime,
    at_once: bool = False,
    keep: timedelta = KEEP,
) -> bool:
    """Store a verified call once and wake a worker, or work on it `at_once`; False when it was here before.

    Whatever becomes of it, it is deleted after `keep`.
    """
    delivery_id = insert_delivery(
        workspace_id=origin.workspace_id,
        origin={COLUMNS[type(origin)]: origin.pk},
        topic=topic,
        dedup_key=dedup_key,
        context=_context_of(call) if isinstance(origin, GatewayAccount) else {},
        body=call.body,
        received_at=now,
        purge_at=now + keep,
    )
    if delivery_id is None:
        return False
    # Robust: what goes wrong here the sweep finds, and the provider gets its 200 all the same.
    begin = partial(work, delivery_id=delivery_id, now=now) if at_once else partial(waking.wake, delivery_id)
    transaction.on_commit(begin, robust=True)
    return True


def _context_of(call: WebhookCall) -> dict[str, Any]:
    """Of providers alone: shops and programs say all in the body."""
    headers = {name: value for name, value in call.headers.items() if name in KEPT_HEADERS}
    return {"method": call.method, "headers": headers, "query": dict(call.query)}


def stored_call(delivery: InboundDelivery) -> WebhookCall:
    """A provider's call as far as it was kept: what parsing reads."""
    return WebhookCall(body=delivery.body, received_at=delivery.received_at, **delivery.context)


def work(*, delivery_id: int, now: datetime) -> InboundDelivery | None:
    """Work on a stored call if it is due and nobody else does; afterwards it is done, due again, or dead."""
    with scopes_disabled():
        delivery = _claim(delivery_id, now)
    if delivery is None:
        return None
    with scope(workspace=delivery.workspace):
        if delivery.attempts > MAX_ATTEMPTS:
            return _finish(delivery, InboundDelivery.State.DEAD, "given up: a worker died every time")
        try:
            outcome = _handlers[type(delivery.origin)](delivery, now)
        except (BadWebhook, CannotUse) as error:
            return _finish(delivery, InboundDelivery.State.DEAD, str(error))
        except Parked as error:
            return _finish(delivery, InboundDelivery.State.NEW, str(error))
        except Exception as error:  # Whatever went wrong, the call is kept and tried again.
            is_logged = isinstance(error, ReceiverFailed)
            logger.error("Delivery %s failed (attempt %s)", delivery.pk, delivery.attempts, exc_info=not is_logged)
            return _fail(delivery, error)
        return _finish(delivery, InboundDelivery.State.DONE, outcome)


def _claim(delivery_id: int, now: datetime) -> InboundDelivery | None:
    """One worker wins: the update is conditional on the attempts it saw."""
    due = InboundDelivery.objects.filter(pk=delivery_id, state=InboundDelivery.State.NEW, next_attempt_at__lte=now)
    delivery = due.select_related("workspace", "gateway_account", "shop", "source__workspace").first()
    if delivery is None:
        return None
    wait = RETRY_AFTER[min(delivery.attempts, len(RETRY_AFTER) - 1)]
    with _soon(delivery):
        won = due.filter(attempts=delivery.attempts).update(attempts=F("attempts") + 1, next_attempt_at=now + wait)
    delivery.attempts += 1
    delivery.next_attempt_at = now + wait
    return delivery if won else None


def hold(delivery: InboundDelivery) -> None:
    """For work that takes long, by whoever does it: nobody else takes the delivery up meanwhile."""
    until = timezone.now() + HELD_FOR
    InboundDelivery.objects.filter(pk=delivery.pk, state=InboundDelivery.State.NEW).update(next_attempt_at=until)


def _fail(delivery: InboundDelivery, error: Exception) -> InboundDelivery:
    """The claim has set the next try; after the last one the delivery is dead. No details: they may hold numbers."""
    is_last = delivery.attempts >= MAX_ATTEMPTS
    state = InboundDelivery.State.DEAD if is_last else InboundDelivery.State.NEW
    return _finish(delivery, state, type(error).__name__)


def _finish(delivery: InboundDelivery, state: str, outcome: str) -> InboundDelivery:
    delivery.state = state
    delivery.outcome = outcome[:200]
    if state != InboundDelivery.State.NEW:
        delivery.next_attempt_at = None
    with _soon(delivery):
        delivery.save(update_fields=["state", "outcome", "next_attempt_at"])
    return delivery


@contextmanager
def _soon(delivery: InboundDelivery) -> Iterator[None]:
    """Not on disk yet when it is over: what a crash of the database forgets is worked on again."""
    with transaction.atomic():
        commit_without_waiting(workspace_id=delivery.workspace_id)
        yield


def announce_gateway_news(delivery: InboundDelivery, now: datetime) -> str:
    """The handler of gateways: parse, and tell the rooms on our left. Raises BadWebhook, ReceiverFailed."""
    account = delivery.gateway_account
    assert account is not None
    news = gateway_of(account).parse(delivery.topic, stored_call(delivery))
    reports = [each for each in news if isinstance(each, DeliveryReport)]
    messages = [each for each in news if isinstance(each, IncomingMessage)]
    failures = []
    for signal, name, items in ((message_received, "messages", messages), (delivery_reported, "reports", reports)):
        try:
            if items:
                announce(signal, account=account, **{name: items})
        except ReceiverFailed as failure:  # One kind of news never holds back the other.
            failures.append(failure)
    if failures:
        raise failures[0]
    return f"{len(reports)} reports, {len(messages)} messages"


def announce(signal: Signal, **news: object) -> list[object]:
    """Tell every receiver, then raise ReceiverFailed if one of them could not take it; what the others answered.

    A receiver that fails keeps nobody else from hearing, and may hear the same news again.
    """
    answers = signal.send_robust(sender=None, **news)
    failures = [answer for _, answer in answers if isinstance(answer, Exception)]
    if failures:
        raise ReceiverFailed(", ".join(type(failure).__name__ for failure in failures)) from failures[0]
    return [answer for _, answer in answers]


def work_off(*, clock: Callable[[], datetime], limit: int = 100) -> int:
    """Work until nothing is due; the number of deliveries tried."""
    tried = 0
    while done := sweep(now=clock(), limit=limit):
        tried += done
    return tried


def sweep(*, now: datetime, limit: int = 500) -> int:
    """Work on whatever is due and was not woken; the number of deliveries tried."""
    with scopes_disabled():
        due = InboundDelivery.objects.filter(state=InboundDelivery.State.NEW, next_attempt_at__lte=now)
        ids = list(due.order_by("next_attempt_at").values_list("pk", flat=True)[:limit])
    return sum(work(delivery_id=pk, now=now) is not None for pk in ids)


def purge(*, now: datetime, limit: int = 5_000) -> int:
    """Delete calls whose time is over, finished or not; the number of rows."""
    with scopes_disabled():
        expired = InboundDelivery.objects.filter(purge_at__lte=now).order_by("purge_at")
        ids = list(expired.values_list("pk", flat=True)[:limit])
        for start in range(0, len(ids), 500):
            InboundDelivery.objects.filter(pk__in=ids[start : start + 500]).delete()
    return len(ids)
