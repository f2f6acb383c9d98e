"""Reminders: each date of a contact is answered once, in time, and taken back when it moves."""

from datetime import UTC, datetime, timedelta

import pytest
from django_scopes import scope

from audience.models import Attribute, ContactDate
from audience.services import add_contact
from audience.services.contacts import save_contact
from audience.services.erasure import erase_contact
from audience.services.merging import merge_contacts
from campaigns import decided
from campaigns.models import Decision, Occasion
from campaigns.services import remind, reminders, save_automation, switch_automation, take_answer
from messaging.models import InboundMessage, Message
from messaging.services.rules import save_rules
from tests.factories import TUESDAY, make_account, make_automation, make_sender

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TEXT = "Rappel : le {date} à {time|l'heure dite}. OUI ou NON ?"


def attribute_of(workspace, kind=Attribute.Kind.DATE_TIME):
    return Attribute.objects.create(workspace=workspace, label="RDV", slug="rdv", kind=kind)


def make_reminder(workspace, **fields):
    if "date_attribute" not in fields:
        fields["date_attribute"] = attribute_of(workspace)
    fields = {"sender": make_sender(make_account(workspace)), "page": None, "text": TEXT, **fields}
    return make_automation(workspace, trigger="reminder", **fields)


def visit_at(moment):
    """As an attribute keeps it: TUESDAY is in winter, an hour behind the clock of Paris."""
    return (moment + HOUR).replace(tzinfo=None).isoformat(timespec="minutes")


def make_visitor(workspace, moment, phone="0639981234"):
    return add_contact(workspace=workspace, phone=phone, source="test", attributes={"rdv": visit_at(moment)})


def move(contact, moment):
    contact.attributes = {"rdv": visit_at(moment)} if moment else {}
    save_contact(contact=contact)


def log_of(contact):
    return list(Decision.objects.filter(contact=contact).order_by("pk").values_list("outcome", flat=True))


def test_a_day_before_the_message_leaves_once(in_workspace):
    make_reminder(in_workspace)
    visitor = make_visitor(in_workspace, TUESDAY + 3 * DAY)

    for hours in (0, 47, 48, 49, 60, 72, 80):
        remind(now=TUESDAY + hours * HOUR)

    message = Message.objects.get()
    assert (log_of(visitor), message.due_at) == ([decided.SENT], TUESDAY + 2 * DAY)
    assert message.merge_values == {"date": f"{TUESDAY + 3 * DAY:%d/%m/%Y}", "time": f"{TUESDAY + HOUR:%H:%M}"}
    assert message.batch.purpose == "service"


def test_what_is_past_is_not_reminded_of(in_workspace):
    make_reminder(in_workspace)
    for number, moment in enumerate([TUESDAY - DAY, TUESDAY - timedelta(minutes=1), TUESDAY]):
        make_visitor(in_workspace, moment, f"063998123{number}")

    remind(now=TUESDAY)

    assert (Decision.objects.count(), ContactDate.objects.filter(news_at__isnull=False).count()) == (0, 0)


@pytest.mark.parametrize(("hours", "outcome"), [(10, decided.SENT), (3, decided.TOO_LATE)])
def test_who_comes_late_is_reminded_while_it_helps(in_workspace, hours, outcome):
    make_reminder(in_workspace)
    remind(now=TUESDAY)

    visitor = make_visitor(in_workspace, TUESDAY + hours * HOUR)
    remind(now=TUESDAY + timedelta(minutes=1))

    assert log_of(visitor) == [outcome]


def test_at_night_it_waits_for_the_morning_or_is_too_late(in_workspace):
    make_reminder(in_workspace, lead_hours=12)
    night = TUESDAY + 13 * HOUR
    in_time = make_visitor(in_workspace, night + 12 * HOUR)
    too_late = make_visitor(in_workspace, night + 10 * HOUR, "0639981235")

    remind(now=night)

    assert (log_of(in_time), log_of(too_late)) == ([decided.DEFERRED], [decided.TOO_LATE])


def test_a_date_that_moves_takes_back_what_has_not_left_and_is_answered_anew(in_workspace):
    make_reminder(in_workspace)
    visitor = make_visitor(in_workspace, TUESDAY + DAY)
    remind(now=TUESDAY)

    move(visitor, TUESDAY + 3 * DAY)
    remind(now=TUESDAY + timedelta(minutes=1))
    after_moving = log_of(visitor), list(Message.objects.values_list("state", flat=True))
    remind(now=TUESDAY + 2 * DAY)

    assert after_moving == ([decided.MOVED], ["cancelled"])
    assert log_of(visitor) == [decided.MOVED, decided.SENT]
    assert list(Message.objects.order_by("pk").values_list("state", flat=True)) == ["cancelled", "queued"]


