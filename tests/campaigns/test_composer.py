import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_scopes import scope

from accounts.models import Role, Workspace
from campaigns.forms import CampaignForm
from campaigns.models import Campaign
from campaigns.services import prepare_campaign, schedule_campaign, send_campaign
from campaigns.views import tuesday_morning
from messaging.models import DemoClock, TeamNumber
from tests.campaigns.composing import errors_of, typed
from tests.factories import (
    TUESDAY,
    make_account,
    make_campaign,
    make_list,
    make_member,
    make_page,
    make_sender,
)

State = Campaign.State


@pytest.fixture
def campaign(workspace):
    return make_campaign(workspace)


@pytest.fixture
def composer(campaign):
    return f"/admin/campaigns/edit/{campaign.pk}/"


def test_an_empty_list_of_campaigns_says_what_to_do(owner_client):
    assert "/admin/campaigns/new/" in owner_client.get("/admin/campaigns/").text


def test_the_list_uses_the_same_number_of_queries_for_one_and_for_more(workspace, owner_client, campaign):
    owner_client.get("/admin/campaigns/")
    with CaptureQueriesContext(connection) as one:
        owner_client.get("/admin/campaigns/")
    with scope(workspace=workspace):
        for name in ("Spring", "Summer"):
            sent = make_campaign(
                workspace, name=name, contact_list=campaign.contact_list, sender=campaign.sender, page=campaign.page
            )
            prepare_campaign(campaign=send_campaign(campaign=sent, now=TUESDAY), now=TUESDAY)
    with CaptureQueriesContext(connection) as many:
        page = owner_client.get("/admin/campaigns/").text

    assert len(one) == len(many)
    assert "Summer" in page


def test_the_list_says_states_in_words(owner_client, campaign):
    page = owner_client.get("/admin/campaigns/").text

    assert f'<span class="ch-tag ch-tag--mute">{campaign.get_state_display()}</span>' in page


def test_a_draft_is_saved_incomplete(workspace, owner_client):
    with scope(workspace=workspace):
        response = owner_client.post("/admin/campaigns/new/", {"name": "Winter", "purpose": "marketing"})
        campaign = Campaign.objects.get()

    assert response.url == f"/admin/campaigns/edit/{campaign.pk}/"
    assert (campaign.state, campaign.workspace) == (State.DRAFT, workspace)


def test_what_there_is_only_one_of_is_chosen_already(workspace, owner_client):
    sender = make_sender(make_account(workspace))
    make_list(workspace, name="One")
    make_list(workspace, name="Two")

    form = owner_client.get("/admin/campaigns/new/").context["form"]

    assert (form.instance.sender, form.instance.contact_list) == (sender, None)


def test_choices_are_of_this_workspace_only(workspace, other_workspace, owner_client, campaign, composer):
    theirs = make_campaign(other_workspace)

    page = owner_client.get(composer).text
    response = owner_client.post(composer, typed(campaign, audience=f"list:{theirs.contact_list_id}"))

    assert theirs.sender.account.workspace.slug not in page
    assert list(errors_of(response)) == ["audience"]
    assert owner_client.get(f"/admin/campaigns/edit/{theirs.pk}/").status_code == 404


