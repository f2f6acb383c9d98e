"""Gateway accounts: whether they may send at all."""

import hashlib
import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django_scopes import scope, scopes_disabled

from accounts.keys import keyed_index
from integrations.gateways.base import Check, Connected, Rejected, Unknown
from integrations.gateways.registry import UnknownGateway, gateway_class, gateway_of
from integrations.models import GatewayAccount, Installation

logger = logging.getLogger(__name__)


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


class CredentialsTaken(Exception):
    """An account of this installation, perhaps another workspace's, has the same account at the provider."""


def identity_hash(slug: str, credentials: Mapping[str, Any]) -> bytes | None:
    """Tells two accounts at a provider apart without keeping their credentials; None if the provider has no accounts.

    Raises UnknownGateway.
    """
    identity = gateway_class(slug)(credentials, account_id="").identity
    return keyed_index(f"account at a provider: {identity}") if identity else None


def is_taken(account: GatewayAccount, found: bytes | None) -> bool:
    """Whether another account, of whatever workspace, has it."""
    with scopes_disabled():
        return found is not None and GatewayAccount.objects.filter(identity_hash=found).exclude(pk=account.pk).exists()


@transaction.atomic
def save_account(*, account: GatewayAccount, credentials: Mapping[str, Any]) -> GatewayAccount:
    """Raises CredentialsTaken: a STOP that reaches the provider would be known to one workspace of two."""
    account.identity_hash = identity_hash(account.gateway, credentials)
    if is_taken(account, account.identity_hash):
        raise CredentialsTaken
    if dict(credentials) != account.credentials:
        account.checked_at, account.check_error, account.check_detail = None, "", ""
    account.credentials = dict(credentials)
    account.save()
    return account


def try_account(*, account: GatewayAccount, now: datetime) -> Check:
    """Ask the provider whether the credentials work, and write down what it said. Raises UnknownGateway.

    Nothing is sent. An account that works again waits no longer.
    """
    gateway = gateway_of(account)
    try:
        found = gateway.check()
    except Exception as error:
        logger.exception("The gateway of account %s broke its contract.", account.pk)
        found = Unknown(type(error).__name__)
    account.checked_at = now
    account.check_error, account.check_detail = _trouble(found)
    if isinstance(found, Connected):
        account.paused_until = None
        account.balance = found.balance.amount if found.balance else None
        account.balance_currency = found.balance.currency if found.balance else ""
    account.save(
        update_fields=["checked_at", "check_error", "check_detail", "paused_until", "balance", "balance_currency"]
    )
    return found


def _trouble(found: Check) -> tuple[str, str]:
    match found:
        case Rejected():
            return str(found.error), f"{found.code} {found.detail}".strip()[:200]
        case Unknown():
            return "unknown", found.detail[:200]
    return "", ""


def ask_balances(*, now: datetime) -> int:
    """Ask the providers of all workspaces for what is left, where somebody wants a warning; how many were asked."""
    with scopes_disabled():
        watched = GatewayAccount.objects.filter(is_enabled=True, balance_alert__isnull=False).select_related(
            "workspace"
        )
        accounts = [account for account in watched.order_by("pk") if may_send(account)]
    for account in accounts:
        with scope(workspace=account.workspace):
            try_account(account=account, now=now)
    return len(accounts)
