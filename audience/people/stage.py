"""What segments may ask about the life of a contact with the shop."""

from collections.abc import Iterator

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Workspace
from audience.lifecycle import Lifecycle, is_in
from audience.queries import settings_of
from audience.segments.conditions import Comparison, Condition, Moment, Values
from audience.segments.inputs import Choice
from audience.segments.library.sections import TIME


def stages(workspace: Workspace) -> Iterator[tuple[str, str | Promise]]:
    yield from ((stage.value, stage.label) for stage in Lifecycle)


def is_at_stage(moment: Moment, values: Values) -> Q:
    """New, active or dormant, by the workspace's own days."""
    return is_in(values["value"], settings_of(moment.workspace), moment.now)


STAGE = Condition(
    "lifecycle",
    _("Activity"),
    TIME,
    (Comparison("equals", _("is {value}"), is_at_stage, (Choice("value", _("activity"), stages),)),),
)
