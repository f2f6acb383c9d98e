"""Gateway accounts: whether they may send at all."""

import hashlib

from django.conf import settings

from integrations.gateways.registry import UnknownGateway, gateway_class
from integrations.models import GatewayAccount, Installation


def live_id() -> str:
    """What `CHAPPE_LIVE` must say before this installation writes to people.

    It depends on the database and on our public address: a copy restored under another address is not live,
    even when its environment was copied too.
    """
    installation, _ = Installation.objects.get_or_create(pk=1)
    return hashlib.sha256(f"{installation.public_id} {settings.BASE_URL}".encode()).hexdigest()[:16]


def is_live(account: GatewayAccount) -> bool:
    """Whether it is a simulator, which reaches nobody, or real sending was deliberately switched on."""
    if gateway_class(account.gateway).capabilities.is_simulator:
        return True
    return bool(settings.LIVE_INSTALLATION) and live_id() == settings.LIVE_INSTALLATION


def may_send(account: GatewayAccount) -> bool:
    """Whether messages may leave through this account. False too for a gateway that is no longer installed."""
    try:
        return account.is_enabled and is_live(account)
    except UnknownGateway:
        return False
