"""Name, e-mail, gender, language."""

from collections.abc import Iterator

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import get_language_info, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import Workspace
from audience.models import Gender
from audience.segments.conditions import Comparison, Condition
from audience.segments.inputs import Choice
from audience.segments.library.sections import PERSON
from audience.segments.library.texts import filled_comparisons, text_comparisons

LANGUAGES = ("fr", "en", "de", "es", "it", "pt", "nl", "pl", "ar", "tr")


def genders(workspace: Workspace) -> Iterator[tuple[str, str | Promise]]:
    yield from ((gender.value, gender.label) for gender in Gender)


def languages(workspace: Workspace) -> Iterator[tuple[str, str | Promise]]:
    yield from ((code, get_language_info(code)["name_translated"]) for code in LANGUAGES)


def one_of(field: str, choice: Choice) -> tuple[Comparison, ...]:
    return (
        Comparison("equals", _("is {value}"), lambda moment, values: Q(**{field: values["value"]}), (choice,)),
        Comparison("differs", _("is not {value}"), lambda moment, values: ~Q(**{field: values["value"]}), (choice,)),
        *filled_comparisons(~Q(**{field: ""}), _("is not known")),
    )


FIELDS = (
    Condition("first_name", _("First name"), PERSON, text_comparisons("first_name")),
    Condition("last_name", _("Last name"), PERSON, text_comparisons("last_name")),
    Condition("email", _("E-mail"), PERSON, text_comparisons("email")),
    Condition("gender", _("Gender"), PERSON, one_of("gender", Choice("value", _("gender"), genders))),
    Condition(
        "language", pgettext_lazy("of a contact", "Language"), PERSON,
        one_of("language", Choice("value", _("language"), languages)),
    ),
)  # fmt: skip
