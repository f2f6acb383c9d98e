"""Hard bounces: a rule of counts and days makes a number invalid; one delivery starts it anew."""

from datetime import timedelta

import pytest
from django_scopes import scope

from audience.models import AudienceSettings, Block
from audience.services.merging import merge_contacts
from audience.services.numbers import change_number
from messaging.models import Attempt, Message
from messaging.services.dead_numbers import block_dead_numbers
from tests.factories import TUESDAY, make_batch, make_contact

PHONE = "+33639980001"


@pytest.fixture
def camille(workspace):
    return make_contact(workspace, PHONE)


@pytest.fixture
def end(workspace, sender, camille):
    """A message to Camille that ended so, so many days ago."""
    batch = make_batch(sender)

    def ended(days_ago, state="undelivered", reason="", contact=camille):
        with scope(workspace=workspace):
            contact.refresh_from_db()
            ended_at = TUESDAY - timedelta(days=days_ago)
            message = Message.objects.create(
                workspace=workspace, batch=batch, account=batch.account, lane=batch.lane, contact=contact,
                position=Message.objects.count(), due_at=TUESDAY, state=state, reason=reason, finished_at=ended_at,
            )  # fmt: skip
            Attempt.objects.create(
                workspace=workspace, message=message, account=batch.account, body="", started_at=ended_at,
                phone_index=contact.phone_index, error=reason,
                outcome="rejected" if state == "rejected" else "accepted",
            )  # fmt: skip

    return ended


def blocked(workspace):
    with scope(workspace=workspace):
        block_dead_numbers(workspace=workspace, now=TUESDAY)
        return list(Block.objects.values_list("kind", "bars_service", "phone_hint"))


DEAD = [("invalid", True, "+33 6 •• •• •• 01")]


@pytest.mark.parametrize(
    ("days", "expected"),
    [((8, 4, 0), DEAD), ((7, 0), []), ((3, 2, 0), []), ((9, 8, 7), []), ((20, 10, 0), DEAD)],
)
def test_three_failures_over_a_week_make_a_number_invalid(workspace, end, days, expected):
    for one in days:
        end(one)

    assert blocked(workspace) == expected


def test_a_delivery_in_between_starts_the_count_anew(workspace, end):
    for days, state in ((9, "undelivered"), (5, "undelivered"), (4, "delivered"), (0, "undelivered")):
        end(days, state)

    assert blocked(workspace) == []


def test_an_unreachable_phone_and_a_refused_text_are_no_dead_numbers(workspace, end):
    for days in (9, 5, 0):
        end(days, "expired")
        end(days, "rejected", "content_rejected")

    assert blocked(workspace) == []


def test_the_rule_is_a_setting_of_the_workspace(workspace, end):
    with scope(workspace=workspace):
        AudienceSettings.objects.create(workspace=workspace, bounce_count=2, bounce_days=1)
    for days in (1, 0):
        end(days, "rejected", "invalid_recipient")

    assert blocked(workspace) == DEAD


def test_failures_of_another_workspace_block_nobody_here(workspace, other_workspace, end):
    for days in (9, 5, 0):
        end(days)

    assert blocked(other_workspace) == []


def test_once_lifted_only_a_new_failure_blocks_again(workspace, end):
    for days in (12, 9, 2):
        end(days)

    assert blocked(workspace) == []


def change(contact, phone):
    with scope(workspace=contact.workspace):
        change_number(contact=contact, phone=phone, now=TUESDAY)


def test_failures_of_an_old_number_do_not_count_for_the_new_one(workspace, camille, end):
    for days in (12, 9):
        end(days)
    change(camille, "+33639980002")
    end(0)

    assert blocked(workspace) == []


def test_a_new_number_fails_by_its_own_rule_and_old_deliveries_do_not_save_it(workspace, camille, end):
    change(camille, "+33639980002")
    for days in (12, 9, 0):
        end(days)
    change(camille, PHONE)
    end(5, "delivered")
    change(camille, "+33639980002")

    assert blocked(workspace) == [("invalid", True, "+33 6 •• •• •• 02")]


def test_failures_that_came_by_a_merge_say_nothing_about_the_number_that_is_kept(workspace, camille, end):
    other = make_contact(workspace, "+33639980002")
    for days in (12, 9):
        end(days)
    with scope(workspace=workspace):
        merge_contacts(kept=other, gone=camille, by=None, now=TUESDAY)
    end(0, contact=other)

    assert blocked(workspace) == []
