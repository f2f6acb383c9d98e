"""What segments may ask about one campaign: received, not received, clicked."""

from collections.abc import Iterator

from django.db.models import Exists, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Workspace
from audience.registry import register_condition
from audience.segments.conditions import Comparison, Condition, Moment, Values
from audience.segments.inputs import Choice
from audience.segments.library.sections import MESSAGES
from campaigns.models import Campaign
from messaging.conditions import FAILED, LEFT, clicked, did_not_click, messages

NAME = "campaign"


def register() -> None:
    register_condition(Condition("campaign", _("Campaign"), MESSAGES, COMPARISONS))


def campaigns(workspace: Workspace) -> Iterator[tuple[str, str]]:
    """Those that have left, the latest first."""
    left = Campaign.objects.filter(workspace=workspace, batch__isnull=False).order_by("-sent_at", "-pk")
    yield from ((str(key), name) for key, name in left.values_list("pk", "name"))


def was_sent(moment: Moment, values: Values) -> Q:
    return Q(Exists(messages(batch__campaign=int(values[NAME]), state__in=LEFT)))


def failed(moment: Moment, values: Values) -> Q:
    return Q(Exists(messages(batch__campaign=int(values[NAME]), state__in=FAILED)))


def has_clicked(moment: Moment, values: Values) -> Q:
    return clicked(moment.workspace, batch__campaign=int(values[NAME]))


def has_not_clicked(moment: Moment, values: Values) -> Q:
    return did_not_click(moment.workspace, batch__campaign=int(values[NAME]))


WHICH = (Choice(NAME, _("campaign"), campaigns),)
COMPARISONS = (
    Comparison("sent", _("was sent to them: {campaign}"), was_sent, WHICH, _("Was sent {campaign}")),
    Comparison(
        "not_sent", _("was not sent to them: {campaign}"), lambda *asked: ~was_sent(*asked), WHICH,
        _("Was not sent {campaign}"),
    ),
    Comparison(
        "failed", _("could not be delivered: {campaign}"), failed, WHICH, _("Could not be reached by {campaign}")
    ),
    Comparison("clicked", _("was clicked: {campaign}"), has_clicked, WHICH, _("Clicked in {campaign}")),
    Comparison(
        "not_clicked", _("was sent and not clicked: {campaign}"), has_not_clicked, WHICH,
        _("Was sent {campaign} and did not click"),
    ),
)  # fmt: skip
