"""Pilots, messages an hour, windows that close, and rows that can't be read: what leaves when."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django_scopes import scope

from integrations.gateways.base import ErrorClass, Rejected
from messaging.models import Batch
from messaging.queries import finish_of
from messaging.services.batches import pause_batch, resume_batch
from messaging.services.recovery import sweep
from tests.factories import TUESDAY, make_batch, make_contact
from tests.messaging.helpers import outcome, run_step, send_to_all

SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
PEOPLE = 20


@pytest.fixture
def people(workspace, account):
    account.rate_per_second = 200
    account.save()
    return [make_contact(workspace, f"+336399801{number:02}") for number in range(PEOPLE)]


def test_a_pilot_leaves_and_the_rest_waits_until_somebody_has_looked(account, sender, people, gateway):
    batch = send_to_all(make_batch(sender, pilot_left=3))

    for second in range(5):
        run_step(account, TUESDAY + second * SECOND)
    batch.refresh_from_db()
    before = (len(gateway.taken), batch.state, batch.is_pilot_over)
    resume_batch(batch=batch, by=None, now=TUESDAY)
    for second in range(5, 10):
        run_step(account, TUESDAY + second * SECOND)

    batch.refresh_from_db()
    assert before == (3, Batch.State.PAUSED, True)
    assert (len(gateway.taken), batch.is_pilot_over) == (PEOPLE, False)


def test_a_first_share_that_is_everybody_pauses_nothing(account, sender, people, gateway):
    batch = send_to_all(make_batch(sender, pilot_left=PEOPLE))

    for second in range(3):
        run_step(account, TUESDAY + second * SECOND)
    sweep(now=TUESDAY + HOUR)

    batch.refresh_from_db()
    assert (len(gateway.taken), batch.state) == (PEOPLE, Batch.State.DONE)


def test_what_the_provider_had_no_time_for_is_no_part_of_a_pilot(account, sender, people, gateway):
    gateway.results[people[0].phone] = Rejected(ErrorClass.THROTTLED)
    batch = send_to_all(make_batch(sender, pilot_left=3))

    for minute in range(5):
        run_step(account, TUESDAY + minute * timedelta(minutes=1))

    batch.refresh_from_db()
    assert (len(gateway.taken), batch.is_pilot_over) == (3, True)


def test_a_pilot_that_somebody_paused_goes_on_as_a_pilot(account, sender, people, gateway, workspace):
    account.rate_per_second = 10
    account.save()
    batch = send_to_all(make_batch(sender, pilot_left=3))
    run_step(account)

    pause_batch(batch=batch, by=None, now=TUESDAY)
    while_paused = batch.is_pilot_over
    resume_batch(batch=batch, by=None, now=TUESDAY)
    for second in range(1, 6):
        run_step(account, TUESDAY + second * SECOND)

    batch.refresh_from_db()
    assert (while_paused, len(gateway.taken), batch.is_pilot_over) == (False, 3, True)


def test_those_who_get_nothing_are_no_part_of_a_pilot(account, sender, people, gateway, workspace):
    with scope(workspace=workspace):
        batch = send_to_all(make_batch(sender, pilot_left=3))
        batch.messages.filter(position__lt=2).update(contact=None)

    for second in range(5):
        run_step(account, TUESDAY + second * SECOND)

    assert len(gateway.taken) == 3


def test_no_more_leave_in_an_hour_than_were_asked_for(account, sender, people, gateway):
    send_to_all(make_batch(sender, per_hour=6))

    taken = []
    for minute in range(0, 121, 2):
        run_step(account, TUESDAY + minute * timedelta(minutes=1))
        taken.append(len(gateway.taken))

    assert (taken[0], taken[30], taken[60]) == (1, 7, 13)


def test_a_long_pause_is_not_made_up_for_at_once(account, sender, people, gateway):
    send_to_all(make_batch(sender, per_hour=120))
    run_step(account)

    run_step(account, TUESDAY + 3 * HOUR)

    assert len(gateway.taken) == 3  # the first, and a minute's worth


def test_a_batch_that_leaves_slowly_holds_up_no_other(account, sender, people, gateway):
    slow = send_to_all(make_batch(sender, per_hour=6))
    quick = send_to_all(make_batch(sender, "Another"))

    for second in range(4):
        run_step(account, TUESDAY + second * SECOND)

    counts = [sum(state == "accepted" for state, _reason in outcome(each)) for each in (slow, quick)]
    assert counts == [1, PEOPLE]


def test_nothing_leaves_once_the_window_has_closed_and_the_rest_leaves_in_the_morning(account, sender, people, gateway):
    """Advertising ends at 20:00 in Paris; lanes close five minutes before."""
    account.rate_per_second = 50
    account.save()
    closes = datetime(2026, 11, 24, 18, 55, tzinfo=UTC)
    batch = send_to_all(make_batch(sender), now=closes - timedelta(milliseconds=200))

    taken = []
    for tick in range(40):
        run_step(account, closes + (tick - 2) * timedelta(milliseconds=100))
        taken.append(len(gateway.taken))

    waits_for = {reason for state, reason in outcome(batch) if state == "queued"}
    morning = datetime(2026, 11, 25, 7, tzinfo=UTC)
    run_step(account, morning - SECOND)
    before_eight = len(gateway.taken)
    for tick in range(1, 11):
        run_step(account, morning + tick * timedelta(milliseconds=100))

    assert 0 < taken[1] < PEOPLE
    assert before_eight == taken[-1] == taken[2] == taken[1]
    assert waits_for == {"legal_hour"}
    assert len({each.to for each in gateway.taken}) == len(gateway.taken) == PEOPLE


def test_a_number_that_can_t_be_read_holds_up_nobody_else(account, sender, people, gateway, workspace):
    batch = send_to_all(make_batch(sender))
    with scope(workspace=workspace):
        _spoil(people[0])

    run_step(account)

    assert outcome(batch)[:2] == [("suppressed", "unreadable"), ("accepted", "")]


def _spoil(contact):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE audience_contact SET phone = %s WHERE id = %s", [b"\x01not sealed by us", contact.pk])


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, TUESDAY + timedelta(milliseconds=100)),
        ({"per_hour": 10}, TUESDAY + 2 * HOUR),
    ],
)
def test_the_finish_is_told_from_rate_and_messages_an_hour(account, sender, people, options, expected):
    batch = send_to_all(make_batch(sender, **options))

    assert finish_of(batch, TUESDAY) == expected


def test_the_finish_waits_for_the_next_day_s_hours(account, sender, people):
    batch = send_to_all(make_batch(sender, per_hour=2))

    # 10:30 to 20:00 takes 19 of them, five minutes before the end nothing leaves any more.
    assert finish_of(batch, TUESDAY).date() == (TUESDAY + timedelta(days=1)).date()
