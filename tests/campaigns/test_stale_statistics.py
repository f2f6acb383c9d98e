"""PostgreSQL plans by what it saw of a table last: a workspace that it has not seen yet must not hang."""

from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django_scopes import scope

from audience.models import Contact, ListMembership
from messaging.audience import writable_contacts
from tests.audience.bringing import PROVEN, bring
from tests.factories import TUESDAY, make_audience, make_workspace

PEOPLE = 60

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite does not plan by what it saw"),
]


def steps_of(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(step for part in plan.get("Plans", []) for step in steps_of(part))]


def explained(queryset: QuerySet[Any], options: str) -> list[dict[str, Any]]:
    """The steps of its plan, the outermost first."""
    sql, params = queryset.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN ({options}, FORMAT JSON) {sql}", params)
        ((plan,),) = cursor.fetchone()
    return steps_of(plan["Plan"])


def test_a_workspace_is_known_when_its_import_is_done():
    neighbour, workspace = make_workspace("neighbour"), make_workspace("lambert")
    lines = ["\n".join(f"063998{first + number:04d}" for number in range(PEOPLE)) for first in (100, 500)]
    for owner, phones in zip((neighbour, workspace), lines, strict=True):
        with scope(workspace=owner):
            bring(owner, f"mobile\n{phones}", **PROVEN)

    with scope(workspace=workspace):
        expected = [
            explained(rows.all(), "COSTS")[0]["Plan Rows"] for rows in (Contact.objects, ListMembership.objects)
        ]

    assert expected == [PEOPLE, PEOPLE]


def test_what_everybody_got_lately_is_counted_once_and_not_for_each_reader():
    workspace = make_workspace()
    readers = make_audience(workspace, PEOPLE)

    with scope(workspace=workspace):
        willing = writable_contacts(readers.contacts.all(), now=TUESDAY)
        steps = explained(willing, "ANALYZE")

    grouped = [step["Actual Loops"] for step in steps if step["Node Type"] == "Aggregate"]
    assert steps[0]["Actual Rows"] == PEOPLE
    assert grouped == [1]
