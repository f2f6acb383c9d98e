from datetime import UTC, datetime, timedelta

import pytest
from django_scopes import scope

from messaging.clock import workspace_now
from messaging.models import Message
from messaging.services.demo_clock import RealAccount, set_demo_clock, stop_demo_clock
from tests.factories import TUESDAY, make_account, make_batch, make_contact
from tests.messaging.helpers import outcome, run_step, send_to_all

SUNDAY_NIGHT = datetime(2026, 11, 22, 23, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def due_at(workspace):
    with scope(workspace=workspace):
        return Message.objects.get().due_at


def test_the_clock_runs_on_from_where_it_was_set(workspace, account):
    set_demo_clock(workspace=workspace, shows_at=TUESDAY, now=SUNDAY_NIGHT)

    assert workspace_now(workspace, SUNDAY_NIGHT + HOUR) == TUESDAY + HOUR


def test_a_workspace_without_a_demo_clock_lives_in_real_time(workspace, other_workspace, account):
    set_demo_clock(workspace=workspace, shows_at=TUESDAY, now=SUNDAY_NIGHT)

    assert workspace_now(other_workspace, SUNDAY_NIGHT) == SUNDAY_NIGHT


def test_a_campaign_can_be_tried_on_a_sunday_night(workspace, account, sender, gateway):
    make_contact(workspace)
    set_demo_clock(workspace=workspace, shows_at=TUESDAY, now=SUNDAY_NIGHT)
    batch = send_to_all(make_batch(sender), now=SUNDAY_NIGHT)

    run_step(account, now=SUNDAY_NIGHT)

    assert outcome(batch) == [("accepted", "")]


def test_what_waits_for_a_legal_hour_leaves_when_the_clock_passes_it(workspace, account, sender, gateway):
    make_contact(workspace)
    batch = send_to_all(make_batch(sender), now=SUNDAY_NIGHT)

    set_demo_clock(workspace=workspace, shows_at=TUESDAY, now=SUNDAY_NIGHT)
    run_step(account, now=SUNDAY_NIGHT)

    assert outcome(batch) == [("accepted", "")]


def test_what_is_queued_keeps_its_distance_when_the_clock_goes_back(workspace, account, sender):
    make_contact(workspace)
    set_demo_clock(workspace=workspace, shows_at=TUESDAY + 5 * HOUR, now=TUESDAY)
    send_to_all(make_batch(sender), now=TUESDAY + HOUR)
    queued = due_at(workspace)

    set_demo_clock(workspace=workspace, shows_at=TUESDAY + 2 * HOUR, now=TUESDAY)
    turned_back = due_at(workspace)
    stop_demo_clock(workspace=workspace, now=TUESDAY)

    assert [queued - turned_back, queued - due_at(workspace)] == [3 * HOUR, 5 * HOUR]


def test_no_demo_clock_beside_an_account_that_reaches_people(workspace, account):
    make_account(workspace, "appending-real")

    with pytest.raises(RealAccount):
        set_demo_clock(workspace=workspace, shows_at=TUESDAY, now=SUNDAY_NIGHT)


def test_a_real_account_ends_the_simulated_time_at_once(workspace, account):
    set_demo_clock(workspace=workspace, shows_at=TUESDAY, now=SUNDAY_NIGHT)

    make_account(workspace, "appending-real")

    assert workspace_now(workspace, SUNDAY_NIGHT) == SUNDAY_NIGHT
