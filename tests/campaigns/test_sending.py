from datetime import timedelta

import pytest
from django.db import connection
from django.utils import translation
from django_scopes import scope, scopes_disabled

from campaigns import tasks
from campaigns.models import Campaign
from campaigns.services import (
    NotReady,
    WrongState,
    cancel_campaign,
    copy_campaign,
    launch_scheduled,
    pause_campaign,
    prepare_campaign,
    resume_campaign,
    schedule_campaign,
    send_campaign,
    send_test_of,
    sending,
    sync_campaigns,
)
from integrations.models import GatewayAccount
from landing.queries import public_url
from messaging.models import Batch, DemoClock, Message, PromoPool, TeamNumber
from messaging.services import crowds
from messaging.services.promo import add_codes, assign_code
from messaging.services.team import NotConfirmed
from shortlinks.models import ShortLink
from tests.factories import TUESDAY, make_campaign, make_contact, make_list, make_page

State = Campaign.State


def many_contacts(workspace, number):
    return [make_contact(workspace, f"+3363998{at:04}", first_name=f"Camille {at}") for at in range(number)]


def sent(campaign, now=TUESDAY):
    return prepare_campaign(campaign=send_campaign(campaign=campaign, now=now), now=now)


def test_a_campaign_becomes_a_running_batch_with_a_message_for_everybody(in_workspace):
    people = many_contacts(in_workspace, 3)
    campaign = make_campaign(in_workspace, contact_list=make_list(in_workspace, *people))

    sent(campaign)

    campaign.refresh_from_db()
    assert (campaign.state, campaign.sent_at, campaign.batch.state) == (State.SENDING, TUESDAY, Batch.State.RUNNING)
    assert [message.contact for message in campaign.batch.messages.order_by("position")] == people


def test_a_campaign_leaves_as_slowly_as_it_was_told_a_first_share_of_its_readers_ahead(in_workspace):
    people = [*many_contacts(in_workspace, 21), make_contact(in_workspace, "+33639980999", consents=False)]
    listed = make_list(in_workspace, *people)
    campaign = make_campaign(in_workspace, contact_list=listed, per_hour=30, pilot_percent=10)

    batch = sent(campaign).batch

    assert (batch.per_hour, batch.pilot_left, batch.messages.count()) == (30, 3, 22)


def test_a_copy_leaves_as_slowly(in_workspace):
    copy = copy_campaign(campaign=make_campaign(in_workspace, per_hour=30, pilot_percent=10))

    assert (copy.per_hour, copy.pilot_percent) == (30, 10)


def test_codes_that_run_out_while_messages_are_written_hold_the_campaign_until_some_are_added(in_workspace):
    pool = PromoPool.objects.create(workspace=in_workspace, name="Hiver")
    add_codes(pool=pool, codes=["A1", "B2", "C3"])
    people = many_contacts(in_workspace, 3)
    fields = {"contact_list": make_list(in_workspace, *people), "promo_pool": pool, "text": "Code {code} {link}"}
    campaign = send_campaign(campaign=make_campaign(in_workspace, **fields), now=TUESDAY)
    assign_code(pool=pool, contact=make_contact(in_workspace, "+33639980999"), now=TUESDAY)  # somebody was quicker

    held = prepare_campaign(campaign=campaign, now=TUESDAY)
    held_state, why, written = held.state, held.held_because, held.batch.messages.count()
    sync_campaigns(now=TUESDAY)
    held.refresh_from_db()
    still = held.state
    add_codes(pool=pool, codes=["D4"])
    resume_campaign(campaign=held, by=None, now=TUESDAY)
    going = prepare_campaign(campaign=held, now=TUESDAY)

    assert (held_state, why, written) == (State.PAUSED, "“Hiver” has no code left: add some.", 0)
    assert (still, going.state, going.held_because) == (State.PAUSED, State.SENDING, "")
    assert (going.batch.state, going.batch.messages.count()) == (Batch.State.RUNNING, 3)


