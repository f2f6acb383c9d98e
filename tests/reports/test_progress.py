import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django_scopes import scope

from campaigns.models import Campaign
from messaging.models import Batch, Message, Pace, SendingMinute, Spending
from messaging.spending import month_of
from reports.progress import Speed, progress_of
from tests.factories import TUESDAY
from tests.reports.rows import make_campaign, make_message

State = Message.State
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
NOW = TUESDAY + 20 * SECOND


@pytest.fixture
def english_client(owner_client):
    owner_client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return owner_client


@pytest.fixture(autouse=True)
def in_english(settings):
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def campaign(workspace):
    return make_campaign(workspace, state=Campaign.State.SENDING)


def text_of(response):
    return re.sub(r"\s+", " ", response.content.decode()).strip()


def url_of(campaign, ending="progress/"):
    return reverse("reports:campaign", args=[campaign.pk]) + ending


def progress(campaign, now=NOW):
    with scope(workspace=campaign.workspace):
        chosen = Campaign.objects.select_related("workspace", "batch__account", "batch__workspace")
        return progress_of(chosen.get(pk=campaign.pk), now=now)


def make_minutes(campaign, **counts):
    """Minutes before TUESDAY's, by name: `m0` is TUESDAY's."""
    with scope(workspace=campaign.workspace):
        for name, messages in counts.items():
            minute = TUESDAY - int(name[1:]) * MINUTE
            SendingMinute.objects.create(
                workspace=campaign.workspace, batch=campaign.batch, minute=minute, messages=messages
            )


def start(campaign, at):
    with scope(workspace=campaign.workspace):
        Batch.objects.filter(pk=campaign.batch_id).update(state_changed_at=at)


# What it says ---------------------------------------------------------------------------------------


def test_every_state_has_its_place(campaign, other_workspace):
    for position, state in enumerate(State.values):
        make_message(campaign, position, state=state)
    make_message(make_campaign(other_workspace), 0)

    found = progress(campaign)

    assert {kind.key: kind.messages for kind in found.kinds} == {
        "delivered": 1,
        "underway": 4,
        "failed": 3,
        "unknown": 1,
        "waiting": 2,
        "not_sent": 2,
    }
    assert (found.sent, found.planned, found.quarter, found.next_due_at) == (9, 11, 3, TUESDAY)


def test_reasons_of_what_waits_and_was_not_sent_come_with_their_mend(campaign):
    make_message(campaign, 0, state=State.SUPPRESSED, reason="opted_out")
    make_message(campaign, 1, state=State.SUPPRESSED, reason="opted_out")
    make_message(campaign, 2, state=State.QUEUED, reason="legal_hour")
    make_message(campaign, 3, state=State.UNDELIVERED, reason="invalid_recipient")

    found = [(each.messages, each.words) for each in progress(campaign).reasons]

    assert found == [(2, "Opted out"), (1, "Waits for a legal hour")]


def test_speed_is_that_of_the_last_sixty_seconds(campaign):
    start(campaign, TUESDAY - 10 * MINUTE)
    make_minutes(campaign, m0=100, m1=300, m2=240)

    speed = progress(campaign).speed

    assert speed == Speed(300, [None] * 12 + [240.0, 300.0])


def test_speed_of_the_first_minute_is_not_held_against_it(campaign):
    start(campaign, TUESDAY)
    make_minutes(campaign, m0=100)

    assert progress(campaign).speed.now == 300


def test_finish_is_foreseen_from_the_rate(campaign):
    for position in range(100):
        make_message(campaign, position, state=State.QUEUED)

    assert progress(campaign).finishes_at == NOW + 2 * SECOND


def test_the_last_one_never_leaves_before_the_next(campaign):
    for position in range(100):
        make_message(campaign, position, state=State.QUEUED, due_at=NOW + 60 * MINUTE)

    found = progress(campaign)

    assert (found.next_due_at, found.finishes_at) == (NOW + 60 * MINUTE, NOW + 60 * MINUTE + 2 * SECOND)


def test_no_finish_is_promised_while_the_provider_is_away(campaign):
    make_message(campaign, 0, state=State.QUEUED)
    with scope(workspace=campaign.workspace):
        Pace.objects.create(
            workspace=campaign.workspace,
            account=campaign.batch.account,
            refilled_at=TUESDAY,
            opened_at=TUESDAY,
            opened_by="unknown",
        )

    found = progress(campaign)

    assert (found.finishes_at, found.stopped_because) == (None, "Waits: the provider does not answer")


def test_a_campaign_that_has_left_says_how_long_it_took(workspace):
    campaign = make_campaign(workspace, state=Campaign.State.SENT)
    make_minutes(campaign, m0=10, m11=10)

    assert progress(campaign).lasted == 12 * MINUTE


@pytest.mark.parametrize(
    ("state", "after", "every_ms"),
    [
        (State.ACCEPTED, MINUTE, 2_000),
        (State.ACCEPTED, 60 * MINUTE, 10_000),
        (State.ACCEPTED, 4 * 24 * 60 * MINUTE, None),
        (State.DELIVERED, MINUTE, None),
    ],
)
def test_a_campaign_that_has_left_is_asked_while_messages_are_on_their_way(workspace, state, after, every_ms):
    campaign = make_campaign(workspace, state=Campaign.State.SENT, sent_at=NOW - after)
    make_message(campaign, 0, state=state)

    assert progress(campaign).every_ms == every_ms


