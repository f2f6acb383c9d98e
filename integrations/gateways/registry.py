"""Which gateways there are: the classes of `settings.GATEWAYS` and of the entry points `chappe.gateways`."""

from functools import cache, partial
from importlib.metadata import entry_points

from django.conf import settings
from django.utils.module_loading import import_string

from integrations.addresses import webhook_url
from integrations.gateways.base import Gateway
from integrations.models import GatewayAccount

ENTRY_POINTS = "chappe.gateways"


class UnknownGateway(Exception):
    """No gateway of this name is installed."""


def gateway_classes() -> dict[str, type[Gateway]]:
    """Every installed gateway by its slug, ours first."""
    return _load(tuple(settings.GATEWAYS))


@cache
def _load(paths: tuple[str, ...]) -> dict[str, type[Gateway]]:
    classes = [import_string(path) for path in paths]
    classes += [entry_point.load() for entry_point in entry_points(group=ENTRY_POINTS)]
    return {each.slug: each for each in classes}


def gateway_class(slug: str) -> type[Gateway]:
    """Raises UnknownGateway."""
    try:
        return gateway_classes()[slug]
    except KeyError:
        raise UnknownGateway(slug) from None


def gateway_of(account: GatewayAccount) -> Gateway:
    """The adapter that speaks for this account. Raises UnknownGateway."""
    return gateway_class(account.gateway)(
        account.credentials,
        account_id=str(account.public_id),
        webhook_secret=account.webhook_secret,
        address_of=partial(webhook_url, account),
    )