def test_a_campaign_that_is_held_half_written_can_be_cancelled(in_workspace):
    pool = PromoPool.objects.create(workspace=in_workspace, name="Hiver")
    add_codes(pool=pool, codes=["A1"])
    campaign = make_campaign(in_workspace, promo_pool=pool, text="Code {code} {link}")
    campaign = send_campaign(campaign=campaign, now=TUESDAY)
    pool.codes.all().delete()
    held = prepare_campaign(campaign=campaign, now=TUESDAY)

    cancelled = cancel_campaign(campaign=held, by=None, now=TUESDAY)

    assert (cancelled.state, cancelled.batch.state) == (State.CANCELLED, Batch.State.CANCELLED)


def test_a_stop_number_that_changed_meanwhile_holds_the_campaign_with_its_reason(in_workspace):
    campaign = send_campaign(campaign=make_campaign(in_workspace), now=TUESDAY)
    GatewayAccount.objects.update(stop_number="36999")

    held = prepare_campaign(campaign=campaign, now=TUESDAY)

    assert (held.state, held.held_because.startswith("The STOP number has changed")) == (State.PAUSED, True)


def test_its_short_link_leads_to_the_page_and_carries_a_visit(in_workspace):
    campaign = sent(make_campaign(in_workspace))

    assert (campaign.link.target_url, campaign.link.carries_visit) == (public_url(campaign.page), True)
    assert [row.link for row in campaign.batch.links.all()] == [campaign.link]


def test_a_text_without_link_makes_no_link(in_workspace):
    campaign = sent(make_campaign(in_workspace, text="Bonjour {first_name|vous}"))

    assert campaign.link is None


def test_an_opt_out_address_of_ours_makes_a_link_too(in_workspace):
    campaign = sent(make_campaign(in_workspace, text="Offre du jour. Stop: {stop_link}"))

    assert [row.link for row in campaign.batch.links.all()] == [campaign.link]
    assert campaign.batch.stop_clause == ""


def test_a_campaign_leaves_once(in_workspace):
    campaign = sent(make_campaign(in_workspace))

    with pytest.raises(WrongState):
        send_campaign(campaign=campaign, now=TUESDAY)


def test_who_is_not_reachable_stays_in_the_batch_for_the_gate_to_say_why(in_workspace):
    yes, no = make_contact(in_workspace), make_contact(in_workspace, "+33639980002", consents=False)
    campaign = sent(make_campaign(in_workspace, contact_list=make_list(in_workspace, yes, no)))

    assert campaign.batch.messages.count() == 2


def test_an_interrupted_preparation_goes_on_without_doubles(in_workspace, monkeypatch):
    monkeypatch.setitem(crowds.SLICE, connection.vendor, 10)
    campaign = make_campaign(in_workspace, contact_list=make_list(in_workspace, *many_contacts(in_workspace, 25)))
    campaign = send_campaign(campaign=campaign, now=TUESDAY)

    sending._write_slice(campaign, TUESDAY)  # and the worker dies
    with scopes_disabled():
        tasks.prepare(campaign.pk)
        tasks.prepare(campaign.pk)

    campaign.batch.refresh_from_db()
    contacts = campaign.batch.messages.values_list("contact", flat=True)
    assert (len(contacts), len(set(contacts)), campaign.batch.state) == (25, 25, Batch.State.RUNNING)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"contact_list": None}, "list"),
        ({"sender": None}, "sender"),
        ({"text": ""}, "message"),
        ({"text": "Bonjour {first_name}"}, "{first_name}"),
        ({"text": "Bonjour {nickname|toi}"}, "{nickname}"),
        ({"text": "Bonjour {first_name"}, "brace"),
        ({"text": "Offre STOP 36XXX"}, "36XXX"),
        ({"page": None}, "{link}"),
        ({"page": None, "text": "Offre {stop_link}"}, "{stop_link}"),
        ({"text": "Offre {code} {link}"}, "{code}"),
    ],
)
def test_what_is_not_ready_is_refused_in_words(in_workspace, fields, words):
    campaign = make_campaign(in_workspace, **fields)

    with translation.override("en"), pytest.raises(NotReady) as refusal:
        send_campaign(campaign=campaign, now=TUESDAY)

    assert words in str(refusal.value)
    assert not Batch.objects.exists()


