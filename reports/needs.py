"""What needs somebody this morning: at most five lines, each with one button, the most pressing first."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, islice

from django.db.models import Count
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.templatetags.ch import money, percent
from audience.models import ContactImport
from campaigns.models import Campaign
from integrations.models import GatewayAccount, ShopConnection
from integrations.states import balance_in_words
from messaging.models import Message
from messaging.spending import Budget, batch_budget_of
from reports.holds import why_held

MOST = 5
SOON = timedelta(hours=24)
State = Campaign.State


@dataclass(frozen=True)
class Need:
    """A line: how pressing, what it is, its detail, and where the button leads."""

    tone: str
    icon: str
    title: str
    detail: str
    url: str
    button: str


@dataclass(frozen=True)
class Connection:
    """A gateway account or a shop, and how it is."""

    name: str
    tone: str
    words: str
    url: str
    is_low: bool = False


def needs_of(
    *, campaigns: Iterable[Campaign], connections: Iterable[Connection], month: Budget, now: datetime
) -> list[Need]:
    """`campaigns` are the ones on their way, with batch and workspace; four queries besides."""
    chosen = list(campaigns)
    costs = chain(_month(month), _nearly_spent(chosen))
    lines = chain(
        _paused(chosen), _unknown(), _broken(connections), costs, _low(connections), _imports(), _soon(chosen, now)
    )
    return list(islice(lines, MOST))


def _paused(campaigns: Iterable[Campaign]) -> Iterator[Need]:
    for campaign in campaigns:
        if campaign.state == State.PAUSED:
            title = _("“%(name)s” is paused") % {"name": campaign.name}
            detail = why_held(campaign) or _("nothing leaves until you resume it")
            if campaign.batch and campaign.batch.is_pilot_over:
                title = _("“%(name)s” waits for your look") % {"name": campaign.name}
                detail = _("the first share has left; the rest leaves when you say so")
            yield Need("warn", "warning", title, detail, _report(campaign), _("Open"))


def _month(month: Budget) -> Iterator[Need]:
    words = {"spent": money(month.spent, month.currency), "budget": money(month.budget, month.currency)}
    url, detail = reverse("messaging_budget"), _("%(spent)s of %(budget)s") % words
    if month.is_used_up:
        yield Need("stop", "warning", _("The budget of the month is used up"), detail, url, _("See"))
    elif month.is_low:
        title = _("%(share)s of the month’s budget are spent") % {"share": percent(month.share, 0)}
        yield Need("warn", "warning", title, detail, url, _("See"))


def _nearly_spent(campaigns: Iterable[Campaign]) -> Iterator[Need]:
    for campaign in campaigns:
        budget = batch_budget_of(campaign.batch) if campaign.batch else None
        if budget and budget.is_low and campaign.state == State.SENDING:
            title = _("“%(name)s” has spent %(share)s of its budget") % {
                "name": campaign.name,
                "share": percent(budget.share, 0),
            }
            words = {"spent": money(budget.spent, budget.currency), "budget": money(budget.budget, budget.currency)}
            yield Need("warn", "warning", title, _("%(spent)s of %(budget)s") % words, _report(campaign), _("Open"))


def _unknown() -> Iterator[Need]:
    """Asked through the accounts, whose index by state makes this a look-up."""
    unknown = Message.objects.filter(account__in=GatewayAccount.objects.all(), state=Message.State.UNKNOWN)
    rows = unknown.filter(batch__campaign__isnull=False).values_list("batch__campaign", "batch__campaign__name")
    for pk, name, messages in rows.annotate(messages=Count("pk")).order_by("-messages"):
        title = ngettext("%(count)d message to verify", "%(count)d messages to verify", messages) % {"count": messages}
        detail = _("“%(name)s”: handed over, the provider's answer is awaited") % {"name": name}
        url = reverse("reports:campaign", args=[pk]) + "?only=unknown#recipients"
        yield Need("warn", "warning", title, detail, url, _("See"))


def _broken(connections: Iterable[Connection]) -> Iterator[Need]:
    for connection in connections:
        if connection.tone == "stop":
            yield Need("stop", "warning", connection.name, connection.words, connection.url, _("Check"))


def _low(connections: Iterable[Connection]) -> Iterator[Need]:
    for connection in connections:
        if connection.is_low:
            yield Need("warn", "warning", connection.name, connection.words, connection.url, _("See"))


def _imports() -> Iterator[Need]:
    settled = [ContactImport.State.DONE, ContactImport.State.CANCELLED]
    for bring in ContactImport.objects.exclude(state__in=settled).order_by("-created_at")[:MOST]:
        is_running = bring.state == ContactImport.State.RUNNING
        words = _("is being imported") if is_running else _("was not imported to its end")
        title = _("“%(name)s” %(words)s") % {"name": bring.file_name, "words": words}
        url = reverse("audience_imports:inspect", args=[bring.pk])
        yield Need("info" if is_running else "stop", "upload" if is_running else "warning", title, "", url, _("See"))


def _soon(campaigns: Iterable[Campaign], now: datetime) -> Iterator[Need]:
    for campaign in campaigns:
        due_at = campaign.scheduled_at
        if campaign.state == State.SCHEDULED and due_at is not None and due_at - now < SOON:
            when = date_format(localtime(due_at), "TIME_FORMAT")
            title = _("“%(name)s” leaves at %(when)s") % {"name": campaign.name, "when": when}
            yield Need("info", "time", title, _("read it once more"), _report(campaign), _("Open"))


def _report(campaign: Campaign) -> str:
    return reverse("reports:campaign", args=[campaign.pk])


# Connections ----------------------------------------------------------------------------------------


def connections_of(*, now: datetime) -> list[Connection]:
    """Accounts and shops with their last sign of life; two queries."""
    accounts = [_account(account, now) for account in GatewayAccount.objects.order_by("name")]
    return accounts + [_shop(shop) for shop in ShopConnection.objects.order_by("name")]


def _account(account: GatewayAccount, now: datetime) -> Connection:
    url = reverse("gateway_accounts:inspect", args=[account.pk])
    if not account.is_enabled:
        return Connection(account.name, "mute", _("switched off"), url)
    if account.paused_until and account.paused_until > now:
        when = date_format(localtime(account.paused_until), "TIME_FORMAT")
        return Connection(account.name, "stop", _("refuses us, tried again at %(when)s") % {"when": when}, url)
    if account.is_low:
        words = _("balance low: %(amount)s") % {"amount": balance_in_words(account)}
        return Connection(account.name, "warn", words, url, is_low=True)
    return Connection(account.name, *_refusals(account.refused_webhooks, _("ready")), url)


def _shop(shop: ShopConnection) -> Connection:
    url = reverse("integrations_shops:inspect", args=[shop.pk])
    if not shop.is_enabled:
        return Connection(shop.name, "mute", _("switched off"), url)
    if shop.last_delivery_at is None:
        return Connection(shop.name, *_refusals(shop.refused_webhooks, _("no event yet"), "warn"), url)
    when = date_format(localtime(shop.last_delivery_at), "SHORT_DATETIME_FORMAT")
    return Connection(shop.name, *_refusals(shop.refused_webhooks, _("last event %(when)s") % {"when": when}), url)


def _refusals(refused: int, words: str, tone: str = "ok") -> tuple[str, str]:
    """Calls with a wrong signature are worth a look: a changed secret, or somebody trying."""
    if not refused:
        return tone, words
    return "warn", ngettext("%(count)d refused call", "%(count)d refused calls", refused) % {"count": refused}