def test_a_date_that_comes_back_is_answered_though_it_was_taken_back(in_workspace):
    make_reminder(in_workspace)
    visitor = make_visitor(in_workspace, TUESDAY + DAY)
    remind(now=TUESDAY)

    for minutes, moment in enumerate([TUESDAY + 3 * DAY, TUESDAY + DAY], 1):
        move(visitor, moment)
        remind(now=TUESDAY + minutes * timedelta(minutes=1))

    assert log_of(visitor) == [decided.SENT]
    assert list(Message.objects.order_by("pk").values_list("state", flat=True)) == ["cancelled", "queued"]


def test_what_has_left_is_not_repeated_when_its_date_comes_back(in_workspace):
    make_reminder(in_workspace)
    visitor = make_visitor(in_workspace, TUESDAY + DAY)
    remind(now=TUESDAY)
    Message.objects.update(state=Message.State.DELIVERED, submitted_at=TUESDAY)

    for minutes, moment in enumerate([TUESDAY + 3 * DAY, TUESDAY + DAY], 1):
        move(visitor, moment)
        remind(now=TUESDAY + minutes * timedelta(minutes=1))

    assert (log_of(visitor), Message.objects.count()) == ([decided.SENT], 1)


def test_a_date_that_is_taken_away_takes_back_its_reminder_and_leaves_nothing(in_workspace):
    make_reminder(in_workspace)
    visitor = make_visitor(in_workspace, TUESDAY + DAY)
    remind(now=TUESDAY)

    move(visitor, None)
    remind(now=TUESDAY + timedelta(minutes=1))

    assert (log_of(visitor), ContactDate.objects.count()) == ([decided.MOVED], 0)


def test_two_reminders_of_one_date_are_one_occasion(in_workspace):
    first = make_reminder(in_workspace, lead_hours=72)
    make_reminder(in_workspace, name="Second", date_attribute=first.date_attribute, sender=first.sender)
    visitor = make_visitor(in_workspace, TUESDAY + 3 * DAY)

    remind(now=TUESDAY)
    remind(now=TUESDAY + 2 * DAY)

    assert (log_of(visitor), Occasion.objects.count()) == ([decided.SENT] * 2, 1)


def test_a_sweep_goes_on_where_the_last_slice_ended(in_workspace, monkeypatch):
    monkeypatch.setattr(reminders, "SLICE", 2)
    monkeypatch.setattr(reminders, "MOST_SLICES", 1)
    make_reminder(in_workspace)
    for number in range(5):
        make_visitor(in_workspace, TUESDAY + DAY, f"063998123{number}")
    ContactDate.objects.update(news_at=None)

    counts = [(remind(now=TUESDAY), Message.objects.count()) for _ in range(4)]

    assert counts == [(2, 2), (2, 4), (1, 5), (0, 5)]


def test_who_comes_behind_the_mark_while_a_sweep_is_under_way_is_found(in_workspace, monkeypatch):
    monkeypatch.setattr(reminders, "SLICE", 2)
    monkeypatch.setattr(reminders, "MOST_SLICES", 1)
    make_reminder(in_workspace)
    for number in range(3):
        make_visitor(in_workspace, TUESDAY + DAY, f"063998123{number}")
    remind(now=TUESDAY)

    late = make_visitor(in_workspace, TUESDAY + DAY - HOUR, "0639981239")
    remind(now=TUESDAY)

    assert (log_of(late), Message.objects.count()) == ([decided.SENT], 4)


def test_one_that_fails_is_looked_at_again_and_holds_nobody_up(in_workspace, monkeypatch):
    make_reminder(in_workspace)
    first, second = (make_visitor(in_workspace, TUESDAY + DAY, f"063998123{number}") for number in range(2))
    with monkeypatch.context() as patched:
        decide = reminders.decide
        patched.setattr(
            reminders, "decide", lambda **what: 1 / 0 if what["happening"].contact == first else decide(**what)
        )
        remind(now=TUESDAY)

    failed = log_of(first), log_of(second)
    remind(now=TUESDAY + timedelta(minutes=1))

    assert (failed, log_of(first)) == (([], [decided.SENT]), [decided.SENT])


