"""Where providers call us."""

import hmac

from django.conf import settings
from django.urls import reverse

from integrations.models import GatewayAccount


def address_secret(account: GatewayAccount) -> str:
    """The unguessable segment of the account's webhook address.

    Derived, because addresses end up in access logs: whoever reads one must not be able to sign calls.
    """
    return hmac.digest(account.webhook_secret.encode(), b"webhook address", "sha256").hex()[:32]


def webhook_path(account: GatewayAccount, kind: str) -> str:
    return reverse("integrations:gateway_webhook", args=[account.public_id, address_secret(account), kind])


def webhook_url(account: GatewayAccount, kind: str) -> str:
    """The address that the provider calls with news of this kind."""
    return settings.BASE_URL + webhook_path(account, kind)
