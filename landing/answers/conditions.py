"""What segments may ask about forms: answered, or not."""

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from audience.registry import register_condition
from audience.segments.conditions import Comparison, Condition, Moment, Values
from audience.segments.inputs import Choice
from audience.segments.library.sections import ACTS
from landing.answers.queries import form_names, of_form
from landing.models import FormAnswer

NAME = "form"


def register() -> None:
    register_condition(Condition("form", _("Form"), ACTS, COMPARISONS))


def has_answered(moment: Moment, values: Values) -> Q:
    return Q(Exists(FormAnswer.objects.filter(of_form(values[NAME]), contact=OuterRef("pk"))))


WHICH = (Choice(NAME, _("form"), form_names),)
COMPARISONS = (
    Comparison("answered", _("was answered by them: {form}"), has_answered, WHICH, _("Answered {form}")),
    Comparison(
        "not_answered", _("was not answered by them: {form}"), lambda *asked: ~has_answered(*asked), WHICH,
        _("Did not answer {form}"),
    ),
)  # fmt: skip