def test_a_date_without_a_time_leaves_at_the_time_that_was_chosen(in_workspace):
    make_reminder(in_workspace, date_attribute=attribute_of(in_workspace, Attribute.Kind.DATE))
    day = (TUESDAY + DAY).date().isoformat()
    visitor = add_contact(workspace=in_workspace, phone="0639981234", source="test", attributes={"rdv": day})

    early = datetime(TUESDAY.year, TUESDAY.month, TUESDAY.day, 8, 59, tzinfo=UTC)
    remind(now=early)
    before = log_of(visitor)
    remind(now=early + timedelta(minutes=1))

    assert (before, log_of(visitor)) == ([], [decided.SENT])
    assert Message.objects.get().merge_values == {"date": f"{TUESDAY + DAY:%d/%m/%Y}"}


def test_switching_on_and_another_text_send_nothing_twice(in_workspace):
    automation = make_reminder(in_workspace)
    visitor = make_visitor(in_workspace, TUESDAY + DAY)
    remind(now=TUESDAY)
    Message.objects.update(state=Message.State.SENT)

    automation.text = "Rappel : {date}"
    save_automation(automation=automation, by=None, now=TUESDAY)
    switch_automation(automation=automation, to_on=False, by=None, now=TUESDAY)
    switch_automation(automation=automation, to_on=True, by=None, now=TUESDAY)
    remind(now=TUESDAY + HOUR)

    assert (log_of(visitor), Message.objects.count()) == ([decided.SENT], 1)


def test_an_automation_that_is_off_reminds_nobody(in_workspace):
    make_reminder(in_workspace, is_enabled=False)
    make_visitor(in_workspace, TUESDAY + DAY)

    remind(now=TUESDAY)

    assert Decision.objects.count() == 0


def test_a_practice_that_only_sends_reminders_may(in_workspace):
    save_rules(workspace=in_workspace, by=None, now=TUESDAY, is_confirmed=True, sector="health")
    make_reminder(in_workspace)
    visitor = make_visitor(in_workspace, TUESDAY + DAY)

    remind(now=TUESDAY)

    assert log_of(visitor) == [decided.SENT]


def test_oui_is_written_to_the_reminder_and_to_the_contact(in_workspace):
    comes = Attribute.objects.create(workspace=in_workspace, label="Comes", slug="comes", kind=Attribute.Kind.YES_NO)
    automation = make_reminder(in_workspace, asks_reply=True, reply_attribute=comes)
    visitor = make_visitor(in_workspace, TUESDAY + DAY)
    remind(now=TUESDAY)
    Message.objects.update(state=Message.State.DELIVERED, submitted_at=TUESDAY)

    take_answer(
        inbound=InboundMessage.objects.create(
            workspace=in_workspace,
            account=automation.sender.account,
            contact=visitor,
            kind=InboundMessage.Kind.REPLY,
            text="Oui !",
            received_at=TUESDAY + HOUR,
        )
    )

    visitor.refresh_from_db()
    assert (Decision.objects.get().answer, visitor.attributes["comes"]) == ("confirmed", True)
    assert "rdv" in visitor.attributes


def test_reminders_of_one_workspace_look_at_no_other(in_workspace, other_workspace):
    make_reminder(in_workspace)
    with scope(workspace=other_workspace):
        attribute_of(other_workspace)
        make_visitor(other_workspace, TUESDAY + DAY)

    remind(now=TUESDAY)

    with scope(workspace=other_workspace):
        assert Decision.objects.count() == 0
    assert Decision.objects.count() == 0


def test_two_who_are_one_are_reminded_once(in_workspace):
    make_reminder(in_workspace)
    kept = add_contact(workspace=in_workspace, phone="0639981235", source="test")
    gone = make_visitor(in_workspace, TUESDAY + DAY)
    remind(now=TUESDAY)

    merge_contacts(kept=kept, gone=gone, by=None, now=TUESDAY)
    remind(now=TUESDAY + HOUR)

    assert (log_of(kept), Message.objects.count()) == ([decided.SENT], 1)


def test_who_is_forgotten_leaves_no_date_behind(in_workspace):
    make_reminder(in_workspace)
    visitor = make_visitor(in_workspace, TUESDAY + DAY)
    remind(now=TUESDAY)

    erase_contact(contact=visitor, by=None, now=TUESDAY)

    [occasion] = Occasion.objects.all()
    assert (occasion.contact, occasion.name, occasion.values) == (None, "", {})
