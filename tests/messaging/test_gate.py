from datetime import UTC, datetime, timedelta

import pytest
from django_scopes import scope

from audience.models import OptOutScope, Topic
from audience.services import record_opt_out, withdraw_consent
from audience.services.blocks import block_number
from audience.services.preferences import choose_frequency, choose_topics
from integrations.gateways.base import ErrorClass, IncomingMessage
from integrations.models import GatewayAccount
from messaging.gate import Reason, reason_label
from messaging.models import Attempt, Batch, BatchPurpose, Message
from messaging.services.batches import cancel_batch, pause_batch, resume_batch
from messaging.services.inbound import take_messages
from tests.factories import TUESDAY, make_batch, make_contact
from tests.messaging.helpers import outcome, run_step, send_to_all

SUNDAY = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
MONDAY_EIGHT = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


@pytest.fixture
def camille(workspace):
    return make_contact(workspace)


def test_a_message_with_nothing_against_it_leaves_with_its_clause(account, sender, camille, gateway):
    batch = send_to_all(make_batch(sender))

    run_step(account)

    assert outcome(batch) == [("accepted", "")]
    assert [(o.to, o.sender, o.text, o.is_marketing) for o in gateway.taken] == [
        ("+33639980001", "LAMBERT", "Bonjour Camille STOP 36180", True)
    ]


def test_who_opted_out_after_being_queued_gets_nothing(account, sender, camille, gateway, workspace):
    batch = send_to_all(make_batch(sender))
    record_opt_out(workspace=workspace, phone=camille.phone, scope=OptOutScope.MARKETING, source="test", now=TUESDAY)

    run_step(account)

    assert (outcome(batch), gateway.taken) == ([("suppressed", "opted_out")], [])


def test_an_opt_out_of_another_workspace_changes_nothing_here(account, sender, camille, gateway, other_workspace):
    batch = send_to_all(make_batch(sender))
    record_opt_out(
        workspace=other_workspace, phone=camille.phone, scope=OptOutScope.MARKETING, source="test", now=TUESDAY
    )

    run_step(account)

    assert outcome(batch) == [("accepted", "")]


@pytest.mark.parametrize(
    ("refused", "expected"),
    [(OptOutScope.MARKETING, ("accepted", "")), (OptOutScope.SERVICE, ("suppressed", "opted_out"))],
)
def test_service_messages_stop_for_their_own_opt_out_only(account, sender, camille, workspace, refused, expected):
    record_opt_out(workspace=workspace, phone=camille.phone, scope=refused, source="test", now=TUESDAY)
    batch = send_to_all(make_batch(sender, purpose=BatchPurpose.SERVICE))

    run_step(account)

    assert outcome(batch) == [expected]


@pytest.mark.parametrize(
    ("hours", "expected"), [(23, ("accepted", "")), (25, ("suppressed", "too_old"))], ids=["a night", "too long"]
)
def test_service_messages_that_could_not_leave_for_a_day_are_no_news(account, sender, camille, hours, expected):
    batch = make_batch(sender, purpose=BatchPurpose.SERVICE)
    send_to_all(batch, now=TUESDAY - timedelta(hours=hours))

    run_step(account, now=TUESDAY)

    assert outcome(batch) == [expected]


def test_no_marketing_without_consent_and_none_after_it_was_withdrawn(account, sender, camille, workspace):
    make_contact(workspace, "+33639980002", consents=False)
    batch = send_to_all(make_batch(sender))
    with scope(workspace=workspace):
        withdraw_consent(workspace=workspace, contact=camille, purpose="marketing", source="test", now=TUESDAY)

    run_step(account)

    assert outcome(batch) == [("suppressed", "opted_out"), ("suppressed", "no_consent")]


def test_service_messages_need_no_marketing_consent(account, sender, workspace):
    make_contact(workspace, consents=False)
    batch = send_to_all(make_batch(sender, purpose=BatchPurpose.SERVICE))

    run_step(account)

    assert outcome(batch) == [("accepted", "")]


def test_who_wrote_stop_in_a_sentence_gets_no_marketing_until_somebody_has_read_it(account, sender, camille, workspace):
    text = "dites donc, stop à la fin"
    message = IncomingMessage(sender=camille.phone, text=text, received_at=TUESDAY, provider_id="in-1")
    take_messages(account=account, messages=[message], now=TUESDAY)
    batch = send_to_all(make_batch(sender))

    run_step(account)

    assert outcome(batch) == [("suppressed", "on_hold")]


