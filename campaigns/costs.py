"""Lines of the report card about money: what it would cost, and what there is for it."""

from collections.abc import Iterator
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.figures import smallest_units
from accounts.templatetags.ch import money, percent
from campaigns.draft import Draft
from campaigns.lines import OK, STOP, WARN, Line
from integrations.states import balance_in_words
from messaging.spending import Budget, micros_of, month_budget_of


def budget_line(review: Draft) -> Iterator[Line]:
    """Of the campaign's own budget first: that one can be raised here."""
    cost, workspace = review.cost_micros, review.campaign.workspace
    if cost is None:
        return
    month = month_budget_of(workspace, review.leaves_at)
    yield _own(review, cost) or _of_month(month, cost) or Line(OK, _("Budget"), _money(cost, workspace.currency))


def _own(review: Draft, cost: int) -> Line | None:
    budget, currency = review.campaign.budget, review.campaign.workspace.currency
    if budget is None:
        return None
    own = micros_of(budget, currency)
    words = {"cost": _money(cost, currency), "budget": money(budget, currency)}
    if own < cost and own < _cheapest(review, cost):
        text = _("%(budget)s do not pay for one message, and it would cost %(cost)s: give it a higher budget.")
        return Line(STOP, _("Budget"), text % words, field="budget")
    if own < cost:
        text = _("It would cost %(cost)s, and its budget is %(budget)s: it pauses on the way. Raise it, or write less.")
        return Line(WARN, _("Budget"), text % words, field="budget")
    return None


def _cheapest(review: Draft, cost: int) -> int:
    """About what one message costs."""
    assert review.reading is not None  # there is a cost
    return cost // max(1, review.reading.readers)


def _of_month(month: Budget, cost: int) -> Line | None:
    words = {"cost": _money(cost, month.currency), "left": money(month.left, month.currency)}
    if month.is_used_up:
        return _owners(STOP, _("The budget of the month is used up: nothing would leave. An owner raises it."))
    if month.left_micros is not None and cost > month.left_micros:
        text = _("It would cost %(cost)s, and %(left)s are left of the month’s budget: it pauses on the way.")
        return _owners(WARN, text % words)
    if month.is_low:
        text = _("%(share)s of the month’s budget are spent; it would cost %(cost)s, and %(left)s are left.")
        return _owners(WARN, text % (words | {"share": percent(month.share, 0)}))
    return None


def _owners(tone: str, text: str) -> Line:
    """Only an owner may mend it."""
    return Line(tone, _("Budget"), text, mend_label=_("Raise it"), mend_url=reverse("messaging_budget"), is_owners=True)


def balance_line(review: Draft) -> Iterator[Line]:
    """Only where something is wrong: balances are as old as the last time the provider was asked."""
    account = review.sender.account if review.sender else None
    if account is None or account.balance is None or review.cost_micros is None:
        return
    needed = Decimal(review.cost_micros).scaleb(-6)
    is_money = account.balance_currency == review.campaign.workspace.currency
    if account.is_low or (is_money and account.balance < needed):
        text = _("Only %(left)s left at “%(account)s”: buy credit before it stops on the way.")
        url = reverse("gateway_accounts:inspect", args=[account.pk])
        words = {"left": balance_in_words(account), "account": account}
        yield Line(WARN, _("Balance"), text % words, mend_label=_("See the account"), mend_url=url)


def _money(micros: int, currency: str) -> str:
    return money(smallest_units(micros, currency), currency)
