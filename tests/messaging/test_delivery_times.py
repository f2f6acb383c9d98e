"""When what carried a code reached its phone: clicks are judged by it (shortlinks.registry)."""

from datetime import timedelta

import pytest
from django_scopes import scope

from messaging.models import Message
from messaging.queries import PIECE, delivery_times
from shortlinks import registry
from tests.factories import TUESDAY, make_link
from tests.reports.rows import make_campaign, make_message

DELIVERED = TUESDAY + timedelta(seconds=5)


@pytest.fixture
def campaign(workspace):
    return make_campaign(workspace)


def times(campaign, positions, link=None):
    with scope(workspace=campaign.workspace):
        return delivery_times(link or campaign.link, positions)


def test_the_moment_of_each_delivered_message_by_its_position(campaign):
    for position in range(3):
        make_message(campaign, position, finished_at=DELIVERED + timedelta(seconds=position))

    assert times(campaign, [0, 2, 7]) == {0: DELIVERED, 2: DELIVERED + timedelta(seconds=2)}


@pytest.mark.parametrize("state", [state for state in Message.State.values if state != Message.State.DELIVERED])
def test_what_has_not_arrived_has_no_moment(campaign, state):
    make_message(campaign, 0, state=state, finished_at=DELIVERED)

    assert times(campaign, [0]) == {}


def test_a_delivery_whose_moment_nobody_told_has_none(campaign):
    make_message(campaign, 0, finished_at=None)

    assert times(campaign, [0]) == {}


def test_the_same_position_of_other_links_and_other_workspaces_is_somebody_else(campaign, other_workspace):
    reminder, theirs = make_campaign(campaign.workspace, "Reminder"), make_campaign(other_workspace)
    for place, each in enumerate([campaign, reminder, theirs]):
        make_message(each, 0, finished_at=DELIVERED + timedelta(minutes=place))

    found = [times(each, [0]) for each in (campaign, reminder, theirs)]

    assert found == [{0: DELIVERED + timedelta(minutes=place)} for place in range(3)]
    assert times(campaign, [0], make_link(campaign.workspace, label="Nobody's")) == {}
    assert times(campaign, [0], theirs.link) == {}


def test_five_hundred_positions_are_asked_for_at_once(campaign, django_assert_num_queries):
    make_message(campaign, 0)
    make_message(campaign, PIECE)

    with django_assert_num_queries(2):
        found = times(campaign, range(PIECE + 1))

    assert found == {0: DELIVERED, PIECE: DELIVERED}


def test_short_links_are_told_of_it(campaign):
    make_message(campaign, 0)

    with scope(workspace=campaign.workspace):
        assert registry.delivered_at(campaign.link, [0]) == {0: DELIVERED}