@pytest.mark.parametrize(
    ("kind", "bars_service", "expected"),
    [
        ("manual", False, ["suppressed", "accepted"]),
        ("imported", True, ["suppressed", "suppressed"]),
        ("invalid", True, ["suppressed", "suppressed"]),
        ("complaint", False, ["suppressed", "accepted"]),
    ],
)
def test_blocked_numbers_get_no_marketing_and_some_no_service(
    account, sender, camille, workspace, kind, bars_service, expected
):
    block = {"phone": camille.phone, "kind": kind, "bars_service": bars_service}
    block_number(workspace=workspace, source="test", now=TUESDAY, **block)
    marketing = send_to_all(make_batch(sender))
    service = send_to_all(make_batch(sender, purpose=BatchPurpose.SERVICE))

    run_step(account)

    assert [state for batch in (marketing, service) for state, _reason in outcome(batch)] == expected
    assert outcome(marketing) == [("suppressed", "blocked")]


def test_a_block_of_another_workspace_bars_nobody_here(account, sender, camille, workspace, other_workspace):
    block_number(workspace=other_workspace, phone=camille.phone, kind="manual", source="test", now=TUESDAY)
    batch = send_to_all(make_batch(sender))

    run_step(account)

    assert outcome(batch) == [("accepted", "")]


def test_a_campaign_obeys_who_can_do_without_its_topic(account, sender, camille, workspace):
    make_contact(workspace, "+33639980002")
    with scope(workspace=workspace):
        shoes, hats = (Topic.objects.create(workspace=workspace, name=name) for name in ("Shoes", "Hats"))
        choose_topics(contact=camille, refused=[shoes.pk], now=TUESDAY)
    about_shoes, about_hats = (send_to_all(make_batch(sender, topic=topic)) for topic in (shoes, hats))

    run_step(account)

    assert outcome(about_shoes) == [("suppressed", "topic"), ("accepted", "")]
    assert outcome(about_hats) == [("accepted", ""), ("accepted", "")]


@pytest.mark.parametrize(("frequency", "days"), [("weekly", 7), ("monthly", 30)])
def test_who_asked_for_fewer_messages_gets_fewer(account, sender, camille, workspace, frequency, days):
    choose_frequency(contact=camille, frequency=frequency, now=TUESDAY)
    two_at_once = [send_to_all(make_batch(sender)) for _time in range(2)]
    run_step(account)
    too_early = send_to_all(make_batch(sender), TUESDAY + timedelta(days=days - 1))
    run_step(account, TUESDAY + timedelta(days=days - 1))
    late_enough = send_to_all(make_batch(sender), TUESDAY + timedelta(days=days + 4))
    run_step(account, TUESDAY + timedelta(days=days + 4))

    reasons = [outcome(batch)[0] for batch in (*two_at_once, too_early, late_enough)]
    assert reasons == [("accepted", ""), ("suppressed", "rarely"), ("suppressed", "rarely"), ("accepted", "")]


def test_recipients_are_queued_for_their_own_legal_hour(sender, camille, workspace):
    make_contact(workspace, "+33639980002", territory="MQ", time_zone="America/Martinique")

    batch = send_to_all(make_batch(sender), now=SUNDAY)

    with scope(workspace=workspace):
        assert list(batch.messages.order_by("position").values_list("due_at", flat=True)) == [
            MONDAY_EIGHT,
            MONDAY_EIGHT + timedelta(hours=5),
        ]


def test_a_message_that_is_due_outside_legal_hours_waits_for_the_next_one(account, sender, camille, gateway, workspace):
    batch = send_to_all(make_batch(sender))
    with scope(workspace=workspace):
        batch.messages.update(due_at=SUNDAY)

    run_step(account, now=SUNDAY)

    with scope(workspace=workspace):
        due_at = batch.messages.get().due_at
    assert (outcome(batch), due_at, gateway.taken) == ([("queued", "legal_hour")], MONDAY_EIGHT, [])


def test_one_time_codes_leave_in_the_night(account, sender, camille):
    night = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
    batch = send_to_all(make_batch(sender, purpose=BatchPurpose.SERVICE, is_immediate=True), now=night)

    run_step(account, now=night)

    assert outcome(batch) == [("accepted", "")]


