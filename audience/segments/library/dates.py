"""Age, birthday, when a contact came."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Workspace
from audience.lifecycle import Lifecycle, is_in
from audience.models import AudienceSettings
from audience.segments.conditions import Comparison, Condition, Moment, Values
from audience.segments.inputs import Choice, Day, Number
from audience.segments.library.sections import PERSON, TIME
from audience.segments.library.texts import filled_comparisons

YEARS = Number("years", _("years"), least=1, most=120)
DAYS = Number("days", _("days"), least=1, most=3650)
MONTH_OF_DAYS = Number("days", _("days"), least=0, most=180)
DAY = Day("day", _("day"))
IS_BORN = Q(birth_date__isnull=False)


def years_before(day: date, years: int) -> date:
    """The last day of birth of whoever is this old; who was born on 29 February grows older on 1 March."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return date(day.year - years, 2, 28)


def is_at_least(moment: Moment, values: Values) -> Q:
    return IS_BORN & Q(birth_date__lte=years_before(moment.today, values["years"]))


def is_younger(moment: Moment, values: Values) -> Q:
    return IS_BORN & Q(birth_date__gt=years_before(moment.today, values["years"]))


def has_birthday_soon(moment: Moment, values: Values) -> Q:
    return has_birthday_between(moment.today, moment.today + timedelta(days=values["days"]))


def had_birthday(moment: Moment, values: Values) -> Q:
    return has_birthday_between(moment.today - timedelta(days=values["days"]), moment.today)


def has_birthday_this_month(moment: Moment, values: Values) -> Q:
    return IS_BORN & Q(birth_date__month=moment.today.month)


def has_birthday_between(first: date, last: date) -> Q:
    """Both included, over New Year too; 29 February is kept on 1 March where the year has none."""
    begins, ends = first, last
    late = _from(2, 29) if (begins.month, begins.day) == (3, 1) else _from(begins.month, begins.day)
    early = _until(ends.month, ends.day)
    is_over_new_year = (begins.month, begins.day) > (ends.month, ends.day)
    return IS_BORN & (late | early if is_over_new_year else late & early)


def _from(month: int, day: int) -> Q:
    return Q(birth_date__month__gt=month) | Q(birth_date__month=month, birth_date__day__gte=day)


def _until(month: int, day: int) -> Q:
    return Q(birth_date__month__lt=month) | Q(birth_date__month=month, birth_date__day__lte=day)


def since(field: str) -> tuple[Comparison, ...]:
    """A moment of the past, by how long ago it is or by the calendar; nothing is never NULL."""
    known = Q(**{f"{field}__isnull": False})
    return (
        Comparison(
            "within", _("in the last {days} days"),
            lambda moment, values: known & Q(**{f"{field}__gte": moment.ago(values["days"])}), (DAYS,),
        ),
        Comparison(
            "longer", _("more than {days} days ago"),
            lambda moment, values: known & Q(**{f"{field}__lt": moment.ago(values["days"])}), (DAYS,),
        ),
        Comparison(
            "since", _("on {day} or later"),
            lambda moment, values: known & Q(**{f"{field}__gte": moment.start_of(values["day"])}), (DAY,),
        ),
        Comparison(
            "before", _("before {day}"),
            lambda moment, values: known & Q(**{f"{field}__lt": moment.start_of(values["day"])}), (DAY,),
        ),
    )  # fmt: skip


NEVER = Comparison(
    "never", _("never"), lambda moment, values: Q(last_active_at__isnull=True), sentence=_("Never active")
)


def stages(workspace: Workspace) -> Iterator[tuple[str, str | Promise]]:
    yield from ((stage.value, stage.label) for stage in Lifecycle)


def is_at_stage(moment: Moment, values: Values) -> Q:
    """By the workspace's own days."""
    days = AudienceSettings.objects.first() or AudienceSettings(workspace=moment.workspace)
    known = Q(last_active_at__isnull=False) if values["value"] == Lifecycle.ACTIVE else Q()
    return known & is_in(values["value"], days, moment.now)


STAGE = (Choice("value", _("stage"), stages),)
LIFECYCLE = (
    Comparison("equals", _("is {value}"), is_at_stage, STAGE),
    Comparison("differs", _("is not {value}"), lambda *asked: ~is_at_stage(*asked), STAGE),
)
DATES = (
    Condition(
        "age", _("Age"), PERSON,
        (
            Comparison("at_least", _("is at least {years}"), is_at_least, (YEARS,)),
            Comparison("younger", _("is under {years}"), is_younger, (YEARS,)),
            *filled_comparisons(IS_BORN, _("is not known"))[1:],
        ),
    ),
    Condition(
        "birthday", _("Birthday"), PERSON,
        (
            Comparison("soon", _("is today or in the next {days} days"), has_birthday_soon, (MONTH_OF_DAYS,)),
            Comparison("past", _("is today or was in the last {days} days"), had_birthday, (MONTH_OF_DAYS,)),
            Comparison("month", _("is this month"), has_birthday_this_month),
        ),
    ),
    Condition("created", _("Added"), TIME, since("created_at")),
    Condition("lifecycle", pgettext_lazy("of a contact", "Stage"), TIME, LIFECYCLE),
    Condition("active", _("Last active"), TIME, (*since("last_active_at"), NEVER)),
)  # fmt: skip
