"""What segments may ask about orders. Cancelled and test orders are none."""

from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from audience.registry import register_condition
from audience.segments.conditions import Comparison, Condition, Moment, Values
from audience.segments.inputs import Amount, Number
from audience.segments.library.sections import ACTS
from integrations.models import Order

COUNT = Number("count", _("how many"), least=1, most=1000)
DAYS = Number("days", _("days"), least=1, most=3650)
AMOUNT = Amount("amount", _("amount"), least=1)


def register() -> None:
    register_condition(Condition("orders", _("Orders"), ACTS, COMPARISONS))


def orders(since: datetime | None = None) -> QuerySet[Order]:
    """The contact's orders that count."""
    known = Order.objects.filter(contact=OuterRef("pk"), is_test=False, cancelled_at=None)
    return known.filter(placed_at__gte=since) if since else known


def has_ordered(moment: Moment, values: Values) -> Q:
    """Once is a plain EXISTS, which a database joins; more often is counted."""
    found = orders(moment.ago(values["days"]))
    if values["count"] == 1:
        return Q(Exists(found))
    counted = found.order_by().values("contact").annotate(count=Count("pk"))
    return Q(Exists(counted.filter(count__gte=values["count"])))


def has_spent(moment: Moment, values: Values) -> Q:
    """Net of refunds, in the workspace's currency only: amounts of two currencies do not add up."""
    found = orders(moment.ago(values["days"])).filter(currency=moment.workspace.currency)
    spent = found.order_by().values("contact").annotate(spent=Sum("total") - Sum("refunded_total"))
    return Q(Exists(spent.filter(spent__gte=values["amount"])))


def has_not_ordered(moment: Moment, values: Values) -> Q:
    return ~Q(Exists(orders(moment.ago(values["days"]))))


def has_gone(moment: Moment, values: Values) -> Q:
    """A customer once, but not lately."""
    return Q(Exists(orders())) & has_not_ordered(moment, values)


COMPARISONS = (
    Comparison(
        "at_least", _("at least {count} in the last {days} days"), has_ordered, (COUNT, DAYS),
        _("Ordered at least {count} times in the last {days} days"),
    ),
    Comparison(
        "spent", _("worth at least {amount} in the last {days} days"), has_spent, (AMOUNT, DAYS),
        _("Ordered for at least {amount} in the last {days} days"),
    ),
    Comparison(
        "none", _("none in the last {days} days"), has_not_ordered, (DAYS,),
        _("Ordered nothing in the last {days} days"),
    ),
    Comparison(
        "gone", _("the last one more than {days} days ago"), has_gone, (DAYS,),
        _("Ordered last more than {days} days ago"),
    ),
    Comparison("never", _("never any"), lambda moment, values: ~Q(Exists(orders())), sentence=_("Never ordered")),
)  # fmt: skip
