from datetime import timedelta

import pytest
from django_scopes import scope

from accounts.figures import Rate
from messaging.models import BatchLink, Message
from reports.queries import (
    Counts,
    ReasonCount,
    Visitor,
    campaign_counts,
    reasons_of,
    recipients,
    unfollowed_of,
    visitors_of,
)
from shortlinks.models import Verdict
from shortlinks.services import forget_positions, reserve_range
from tests.factories import TUESDAY, make_contact, make_link
from tests.reports.rows import (
    make_campaign,
    make_click,
    make_conversion,
    make_message,
    make_withdrawal,
)

State = Message.State


@pytest.fixture
def campaign(workspace):
    return make_campaign(workspace)


def counts(campaign) -> Counts:
    with scope(workspace=campaign.workspace):
        return campaign_counts(campaign)


def test_every_state_has_its_place_in_the_counts(campaign):
    for position, state in enumerate(State.values):
        make_message(campaign, position, state=state)

    assert counts(campaign) == Counts(
        targeted=13,
        waiting=2,
        unknown=1,
        not_sent=2,
        sent=9,
        accepted=6,
        delivered=1,
        failed=3,
        billed_parts=6,
        unpriced_parts=6,
        next_due_at=TUESDAY,
    )


def test_rates_divide_by_what_the_definitions_say(campaign):
    contacts = [make_contact(campaign.workspace, f"+3363998000{number}") for number in range(4)]
    for position, contact in enumerate(contacts):
        make_message(campaign, position, contact=contact, parts=2)
    make_message(campaign, 4, state=State.ACCEPTED)
    make_message(campaign, 5, state=State.SUPPRESSED, reason="opted_out")
    make_click(campaign, 0)
    make_click(campaign, 0, seconds=90)
    make_click(campaign, 1)
    make_conversion(campaign, 1)
    make_withdrawal(contacts[2], TUESDAY + timedelta(hours=1))

    figures = counts(campaign)

    assert [figures.delivery, figures.clicks, figures.conversions, figures.opt_outs] == [
        Rate(4, 5),
        Rate(2, 4),
        Rate(1, 4),
        Rate(1, 4),
    ]
    assert (figures.planned, figures.billed_parts) == (5, 9)


def test_bots_and_unsure_hits_are_no_human_clicks(campaign):
    make_message(campaign, 0)
    make_message(campaign, 1)
    make_click(campaign, 0, verdict=Verdict.BOT)
    make_click(campaign, 1, verdict=Verdict.UNSURE)

    assert counts(campaign).clicks == Rate(0, 2)


def test_click_of_somebody_who_was_not_delivered_is_not_in_the_rate(campaign):
    make_message(campaign, 0)
    make_message(campaign, 1, state=State.ACCEPTED)
    make_click(campaign, 1)

    assert counts(campaign).clicks == Rate(0, 1)


def test_hit_without_a_recipient_is_nobodys_click(campaign):
    make_message(campaign, 0)
    make_click(campaign, None)

    assert counts(campaign).clicks == Rate(0, 1)


def test_delivery_after_three_days_is_accepted_and_not_delivered(campaign):
    make_message(campaign, 0, finished_at=TUESDAY + timedelta(hours=73))

    assert counts(campaign).delivery == Rate(0, 1)


def test_opt_out_is_charged_to_the_last_marketing_message_of_the_week_before(campaign):
    contact = make_contact(campaign.workspace)
    later = make_campaign(campaign.workspace, "Reminder")
    make_message(campaign, 0, contact=contact)
    make_message(later, 0, contact=contact, submitted_at=TUESDAY + timedelta(days=2))
    make_withdrawal(contact, TUESDAY + timedelta(days=3))

    assert [counts(campaign).opted_out, counts(later).opted_out] == [0, 1]


@pytest.mark.parametrize("days", [-1, 8])
def test_opt_out_before_the_message_or_a_week_after_it_is_not_charged(campaign, days):
    contact = make_contact(campaign.workspace)
    make_message(campaign, 0, contact=contact)
    make_withdrawal(contact, TUESDAY + timedelta(days=days))

    assert counts(campaign).opted_out == 0


def test_test_sends_are_in_no_figure(campaign):
    make_message(campaign, 0)
    campaign.batch.is_test = True
    campaign.batch.save()

    assert counts(campaign) == Counts()