def test_nobody_gets_more_marketing_than_the_weekly_cap(account, sender, camille, settings):
    settings.MARKETING_WEEKLY_CAP = 2
    batches = [send_to_all(make_batch(sender, name=f"Number {number}")) for number in range(3)]

    run_step(account)

    assert [outcome(batch) for batch in batches] == [
        [("accepted", "")],
        [("accepted", "")],
        [("suppressed", "frequency")],
    ]


def test_the_cap_forgets_after_a_week(account, sender, camille, settings):
    settings.MARKETING_WEEKLY_CAP = 1
    send_to_all(make_batch(sender))
    run_step(account)
    later = TUESDAY + timedelta(days=8)
    batch = send_to_all(make_batch(sender), now=later)

    run_step(account, now=later)

    assert outcome(batch) == [("accepted", "")]


def test_a_paused_batch_keeps_its_messages(account, sender, camille, workspace, gateway):
    batch = send_to_all(make_batch(sender))
    pause_batch(batch=batch, by=None, now=TUESDAY)

    assert run_step(account) is None
    assert outcome(batch) == [("queued", "")]


@pytest.mark.parametrize(
    ("stop", "expected"), [(pause_batch, ("queued", "paused")), (cancel_batch, ("cancelled", "cancelled"))]
)
def test_a_batch_stopped_after_the_claim_is_stopped_at_the_gate(account, sender, camille, gateway, stop, expected):
    from messaging import deliver

    batch = send_to_all(make_batch(sender))
    with scope(workspace=batch.workspace):
        claimed = deliver.claim(account=account, claimer="worker", now=TUESDAY)
        stop(batch=batch, by=None, now=TUESDAY)

        assert deliver.admit(claimed, now=TUESDAY) == []
    assert outcome(batch) == [expected]


def test_no_marketing_when_the_stop_number_has_gone(account, sender, camille, workspace):
    batch = send_to_all(make_batch(sender))
    account.stop_number = ""
    account.save()

    run_step(account)

    assert outcome(batch) == [("queued", "stop_route")]


def test_a_new_stop_number_pauses_the_rest_until_somebody_resumes(account, sender, camille, workspace, gateway):
    batch = send_to_all(make_batch(sender))
    account.stop_number = "36111"
    account.save()
    run_step(account)
    waiting = outcome(batch)

    with scope(workspace=workspace):
        batch = Batch.objects.get(pk=batch.pk)
        pause_batch(batch=batch, by=None, now=TUESDAY)
        resume_batch(batch=batch, by=None, now=TUESDAY)
    run_step(account, TUESDAY + timedelta(minutes=16))

    assert (waiting, outcome(batch)) == ([("queued", "stop_route")], [("accepted", "")])
    assert gateway.taken[0].text.endswith("STOP 36111")


def test_a_sender_that_became_invalid_is_refused(account, sender, camille, workspace):
    batch = send_to_all(make_batch(sender))
    with scope(workspace=workspace):
        Batch.objects.update(sender_name="ALERTE")

    run_step(account)

    assert outcome(batch) == [("suppressed", "sender")]


def test_an_erased_contact_gets_nothing(account, sender, camille, workspace):
    batch = send_to_all(make_batch(sender))
    with scope(workspace=workspace):
        Message.objects.update(contact=None)

    run_step(account)

    assert outcome(batch) == [("suppressed", "no_contact")]


def test_a_disabled_account_sends_nothing_and_says_so(account, sender, camille, workspace, gateway):
    batch = send_to_all(make_batch(sender))
    with scope(workspace=workspace):
        GatewayAccount.objects.update(is_enabled=False)

    assert run_step(account) is None
    assert (outcome(batch), gateway.taken) == ([("queued", "not_live")], [])


def test_the_body_is_kept_sealed_on_the_attempt(account, sender, camille, workspace):
    batch = send_to_all(make_batch(sender))

    run_step(account)

    with scope(workspace=workspace):
        attempt = Attempt.objects.get(message__batch=batch)
        raw = Attempt.objects.extra(select={"raw": "body"}).values_list("raw", flat=True)[0]
    assert attempt.body == "Bonjour Camille STOP 36180"
    assert b"Camille" not in bytes(raw)


def test_every_reason_has_words():
    codes = [*Reason.values, *ErrorClass]

    assert [code for code in codes if not reason_label(code)] == []
    assert reason_label("") == ""
