"""Postcode, department, town, country, territory."""

from collections.abc import Iterator
from functools import reduce
from operator import or_

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Workspace
from audience.places import DEPARTMENTS, TERRITORIES, postcodes_of
from audience.segments.conditions import Comparison, Condition, Moment, Values
from audience.segments.inputs import Choice, Codes, Texts
from audience.segments.library.fields import one_of
from audience.segments.library.sections import PLACE
from audience.segments.library.texts import text_comparisons

FRENCH = r"^[0-9]{5}$"


def departments(workspace: Workspace) -> Iterator[tuple[str, str]]:
    yield from DEPARTMENTS.items()


def territories(workspace: Workspace) -> Iterator[tuple[str, str | Promise]]:
    yield from TERRITORIES.items()


def lives_in(moment: Moment, values: Values) -> Q:
    """By the postcode's first digits, in France or where no country is known."""
    begins = (Q(postcode__startswith=prefix) for code in values["values"] for prefix in postcodes_of(code))
    return Q(country__in=["", *TERRITORIES]) & reduce(or_, begins) & Q(postcode__regex=FRENCH)


DEPARTMENT = Codes("values", _("departments, with commas between them"), source=departments)
COUNTRY = Texts("values", _("country codes, such as BE, CH"), pattern="[A-Za-z]{2}")


def country_is(moment: Moment, values: Values) -> Q:
    return Q(country__in=[code.upper() for code in values["values"]])


PLACES = (
    Condition("postcode", _("Postcode"), PLACE, text_comparisons("postcode")),
    Condition(
        "department", _("Department"), PLACE,
        (
            Comparison("equals", _("is {values}"), lives_in, (DEPARTMENT,)),
            Comparison("differs", _("is not {values}"), lambda *asked: ~lives_in(*asked), (DEPARTMENT,)),
        ),
    ),
    Condition("city", _("Town"), PLACE, text_comparisons("city")),
    Condition(
        "country", _("Country"), PLACE,
        (
            Comparison("equals", _("is {values}"), country_is, (COUNTRY,)),
            Comparison("differs", _("is not {values}"), lambda *asked: ~country_is(*asked), (COUNTRY,)),
            Comparison("empty", _("is not known"), lambda moment, values: Q(country="")),
        ),
    ),
    Condition(
        "territory", _("Territory of the number"), PLACE,
        one_of("territory", Choice("value", _("territory"), territories))[:2],
    ),
)  # fmt: skip
