"""A workspace's rules of sending, as the gate and the composer read them."""

from dataclasses import dataclass

from django.conf import settings
from django_scopes import scope

from accounts.models import Workspace
from integrations.models import GatewayAccount
from messaging.compliance import Limits
from messaging.models import SendingRules

CAP_DAYS = 7


@dataclass(frozen=True)
class Cap:
    """At most so many marketing messages to one contact within so many days."""

    messages: int
    days: int


def rules_of(workspace: Workspace) -> SendingRules:
    """The prudent ones, unsaved, as long as nobody has changed them."""
    with scope(workspace=workspace):
        return SendingRules.objects.first() or SendingRules(workspace=workspace)


def limits_of(workspace: Workspace, account: GatewayAccount | None = None) -> Limits:
    """The hours of the workspace, within those of the account's provider."""
    return limits_by(rules_of(workspace), account)


def limits_by(rules: SendingRules, account: GatewayAccount | None = None) -> Limits:
    return Limits(
        policy=rules.policy,
        allows_sundays=rules.allows_sundays,
        allows_holidays=rules.allows_holidays,
        gateway=account.gateway if account else "",
    )


def cap_by(rules: SendingRules) -> Cap:
    """The workspace's, or else the installation's for a week."""
    if rules.cap_messages is None:
        return Cap(settings.MARKETING_WEEKLY_CAP, CAP_DAYS)
    return Cap(rules.cap_messages, rules.cap_days)
