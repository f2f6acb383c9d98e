"""STOPs that providers know and did not tell: asked for once a day, and taken like any other STOP."""

import logging
from collections.abc import Collection, Iterator
from datetime import datetime

from django_scopes import scope, scopes_disabled

from accounts.keys import keyed_index
from integrations import http
from integrations.gateways.base import IncomingMessage
from integrations.gateways.registry import UnknownGateway, gateway_of
from integrations.models import GatewayAccount
from integrations.services.inbox import ReceiverFailed, announce
from integrations.signals import message_received

logger = logging.getLogger(__name__)

CHUNK = 200


def collect_oppositions(*, now: datetime) -> int:
    """Ask every enabled account; how many numbers were told. Whoever was told before is told again in vain."""
    with scopes_disabled():
        accounts = list(GatewayAccount.objects.filter(is_enabled=True).select_related("workspace").order_by("pk"))
    return sum(_collect(account, now) for account in accounts)


def _collect(account: GatewayAccount, now: datetime) -> int:
    """One account that can't be asked keeps no other from being asked."""
    with scope(workspace=account.workspace):
        try:
            numbers = gateway_of(account).oppositions()
            for messages in _stops(account, numbers, now):
                announce(message_received, account=account, messages=messages)
        except UnknownGateway:
            return 0
        except (http.CallFailed, ReceiverFailed) as error:
            logger.warning("The oppositions of account %s stay unknown: %s", account.pk, type(error).__name__)
            return 0
        except Exception:
            logger.exception("The gateway of account %s broke its contract.", account.pk)
            return 0
        return len(numbers)


def _stops(account: GatewayAccount, numbers: Collection[str], now: datetime) -> Iterator[list[IncomingMessage]]:
    told = list(numbers)
    for start in range(0, len(told), CHUNK):
        yield [
            IncomingMessage(
                sender=number,
                text="STOP",
                received_at=now,
                provider_id=f"opposition:{keyed_index(f'{account.public_id} {number}').hex()}",
            )
            for number in told[start : start + CHUNK]
        ]