@pytest.mark.parametrize("button", ["action-send", "action-schedule"])
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"audience": ""}, "audience"),
        ({"sender": ""}, "sender"),
        ({"text": ""}, "text"),
        ({"text": "Bonjour {first_name}"}, "text"),
        ({"text": "Offre STOP au 36180"}, "text"),
        ({"page": ""}, "text"),
    ],
)
def test_bad_input_is_refused_on_the_form_before_it_leaves(owner_client, campaign, composer, button, changes, field):
    later = (timezone.localtime() + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")

    response = owner_client.post(composer, typed(campaign, scheduled_at=later, **changes, **{button: "1"}))

    assert list(errors_of(response)) == [field]


def test_an_empty_audience_a_long_sender_and_a_missing_stop_route_are_refused(
    workspace, owner_client, campaign, composer
):
    with scope(workspace=workspace):
        campaign.contact_list.contacts.all().delete()
        type(campaign.sender).objects.update(name="MAISON LAMB")
        type(campaign.sender.account).objects.update(stop_number="")

    errors = errors_of(owner_client.post(composer, typed(campaign, **{"action-send": "1"})))

    assert set(errors) == {"audience", "sender"}
    assert len(errors["sender"]) == 2


def test_a_page_that_is_not_published_is_refused(workspace, owner_client, campaign, composer):
    page = make_page(workspace, "Draft", is_live=False)

    response = owner_client.post(composer, typed(campaign, page=page.pk, **{"action-send": "1"}))

    assert list(errors_of(response)) == ["page"]


@pytest.mark.parametrize("moment", ["", "2001-01-01T10:00", "tomorrow"])
def test_a_schedule_needs_a_moment_to_come(owner_client, campaign, composer, moment):
    response = owner_client.post(composer, typed(campaign, scheduled_at=moment, **{"action-schedule": "1"}))

    assert list(errors_of(response)) == ["scheduled_at"]


def test_information_is_for_owners_and_needs_a_reason(workspace, owner_client, campaign, composer):
    marketer = Client()
    marketer.force_login(make_member(workspace, Role.MARKETER))

    refused = marketer.post(composer, typed(campaign, purpose="information", purpose_reason="Flood"))
    unexplained = owner_client.post(composer, typed(campaign, purpose="information"))
    accepted = owner_client.post(composer, typed(campaign, purpose="information", purpose_reason="Flood"))

    assert list(errors_of(refused)) == ["purpose"]
    assert list(errors_of(unexplained)) == ["purpose_reason"]
    assert accepted.status_code == 302


def test_sending_is_asked_once_more_and_happens_by_post(workspace, owner_client, campaign, composer):
    asked = owner_client.post(composer, typed(campaign, **{"action-send": "1"}))
    page = owner_client.get(asked.url)
    campaign.refresh_from_db()
    before = campaign.state
    sent = owner_client.post(asked.url)

    campaign.refresh_from_db()
    assert (page.status_code, before, campaign.state) == (200, State.DRAFT, State.SENDING)
    assert sent.url == f"/admin/reports/campaign/{campaign.pk}/"
    assert owner_client.get(composer).url == sent.url


def test_scheduling_is_asked_once_more_and_can_be_taken_back(workspace, owner_client, campaign, composer):
    later = (timezone.localtime() + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")

    asked = owner_client.post(composer, typed(campaign, scheduled_at=later, **{"action-schedule": "1"}))
    owner_client.post(asked.url)
    campaign.refresh_from_db()
    scheduled = campaign.state
    owner_client.post(f"/admin/campaigns/{campaign.pk}/cancel/")

    campaign.refresh_from_db()
    assert (scheduled, campaign.state) == (State.SCHEDULED, State.DRAFT)


def test_a_first_share_is_chosen_in_the_composer_and_told_before_it_leaves(owner_client, campaign, composer):
    owner_client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"

    chosen = typed(campaign, per_hour="60", pilot_percent="5", **{"action-send": "1"})
    asked = " ".join(owner_client.post(composer, chosen, follow=True).content.decode().split())

    assert "The first 1 leave; the rest waits until you say so on the report." in asked
    assert "The last one leaves about" in asked


def test_what_became_unready_meanwhile_is_said_and_not_sent(workspace, owner_client, campaign):
    with scope(workspace=workspace):
        campaign.contact_list.contacts.all().delete()

    response = owner_client.post(f"/admin/campaigns/{campaign.pk}/confirm/", follow=True)

    campaign.refresh_from_db()
    assert (campaign.state, len(response.context["messages"])) == (State.DRAFT, 1)


@pytest.mark.parametrize("page", ["confirm", "test"])
def test_pages_about_a_draft_lead_to_the_report_once_it_leaves(workspace, owner_client, campaign, page):
    with scope(workspace=workspace):
        send_campaign(campaign=campaign, now=TUESDAY)

    response = owner_client.get(f"/admin/campaigns/{campaign.pk}/{page}/")

    assert (response.status_code, response.url) == (302, f"/admin/reports/campaign/{campaign.pk}/")


def test_pause_resume_and_cancel_by_post_only(workspace, owner_client, campaign):
    with scope(workspace=workspace):
        prepare_campaign(campaign=send_campaign(campaign=campaign, now=TUESDAY), now=TUESDAY)
    states = []

    for act in ("pause", "resume", "cancel"):
        assert owner_client.get(f"/admin/campaigns/{campaign.pk}/{act}/").status_code == 405
        owner_client.post(f"/admin/campaigns/{campaign.pk}/{act}/")
        campaign.refresh_from_db()
        states.append(campaign.state)

    assert states == [State.PAUSED, State.SENDING, State.CANCELLED]


def test_acts_on_another_workspaces_campaign_are_not_found(other_workspace, owner_client):
    theirs = make_campaign(other_workspace)

    for act in ("pause", "resume", "cancel", "copy", "confirm"):
        assert owner_client.post(f"/admin/campaigns/{theirs.pk}/{act}/").status_code == 404


def test_an_analyst_reads_and_sends_nothing(workspace, campaign, composer):
    analyst = Client()
    analyst.force_login(make_member(workspace, Role.ANALYST))

    for address in ("count/", f"{campaign.pk}/confirm/", f"{campaign.pk}/copy/", f"{campaign.pk}/pause/"):
        assert analyst.post(f"/admin/campaigns/{address}").status_code in {302, 403}
    assert analyst.get("/admin/campaigns/").status_code == 200
    campaign.refresh_from_db()
    assert campaign.state == State.DRAFT


def test_the_demo_clock_is_switched_by_post_and_shown(workspace, owner_client, campaign, composer):
    with scope(workspace=workspace):
        owner_client.post("/admin/campaigns/clock/", {"to": "simulated", "next": composer})
        page = owner_client.get(composer).text
        is_on = DemoClock.objects.get().is_on
        owner_client.post("/admin/campaigns/clock/", {"to": "real", "next": "https://evil.example/"})

        assert (is_on, DemoClock.objects.get().is_on) == (True, False)
    assert 'value="real"' in page


def test_the_simulated_tuesday_is_a_legal_moment():
    moment = tuesday_morning(Workspace(time_zone="Europe/Paris"), TUESDAY)

    assert moment == TUESDAY + timedelta(days=7)


def test_a_copy_of_a_sent_campaign_opens_as_a_draft(workspace, owner_client, campaign):
    response = owner_client.post(f"/admin/campaigns/{campaign.pk}/copy/")

    with scope(workspace=workspace):
        copy = Campaign.objects.exclude(pk=campaign.pk).get()
    assert response.url == f"/admin/campaigns/edit/{copy.pk}/"


def test_the_test_page_lists_colleagues_masked_and_sends_by_post(workspace, owner_client, campaign):
    with scope(workspace=workspace):
        lucie = TeamNumber.objects.create(
            workspace=workspace, name="Lucie", phone="+33639980099", confirmed_at=TUESDAY - timedelta(days=1)
        )
    address = f"/admin/campaigns/{campaign.pk}/test/"

    page = owner_client.get(address).text
    response = owner_client.post(address, {"team_number": lucie.pk}, follow=True)

    assert ("•• 99" in page, "+33639980099" in page) == (True, False)
    assert [message.level_tag for message in response.context["messages"]] == ["success"]


def test_a_colleague_of_another_workspace_gets_no_test(other_workspace, owner_client, campaign):
    with scope(workspace=other_workspace):
        theirs = TeamNumber.objects.create(workspace=other_workspace, name="X", phone="+33639980098")

    assert owner_client.post(f"/admin/campaigns/{campaign.pk}/test/", {"team_number": theirs.pk}).status_code == 404


def test_a_draft_saved_while_it_leaves_stays_what_it_became(workspace, owner_client, campaign, composer, monkeypatch):
    """Somebody sends it from another tab, between the reading and the writing of this request."""
    is_valid = CampaignForm.is_valid

    def meanwhile(form):
        send_campaign(campaign=Campaign.objects.get(), now=TUESDAY)
        return is_valid(form)

    monkeypatch.setattr(CampaignForm, "is_valid", meanwhile)

    owner_client.post(composer, typed(campaign, text="Autre texte {link}"))

    with scope(workspace=workspace):
        left = Campaign.objects.get()
    assert (left.state, left.batch is None, left.text) == (State.SENDING, False, campaign.text)


@pytest.mark.parametrize("act", ["send", "schedule", ""])
def test_only_what_has_not_left_can_be_deleted(workspace, owner_client, campaign, act):
    with scope(workspace=workspace):
        if act == "send":
            send_campaign(campaign=campaign, now=TUESDAY)
        if act == "schedule":
            schedule_campaign(campaign=campaign, at=TUESDAY + timedelta(hours=1), now=TUESDAY)

    owner_client.post(f"/admin/campaigns/delete/{campaign.pk}/")

    with scope(workspace=workspace):
        assert Campaign.objects.exists() == (act == "send")


def test_texts_to_begin_with_are_offered_in_both_languages_and_none_is_a_service_text(owner_client, composer):
    response = owner_client.get(composer)

    assert {example.language for example in response.context["library"]} == {"fr", "en"}
    assert "{order_number}" not in response.text


def test_whatever_describes_a_field_is_on_the_page(workspace, owner_client):
    campaign = make_campaign(workspace)
    address = f"/admin/campaigns/edit/{campaign.pk}/"
    wrong = typed(campaign, name="", per_hour="0", pilot_percent="99", **{"action-save": "1"})

    for page in (owner_client.get(address).text, owner_client.post(address, wrong).text):
        described = {name for names in re.findall(r'aria-describedby="([^"]+)"', page) for name in names.split()}
        assert described <= set(re.findall(r'id="([^"]+)"', page))
        assert "id_per_hour_helptext" in described


@pytest.mark.parametrize("at", ["9999-12-31T23:59", "0001-01-01T00:00"])
def test_a_year_that_no_calendar_has_breaks_no_count(workspace, owner_client, at):
    campaign = make_campaign(workspace)

    answer = owner_client.post("/admin/campaigns/count/", typed(campaign, scheduled_at=at, budget="Infinity"))

    assert (answer.status_code, answer.context["review"].campaign.scheduled_at) == (200, None)


@pytest.mark.parametrize("number", ["", "abc", "-1", "9" * 40])
def test_a_test_to_a_number_that_is_none_is_not_found(workspace, owner_client, number):
    campaign = make_campaign(workspace)

    assert owner_client.post(f"/admin/campaigns/{campaign.pk}/test/", {"team_number": number}).status_code == 404