def test_an_empty_list_and_one_that_nobody_agreed_to_are_refused(in_workspace):
    empty = make_campaign(in_workspace, contact_list=make_list(in_workspace))
    silent = make_list(in_workspace, make_contact(in_workspace, consents=False), name="Silent")

    for contact_list in (empty.contact_list, silent):
        Campaign.objects.update(contact_list=contact_list)
        with pytest.raises(NotReady):
            send_campaign(campaign=empty, now=TUESDAY)


def test_information_needs_no_consent_but_a_reason(in_workspace):
    silent = make_list(in_workspace, make_contact(in_workspace, consents=False), name="Citizens")
    campaign = make_campaign(in_workspace, contact_list=silent, purpose=Campaign.Purpose.INFORMATION)

    with pytest.raises(NotReady):
        send_campaign(campaign=campaign, now=TUESDAY)
    Campaign.objects.update(purpose_reason="Flood warning of the town hall")

    assert send_campaign(campaign=campaign, now=TUESDAY).batch.purpose == "information"


def test_a_page_that_is_not_published_is_refused(in_workspace):
    campaign = make_campaign(in_workspace)
    campaign.page = make_page(in_workspace, "Draft", is_live=False)
    campaign.save()

    with pytest.raises(NotReady):
        send_campaign(campaign=campaign, now=TUESDAY)


def test_an_account_without_stop_number_is_refused(in_workspace):
    campaign = make_campaign(in_workspace)
    campaign.sender.account.stop_number = ""
    campaign.sender.account.save()

    with pytest.raises(NotReady):
        send_campaign(campaign=campaign, now=TUESDAY)


def test_a_sender_that_operators_refuse_is_refused(in_workspace):
    campaign = make_campaign(in_workspace)
    campaign.sender.name = "Coiff&Style"
    campaign.sender.save()

    with pytest.raises(NotReady):
        send_campaign(campaign=campaign, now=TUESDAY)


def test_a_scheduled_campaign_leaves_at_its_hour_and_not_before(in_workspace):
    campaign = make_campaign(in_workspace)
    at = TUESDAY + timedelta(hours=1)
    schedule_campaign(campaign=campaign, at=at, now=TUESDAY)

    assert launch_scheduled(now=at - timedelta(seconds=1)) == 0
    assert launch_scheduled(now=at) == 1
    assert launch_scheduled(now=at) == 0
    campaign.refresh_from_db()
    assert campaign.state == State.SENDING


def test_a_schedule_is_on_the_workspaces_clock(in_workspace):
    DemoClock.objects.create(workspace=in_workspace, shows_at=TUESDAY, set_at=TUESDAY - timedelta(days=3))
    campaign = make_campaign(in_workspace)
    real = TUESDAY - timedelta(days=3)

    with pytest.raises(NotReady):
        schedule_campaign(campaign=campaign, at=TUESDAY - timedelta(hours=1), now=real)
    schedule_campaign(campaign=campaign, at=TUESDAY + timedelta(hours=1), now=real)

    assert launch_scheduled(now=real + timedelta(hours=1)) == 1


def test_a_scheduled_campaign_that_can_not_leave_is_a_draft_again_and_says_why(in_workspace):
    campaign = make_campaign(in_workspace)
    schedule_campaign(campaign=campaign, at=TUESDAY + timedelta(hours=1), now=TUESDAY)
    campaign.page.live = False
    campaign.page.save()

    launch_scheduled(now=TUESDAY + timedelta(hours=1))

    campaign.refresh_from_db()
    assert (campaign.state, campaign.page.title in campaign.held_because) == (State.DRAFT, True)