# What it costs --------------------------------------------------------------------------------------


def test_it_takes_as_many_queries_for_many_messages(campaign):
    make_message(campaign, 0, state=State.QUEUED, reason="legal_hour")
    with CaptureQueriesContext(connection) as few:
        progress(campaign)

    for position in range(1, 60):
        make_message(campaign, position, state=State.values[position % 13], reason="frequency")
    make_minutes(campaign, m0=10, m1=10)
    with CaptureQueriesContext(connection) as many:
        progress(campaign)

    assert len(many) == len(few) <= 8


# What the page does with it -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "every"), [("sending", "2000"), ("paused", "10000"), ("scheduled", "30000"), ("sent", None)]
)
def test_fragment_says_when_to_come_back(english_client, workspace, state, every):
    fragment = text_of(english_client.get(url_of(make_campaign(workspace, state=state))))

    assert re.findall(r'data-every="(\d+)"', fragment) == ([every] if every else [])


def test_only_quarters_are_announced(english_client, campaign):
    for position in range(8):
        make_message(campaign, position, state=State.DELIVERED if position < 5 else State.QUEUED)

    fragment = text_of(english_client.get(url_of(campaign)))

    assert fragment.startswith('<div data-ch-live-target="fragment" data-state="sending-2"')
    assert 'data-words="Sending. 5 sent of 8"' in fragment


def test_page_holds_the_progress_without_a_script(english_client, campaign):
    make_message(campaign, 0, state=State.QUEUED)

    page = text_of(english_client.get(url_of(campaign, "")))

    assert "0 sent of 1" in page


def test_messages_that_are_being_written_are_told(english_client, campaign):
    assert "The messages are being written" in text_of(english_client.get(url_of(campaign)))


def test_foreign_progress_is_not_found(english_client, other_workspace):
    assert english_client.get(url_of(make_campaign(other_workspace))).status_code == 404


@pytest.mark.parametrize(
    ("state", "acts"),
    [("sending", ["pause", "cancel"]), ("paused", ["resume", "cancel"]), ("scheduled", ["cancel"]), ("sent", [])],
)
def test_strip_offers_what_can_be_done_now_by_post(english_client, workspace, state, acts):
    campaign = make_campaign(workspace, state=state)

    fragment = text_of(english_client.get(url_of(campaign, "progress/")))

    assert re.findall(rf'method="post" action="/admin/campaigns/{campaign.pk}/(\w+)/"', fragment) == acts
    assert fragment.count("csrfmiddlewaretoken") == len(acts)


def test_first_share_that_has_left_waits_for_a_look(english_client, workspace):
    campaign = make_campaign(workspace, state="paused")
    make_message(campaign, 0)
    make_message(campaign, 1, state=Message.State.QUEUED, due_at=TUESDAY)
    make_message(campaign, 2, state=Message.State.QUEUED, due_at=TUESDAY)
    with scope(workspace=workspace):
        Batch.objects.update(state=Batch.State.PAUSED, pilot_left=0, paused_because="pilot")

    fragment = text_of(english_client.get(url_of(campaign, "progress/")))

    assert "the first share has left: 2 more wait until you have looked" in fragment
    assert re.findall(r"/admin/campaigns/\d+/resume/.*?<button[^>]*>(.*?)</button>", fragment) == ["Send the rest"]


def test_report_of_a_slow_campaign_says_when_the_last_one_leaves(english_client, workspace):
    campaign = make_campaign(workspace, state="sending")
    make_message(campaign, 0, state=Message.State.QUEUED, due_at=TUESDAY)
    with scope(workspace=workspace):
        Batch.objects.update(per_hour=60)

    fragment = text_of(english_client.get(url_of(campaign, "progress/")))

    assert "the last one leaves about " in fragment


def test_live_fragment_that_only_waits_comes_back_seldom(english_client, workspace):
    campaign = make_campaign(workspace, state=Campaign.State.SENDING)
    make_message(campaign, 0, state=State.QUEUED, due_at=timezone.now() + timedelta(hours=3))

    fragment = text_of(english_client.get(url_of(campaign, "progress/")))

    assert 'data-every="30000"' in fragment
    assert "0 sent of 1" in fragment


@pytest.mark.parametrize(("because", "act"), [("budget", "/budget/"), ("month_budget", "/admin/messaging/budget/")])
def test_who_is_paused_by_a_budget_finds_where_to_raise_it(english_client, workspace, because, act):
    campaign = make_campaign(workspace, state="paused")
    with scope(workspace=workspace):
        Batch.objects.update(state=Batch.State.PAUSED, paused_because=because)

    fragment = text_of(english_client.get(url_of(campaign)))

    assert (act in fragment, "budget" in progress(campaign).held_because) == (True, True)


def test_list_of_reports_tells_what_each_campaign_and_the_month_have_cost(english_client, workspace, other_workspace):
    account = make_campaign(workspace, "Cheap").batch.account
    make_message(make_campaign(workspace, "Dear"), 0, cost_micros=12_340_000)
    with scope(workspace=workspace):
        month = {"account": account, "month": month_of(timezone.now()), "workspace": workspace}
        Spending.objects.create(**month, purpose="service", parts=10, cost_micros=770_000)

    page = text_of(english_client.get(reverse("reports:index")))

    assert ("€12.34" in page, "€0.77" in page, "10 parts" in page) == (True, True, True)
