"""Orders and what earned them, in words: why this one is a campaign's, and that one nobody's."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.templatetags.ch import lasting
from campaigns.models import Campaign, Credit
from campaigns.registry import report_url
from campaigns.services.crediting import worth_of
from integrations.models import Order

Reason = Credit.Reason
EARNED: dict[str, tuple[str | Promise, Q]] = {
    "yes": (gettext_lazy("Earned by a message"), Q(conversion__isnull=False)),
    "no": (gettext_lazy("Earned by nobody"), Q(conversion=None)),
}


@dataclass(frozen=True)
class OrderLine:
    """An order as the list shows it."""

    order: Order
    words: str
    # What the message is called that earned it, or would have, and where its report is.
    name: str
    url: str
    # Why it is in no figure, although something earned it.
    undone: str

    @property
    def value(self) -> int | None:
        """What of it counts."""
        return worth_of(self.order)

    @property
    def is_earned(self) -> bool:
        return getattr(self.order, "conversion", None) is not None


def line_of(order: Order) -> OrderLine:
    credit: Credit | None = getattr(order, "credit", None)
    if credit is None:
        return OrderLine(order, _("not looked at yet"), "", "", _undone(order))
    batch = credit.message.batch if credit.message else None
    campaign: Campaign | None = getattr(batch, "campaign", None)
    url = report_url(campaign) if campaign else _log_url(order) if batch else ""
    return OrderLine(order, words_of(credit, order), batch.name if batch else "", url, _undone(order))


def _log_url(order: Order) -> str:
    """An automation's message: its decisions about this customer."""
    return f"{reverse('automations:log')}?contact={order.contact_id}" if order.contact_id else ""


def _undone(order: Order) -> str:
    if order.cancelled_at:
        return _("cancelled")
    return _("all was given back") if worth_of(order) is None and not order.is_test else ""


def words_of(credit: Credit, order: Order) -> str:
    """Why, in half a sentence."""
    if credit.reason in {Reason.CLICK, Reason.CLICK_ID} and credit.happened_at:
        said = _("click on %(when)s, %(before)s before the order")
        if credit.reason == Reason.CLICK_ID:
            said = _("click on %(when)s, %(before)s before the order; the shop kept it")
        before = lasting(order.placed_at - credit.happened_at)
        return said % {"when": _moment(credit.happened_at), "before": before}
    return _other_words(credit)


def _other_words(credit: Credit) -> str:
    days, code = credit.window_days, credit.code
    no_click = ngettext(
        "no click in the %(days)s day before the order", "no click in the %(days)s days before the order", days
    )
    words = {
        Reason.OWN_CODE: _("own code %(code)s") % {"code": code},
        Reason.SHARED_CODE: _("code %(code)s, which this campaign alone had brought them") % {"code": code},
        Reason.NO_CLICK: no_click % {"days": days},
        Reason.NOT_FOLLOWED: _("no own code, and this customer’s clicks are not followed"),
        Reason.NOBODY: _("no mobile number, and the shop kept no click"),
        Reason.TEST: _("test order"),
    }
    return words.get(Reason(credit.reason), credit.get_reason_display())


def _moment(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "SHORT_DATETIME_FORMAT")


def orders_of(asked: Mapping[str, str]) -> QuerySet[Order]:
    """The orders, narrowed by what was asked; what makes no sense asks for nothing. Newest first."""
    orders = Order.objects.select_related("shop", "contact", "conversion", "credit__message__batch__campaign")
    if earned := EARNED.get(asked.get("earned", "")):
        orders = orders.filter(earned[1])
    for name, field in (("shop", "shop"), ("campaign", "conversion__batch__campaign"), ("contact", "contact")):
        if (key := asked.get(name, "")).isdecimal() and len(key) < 18:
            orders = orders.filter(**{field: key})
    if number := asked.get("number", "").strip():
        orders = orders.filter(number__in={number, f"#{number}"})
    return orders.order_by("-placed_at", "-pk")