def test_one_that_breaks_at_its_hour_holds_up_no_other(workspace, other_workspace):
    for place in (workspace, other_workspace):
        with scope(workspace=place):
            schedule_campaign(campaign=make_campaign(place), at=TUESDAY + timedelta(hours=1), now=TUESDAY)
    with scope(workspace=workspace):
        GatewayAccount.objects.update(gateway="uninstalled")

    launch_scheduled(now=TUESDAY + timedelta(hours=1))

    with scopes_disabled():
        states = Campaign.objects.order_by("workspace").values_list("state", flat=True)
        assert list(states) == [State.SCHEDULED, State.SENDING]


def test_pause_resume_and_cancel_follow_the_batch(in_workspace):
    campaign = sent(make_campaign(in_workspace))

    states = [
        move(campaign=campaign, by=None, now=TUESDAY).state
        for move in (pause_campaign, resume_campaign, cancel_campaign)
    ]

    assert states == [State.PAUSED, State.SENDING, State.CANCELLED]
    with pytest.raises(WrongState):
        resume_campaign(campaign=campaign, by=None, now=TUESDAY)


def test_a_cancelled_schedule_is_a_draft_again(in_workspace):
    campaign = make_campaign(in_workspace)
    campaign = schedule_campaign(campaign=campaign, at=TUESDAY + timedelta(hours=1), now=TUESDAY)

    assert cancel_campaign(campaign=campaign, by=None, now=TUESDAY).state == State.DRAFT


def test_a_draft_can_not_be_paused(in_workspace):
    with pytest.raises(WrongState):
        pause_campaign(campaign=make_campaign(in_workspace), by=None, now=TUESDAY)


def test_a_campaign_is_sent_when_its_batch_is_done(workspace, other_workspace):
    for place in (workspace, other_workspace):
        with scope(workspace=place):
            sent(make_campaign(place))
    with scope(workspace=workspace):
        Batch.objects.update(state=Batch.State.DONE)

    sync_campaigns(now=TUESDAY)

    with scopes_disabled():
        assert list(Campaign.objects.order_by("workspace").values_list("state", flat=True)) == [
            State.SENT,
            State.SENDING,
        ]


def test_a_copy_is_a_draft_with_the_same_words(in_workspace):
    campaign = sent(make_campaign(in_workspace))

    copy = copy_campaign(campaign=campaign)

    assert (copy.state, copy.text, copy.contact_list, copy.batch, copy.link) == (
        State.DRAFT,
        campaign.text,
        campaign.contact_list,
        None,
        None,
    )


def test_campaigns_of_two_workspaces_keep_apart(workspace, other_workspace):
    for place in (workspace, other_workspace):
        with scope(workspace=place):
            sent(make_campaign(place))

    with scope(workspace=workspace):
        assert (Campaign.objects.count(), Message.objects.count()) == (1, 1)


@pytest.fixture
def colleague(in_workspace):
    return TeamNumber.objects.create(
        workspace=in_workspace, name="Lucie", phone="+33639980099", confirmed_at=TUESDAY - timedelta(days=1)
    )


def test_a_test_goes_to_a_colleague_with_a_link_of_its_own_and_needs_no_audience(in_workspace, colleague):
    campaign = make_campaign(in_workspace, contact_list=None)

    message = send_test_of(campaign=campaign, team_number=colleague, now=TUESDAY)

    campaign.refresh_from_db()
    assert (message.team_number, message.batch.is_test, message.batch.text) == (
        colleague,
        True,
        f"TEST {campaign.text}",
    )
    assert (campaign.state, campaign.link, message.batch.links.count()) == (State.DRAFT, None, 1)


@pytest.mark.parametrize("fields", [{"text": "Bonjour {first_name}"}, {"sender": None}, {"text": ""}])
def test_a_test_of_what_can_not_be_sent_is_refused(in_workspace, colleague, fields):
    with pytest.raises(NotReady):
        send_test_of(campaign=make_campaign(in_workspace, **fields), team_number=colleague, now=TUESDAY)


def test_a_number_that_nobody_confirmed_gets_no_test(in_workspace, colleague):
    TeamNumber.objects.update(confirmed_at=None)

    with pytest.raises(NotConfirmed):
        send_test_of(campaign=make_campaign(in_workspace), team_number=colleague, now=TUESDAY)
    assert not ShortLink.objects.exists()
