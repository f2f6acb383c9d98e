"""Composing a reminder, and who gets it in the next days."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_scopes import scope

from audience.models import Attribute
from audience.services import add_contact
from campaigns.models import Automation
from campaigns.services import remind
from tests.campaigns.test_reminders import make_reminder


def days_ahead(days, hour=14):
    moment = timezone.localtime() + timedelta(days=days)
    return moment.replace(hour=hour, minute=30, tzinfo=None).isoformat(timespec="minutes")


@pytest.fixture
def reminder(workspace):
    with scope(workspace=workspace):
        return make_reminder(workspace)


def make_visitors(workspace, *visits):
    with scope(workspace=workspace):
        return [
            add_contact(
                workspace=workspace, phone=f"063998123{number}", source="test", first_name=f"N{number}",
                attributes={"rdv": visit},
            )
            for number, visit in enumerate(visits)
        ]  # fmt: skip


def typed(automation, **changes):
    fields = {
        "name": "Rappel",
        "trigger": "reminder",
        "sender": automation.sender_id,
        "text": "Le {date} à {time|l'heure dite}",
        "date_attribute": automation.date_attribute_id,
        "lead_hours": 72,
        "cap_days": 7,
        # What the browser hides is sent all the same.
        "delay_minutes": 120,
        "countries": "FR",
        "max_age_hours": 6,
    }
    return fields | changes


def test_a_reminder_keeps_its_date_and_notice_and_nothing_that_it_was_not_asked(workspace, owner_client, reminder):
    answer = owner_client.post("/admin/automations/new/", typed(reminder))

    with scope(workspace=workspace):
        made = Automation.objects.get(name="Rappel")
    assert answer.status_code == 302
    assert (made.date_attribute, made.lead_hours, f"{made.at_time:%H:%M}") == (reminder.date_attribute, 72, "10:00")
    assert (made.delay_minutes, made.conditions, made.max_age_hours) == (0, {}, None)


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"date_attribute": ""}, "Choose of which date"), ({"lead_hours": 0}, "choose how long before")],
)
def test_what_can_not_remind_is_refused(owner_client, reminder, changes, words):
    answer = owner_client.post("/admin/automations/new/", typed(reminder, **changes))

    assert (answer.status_code, words in answer.text) == (200, True)


def test_a_day_without_a_time_takes_whole_days(workspace, owner_client, reminder):
    with scope(workspace=workspace):
        day = Attribute.objects.create(workspace=workspace, label="Renewal", slug="renewal", kind="date")
        Attribute.objects.create(workspace=workspace, label="Size", slug="size", kind="text")

    refused = owner_client.post("/admin/automations/new/", typed(reminder, date_attribute=day.pk, lead_hours=4))
    form = owner_client.get("/admin/automations/new/").context["form"]

    assert "has no time" in refused.text
    assert [label for _key, label in form.fields["date_attribute"].choices] == ["Choose a date", "RDV", "Renewal"]


def test_the_next_days_name_who_gets_it_and_when(workspace, owner_client, reminder):
    make_visitors(workspace, days_ahead(3), days_ahead(7), days_ahead(20))

    page = owner_client.get(f"/admin/automations/{reminder.pk}/upcoming/")

    upcoming = page.context["upcoming"]
    assert ([each.contact.first_name for each in upcoming.first], upcoming.explanation.total) == (["N0", "N1"], 2)
    assert [timezone.localtime(each.leaves_at).hour for each in upcoming.first] == [14, 14]
    assert "l&#x27;heure" not in page.text
    assert "Rappel : le" in page.text


def test_what_is_read_is_what_somebody_reads_who_gets_it(workspace, owner_client, reminder):
    too_late = timezone.localtime() + timedelta(hours=1)
    with scope(workspace=workspace):
        Automation.objects.update(text="{first_name|Bonjour}, le {date}")
    make_visitors(workspace, too_late.replace(tzinfo=None).isoformat(timespec="minutes"), days_ahead(3))

    upcoming = owner_client.get(f"/admin/automations/{reminder.pk}/upcoming/").context["upcoming"]

    assert [bool(each.leaves_at) for each in upcoming.first] == [False, True]
    assert upcoming.bubble.text.startswith("N1, le ")


def test_nobody_in_the_next_days_is_said_and_a_date_that_is_gone_too(workspace, owner_client, reminder):
    nobody = owner_client.get(f"/admin/automations/{reminder.pk}/upcoming/").text
    with scope(workspace=workspace):
        Attribute.objects.all().delete()
    gone = owner_client.get(f"/admin/automations/{reminder.pk}/upcoming/").text

    assert "Nobody has a date" in nobody
    assert "Choose of which date" in gone


def test_the_next_days_take_the_same_queries_for_one_and_for_more(workspace, owner_client, reminder):
    address = f"/admin/automations/{reminder.pk}/upcoming/"
    make_visitors(workspace, days_ahead(3))
    owner_client.get(address)
    with CaptureQueriesContext(connection) as one:
        owner_client.get(address)
    make_visitors(workspace, *[days_ahead(3, hour) for hour in range(9, 14)])
    with CaptureQueriesContext(connection) as many:
        owner_client.get(address)

    assert len(one) == len(many)


def test_the_log_names_the_date(workspace, owner_client, reminder):
    in_time = timezone.localtime() + timedelta(hours=22)
    make_visitors(workspace, in_time.replace(tzinfo=None).isoformat(timespec="minutes"))
    remind(now=timezone.now())

    page = owner_client.get(f"/admin/automations/inspect/{reminder.pk}/").text

    assert "RDV " in page
    assert "A date of theirs comes near" in page
    assert "1 day before" in page
