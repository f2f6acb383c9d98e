from datetime import timedelta

import pytest
from django_scopes import scope

from campaigns.models import Campaign
from campaigns.review import Review
from campaigns.services import (
    TooLow,
    WrongState,
    launch_scheduled,
    prepare_campaign,
    raise_budget,
    schedule_campaign,
    send_campaign,
    sync_campaigns,
)
from messaging.models import Batch, Message
from messaging.services.spending import set_month_budget
from tests.factories import TUESDAY, make_campaign, make_contact, make_list, make_member, make_workspace
from tests.messaging.helpers import run_step


@pytest.fixture
def campaign(workspace):
    """To three people at 4.5 cents each, with 9 cents for all of them: the last one waits."""
    people = make_list(
        workspace, *(make_contact(workspace, f"+3363998010{number}") for number in range(3)), name="Three"
    )
    draft = make_campaign(workspace, contact_list=people, budget=9)
    with scope(workspace=workspace):
        leaving = prepare_campaign(campaign=send_campaign(campaign=draft, now=TUESDAY), now=TUESDAY)
        run_step(leaving.batch.account, TUESDAY)
        sync_campaigns(now=TUESDAY)
        return Campaign.objects.select_related("batch").get(pk=leaving.pk)


def waiting(campaign):
    with scope(workspace=campaign.workspace):
        return Message.objects.filter(batch=campaign.batch, state=Message.State.QUEUED).count()


def test_a_campaign_pauses_where_its_budget_ends(campaign):
    assert (campaign.state, campaign.batch.paused_because, waiting(campaign)) == (Campaign.State.PAUSED, "budget", 1)


def test_one_that_meets_a_used_up_month_at_its_hour_waits_as_a_draft_until_there_is_budget(in_workspace):
    at = TUESDAY + timedelta(hours=1)
    scheduled = schedule_campaign(campaign=make_campaign(in_workspace), at=at, now=TUESDAY)
    set_month_budget(workspace=in_workspace, month_budget=0, warn_percent=80)

    launch_scheduled(now=at)
    scheduled.refresh_from_db()
    held = scheduled.state, scheduled.held_because, Message.objects.count()
    set_month_budget(workspace=in_workspace, month_budget=100, warn_percent=80)
    schedule_campaign(campaign=scheduled, at=at + timedelta(hours=1), now=at)
    launch_scheduled(now=at + timedelta(hours=1))

    scheduled.refresh_from_db()
    words = "The budget of the month is used up: nothing would leave. An owner raises it."
    assert held == (Campaign.State.DRAFT, words, 0)
    assert (scheduled.state, scheduled.held_because) == (Campaign.State.SENDING, "")


def test_a_higher_budget_lets_it_go_on(owner_client, campaign):
    owner_client.post(f"/admin/campaigns/{campaign.pk}/budget/", {"budget": "0,14"})

    campaign.refresh_from_db()
    assert (campaign.budget, campaign.state, campaign.batch.state) == (14, Campaign.State.SENDING, Batch.State.RUNNING)
    run_step(campaign.batch.account, TUESDAY)
    assert waiting(campaign) == 0


@pytest.mark.parametrize("typed", ["", "many", "-3"])
def test_what_is_no_amount_changes_nothing(owner_client, campaign, typed):
    owner_client.post(f"/admin/campaigns/{campaign.pk}/budget/", {"budget": typed})

    campaign.refresh_from_db()
    assert (campaign.budget, campaign.state) == (9, Campaign.State.PAUSED)


def test_a_budget_below_what_it_has_cost_is_refused(workspace, campaign):
    with scope(workspace=workspace), pytest.raises(TooLow):
        raise_budget(campaign=campaign, budget=8, by=None, now=TUESDAY)


def test_a_draft_has_nothing_to_raise(workspace):
    draft = make_campaign(workspace)

    with scope(workspace=workspace), pytest.raises(WrongState):
        raise_budget(campaign=draft, budget=100, by=None, now=TUESDAY)


def test_the_report_says_why_it_is_paused_and_offers_to_raise(owner_client, campaign):
    owner_client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"

    page = owner_client.get(f"/admin/reports/campaign/{campaign.pk}/").content.decode()

    assert "its budget is used up" in page
    assert f'action="/admin/campaigns/{campaign.pk}/budget/"' in page


def test_strangers_raise_no_budget(client, campaign):
    client.force_login(make_member(make_workspace("breton")))

    answer = client.post(f"/admin/campaigns/{campaign.pk}/budget/", {"budget": "100"})

    campaign.refresh_from_db()
    assert (answer.status_code, campaign.budget) == (404, 9)


@pytest.mark.parametrize(
    ("budget", "month", "tone"),
    [
        *((None, None, "ok"), (10, None, "ok"), (8, None, "warn"), (4, None, "stop")),
        *((None, 100, "ok"), (None, 8, "warn"), (None, 0, "stop"), (4, 8, "stop")),
    ],
)
def test_the_report_card_compares_the_cost_with_both_budgets(workspace, budget, month, tone):
    people = make_list(workspace, make_contact(workspace, "+33639980101"), make_contact(workspace, "+33639980102"))
    draft = make_campaign(workspace, contact_list=people, budget=budget)
    set_month_budget(workspace=workspace, month_budget=month, warn_percent=80)

    with scope(workspace=workspace):
        lines = [line.tone for line in Review(draft, TUESDAY).lines if line.subject == "Budget"]

    assert lines == [tone]
