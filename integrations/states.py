"""How an account stands, in words that say what to do."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from integrations.gateways.base import ErrorClass
from integrations.gateways.registry import UnknownGateway, gateway_class
from integrations.models import GatewayAccount
from integrations.services.accounts import is_live

# What a trial found, and what to do about it.
TROUBLES: dict[str, str | Promise] = {
    ErrorClass.AUTH: _("The provider refuses these credentials: compare them with those it gave you, and save again."),
    ErrorClass.CREDIT: _("There is no credit left: buy some at your provider, then test again."),
    ErrorClass.THROTTLED: _("The provider asks us to wait: test again in a minute."),
    ErrorClass.GATEWAY_DOWN: _("The provider can't be reached: check its address and the network of this server."),
    "private_host": _(
        "This address leads into a private network. Use the provider's public address, or have it allowed by "
        "CHAPPE_PRIVATE_NETWORKS."
    ),
    "unknown": _("The provider's answer could not be understood: test again, and ask the provider if it stays so."),
}


@dataclass(frozen=True)
class AccountState:
    """`tone` is one of ours: ok, warn, stop, mute."""

    words: str | Promise
    tone: str
    advice: str | Promise = ""


SWITCHED_OFF = AccountState(_("switched off"), "mute", _("Nothing leaves here until somebody switches it on."))
SIMULATED = AccountState(pgettext_lazy("gateway account", "simulated"), "ok")
NOT_LIVE = AccountState(
    _("not live"),
    "warn",
    _(
        "Messages wait here: this installation does not send for real. Whoever runs the server sets CHAPPE_LIVE to "
        "what “manage.py live_id” prints, and restarts."
    ),
)
PAUSED = AccountState(
    pgettext_lazy("gateway account", "paused"),
    "warn",
    _("The provider refused or did not answer: we try again by ourselves."),
)
LOW = AccountState(
    _("balance low"), "warn", _("Buy credit at your provider: what is left is below what you wanted to be warned of.")
)
ALL_WELL = AccountState(pgettext_lazy("gateway account", "live"), "ok")


def balance_in_words(account: GatewayAccount) -> str:
    """What was left when the provider was asked last: money, or its own credits."""
    if account.balance is None:
        return ""
    if account.balance_currency:
        return f"{number_format(account.balance, 2, force_grouping=True)} {account.balance_currency}"
    decimals = 0 if account.balance == account.balance.to_integral_value() else 2
    amount = number_format(account.balance, decimals, force_grouping=True)
    return gettext("%(amount)s credits") % {"amount": amount}


def trouble_in_words(account: GatewayAccount) -> str | Promise:
    """What the last trial found wrong, and what to do; "" if nothing."""
    if account.check_detail == "private_host":
        return TROUBLES["private_host"]
    return TROUBLES.get(account.check_error, TROUBLES["unknown"]) if account.check_error else ""


def state_of(account: GatewayAccount, now: datetime) -> AccountState:
    """The first thing that keeps messages from leaving, or that all is well."""
    try:
        is_simulator, is_real = gateway_class(account.gateway).capabilities.is_simulator, is_live(account)
    except UnknownGateway:
        return AccountState(_("not installed"), "stop", _("The package of this gateway is gone: install it again."))
    is_paused = account.paused_until is not None and account.paused_until > now
    questions = (
        (not account.is_enabled, SWITCHED_OFF),
        (is_simulator, SIMULATED),
        (account.check_error, AccountState(_("trouble"), "stop", trouble_in_words(account))),
        (not is_real, NOT_LIVE),
        (is_paused, PAUSED),
        (account.is_low, LOW),
    )
    return next((state for is_so, state in questions if is_so), ALL_WELL)
