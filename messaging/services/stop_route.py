"""How a recipient can say STOP: without a way there is no marketing."""

from django.utils.translation import gettext as _

from integrations.gateways.registry import gateway_of
from integrations.models import GatewayAccount
from messaging.compose import Template
from messaging.models import Batch, BatchPurpose


class NoStopRoute(Exception):
    """Nobody could unsubscribe from this account's texts."""


def needs_stop(purpose: str) -> bool:
    return purpose != BatchPurpose.SERVICE


def appended_clause(account: GatewayAccount) -> str:
    """What the provider writes at the end of marketing by itself."""
    return gateway_of(account).capabilities.appended_stop_clause


def stop_clause_for(account: GatewayAccount) -> str:
    """What we write at the end of marketing; empty where the provider does. Raises NoStopRoute."""
    if appended_clause(account):
        return ""
    if not account.stop_number:
        raise NoStopRoute(_("%(account)s has no STOP number: enter it before you advertise.") % {"account": account})
    return f" STOP {account.stop_number}"


def clause_of_text(template: Template, account: GatewayAccount) -> str:
    """Our clause for this text: none where it carries our own opt-out address. Raises NoStopRoute."""
    return "" if template.has_stop_link else stop_clause_for(account)


def has_stop_route(batch: Batch) -> bool:
    """Whether the batch's text still ends in a way out that works."""
    account = batch.account
    if not needs_stop(batch.purpose) or appended_clause(account) or Template(batch.text).has_stop_link:
        return True
    return bool(account.stop_number) and batch.stop_clause.endswith(account.stop_number)