def test_neighbours_rows_at_the_same_position_change_nothing(campaign, other_workspace):
    theirs = make_campaign(other_workspace)
    make_message(campaign, 0)
    make_message(theirs, 0)
    make_click(theirs, 0)
    make_conversion(theirs, 0)

    assert (counts(campaign).clicks, counts(theirs).clicks) == (Rate(0, 1), Rate(1, 1))
    assert counts(campaign).conversions == Rate(0, 1)


def test_campaign_without_a_batch_counts_nothing(workspace):
    campaign = make_campaign(workspace)
    campaign.batch = None
    campaign.save()

    assert counts(campaign) == Counts()


def test_reasons_are_grouped_and_the_most_frequent_comes_first(campaign):
    for position in range(3):
        make_message(campaign, position, state=State.SUPPRESSED, reason="opted_out")
    make_message(campaign, 3, state=State.SUPPRESSED, reason="no_consent")
    make_message(campaign, 4, state=State.UNDELIVERED, reason="invalid_recipient")
    make_message(campaign, 5, state=State.QUEUED)
    make_message(campaign, 6)

    with scope(workspace=campaign.workspace):
        reasons = reasons_of(campaign)

    assert reasons == [
        ReasonCount("suppressed", "opted_out", 3),
        ReasonCount("suppressed", "no_consent", 1),
        ReasonCount("undelivered", "invalid_recipient", 1),
    ]


def test_recipient_knows_its_first_human_click_its_device_and_its_visits(campaign):
    make_message(campaign, 0)
    make_message(campaign, 1)
    make_click(campaign, 0, seconds=5, verdict=Verdict.BOT, device="")
    make_click(campaign, 0, seconds=60, device="iphone")
    make_click(campaign, 0, seconds=90, device="Android")

    with scope(workspace=campaign.workspace):
        visitors = visitors_of(campaign, [0, 1])

    assert visitors == {0: Visitor(TUESDAY + timedelta(seconds=60), "iphone", 2, 0, 1), 1: Visitor()}


def test_filters_choose_the_people_that_the_figures_count(campaign):
    contact = make_contact(campaign.workspace)
    make_message(campaign, 0, contact=contact)
    make_message(campaign, 1, state=State.UNDELIVERED)
    make_message(campaign, 2, state=State.SUPPRESSED)
    make_message(campaign, 3, state=State.UNKNOWN)
    make_click(campaign, 0)
    make_conversion(campaign, 0)
    make_withdrawal(contact, TUESDAY + timedelta(hours=1))

    with scope(workspace=campaign.workspace):
        found = {
            only: [row.position for row in recipients(campaign, only=only)]
            for only in ("clicked", "converted", "opted_out", "undelivered", "not_sent", "unknown")
        }

    assert found == {
        "clicked": [0],
        "converted": [0],
        "opted_out": [0],
        "undelivered": [1],
        "not_sent": [2],
        "unknown": [3],
    }


def test_delivered_people_who_are_not_followed_are_counted_once(campaign, other_workspace, django_assert_num_queries):
    theirs = make_campaign(other_workspace)
    for each in (campaign, theirs):
        second = make_link(each.workspace, label="Second")
        with scope(workspace=each.workspace):
            BatchLink.objects.create(workspace=each.workspace, batch=each.batch, link=second, placeholder="second")
        for link in (each.link, second):
            reserve_range(link=link, size=4, now=TUESDAY)
            reserve_range(link=link, size=4, now=TUESDAY, is_followed=False)
        for position in range(7):
            make_message(each, position)
    make_message(campaign, 7, state=State.UNDELIVERED)
    with scope(workspace=campaign.workspace):
        links = [row.link for row in BatchLink.objects.filter(batch=campaign.batch).select_related("link__domain")]
    for link in links:
        forget_positions(link=link, positions=[1])

    with scope(workspace=campaign.workspace), django_assert_num_queries(2):
        assert unfollowed_of(campaign) == 4


def test_figures_of_a_campaign_take_nine_queries_however_many_people(campaign, django_assert_num_queries):
    for position in range(3):
        make_message(campaign, position, contact=make_contact(campaign.workspace, f"+3363998000{position}"))
        make_click(campaign, position)

    with scope(workspace=campaign.workspace), django_assert_num_queries(9):
        campaign_counts(campaign)
        reasons_of(campaign)
        people = list(recipients(campaign))
        visitors_of(campaign, [message.position for message in people])
        assert [message.contact.first_name for message in people] == ["Camille"] * 3
