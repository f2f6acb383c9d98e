from datetime import timedelta

import pytest
from django_scopes import scope

from audience.queries import is_opted_out
from integrations.gateways.base import Accepted, ErrorClass, Rejected, Unknown
from messaging import deliver
from messaging.models import Attempt, Batch, BatchPurpose, Message, Pace
from messaging.services.recovery import accounts_with_work, sweep
from tests.factories import TUESDAY, make_account, make_batch, make_contact, make_sender
from tests.messaging.helpers import outcome, run_step, send_to_all

PHONE = "+33639980001"
SECOND = timedelta(seconds=1)


@pytest.fixture
def camille(workspace):
    return make_contact(workspace, PHONE)


def make_people(workspace, count):
    return [make_contact(workspace, f"+336399801{number:02}") for number in range(count)]


def test_a_claim_holds_a_tenth_of_a_second_of_the_rate(account, sender, workspace, gateway):
    make_people(workspace, 12)
    send_to_all(make_batch(sender))

    handled = [run_step(account, TUESDAY + number * SECOND) for number in range(4)]

    assert handled == [5, 5, 2, None]


def test_no_more_leaves_in_a_second_than_the_rate_allows(account, sender, workspace, gateway):
    account.rate_per_second = 10
    account.save()
    make_people(workspace, 30)
    send_to_all(make_batch(sender))

    for tick in range(100):  # ten looks in each tenth of a second
        run_step(account, TUESDAY + tick * timedelta(milliseconds=10))

    assert len(gateway.taken) == 10


def test_only_one_claimer_works_on_an_account_until_it_falls_silent(account, sender, workspace, gateway):
    make_people(workspace, 10)
    send_to_all(make_batch(sender))
    run_step(account, TUESDAY, claimer="first")

    assert run_step(account, TUESDAY + SECOND, claimer="second") is None
    assert run_step(account, TUESDAY + 6 * SECOND, claimer="second") == 5


def test_codes_go_before_service_and_service_before_marketing(account, sender, camille, gateway, workspace):
    account.rate_per_second = 10
    account.save()
    kinds = [
        {"purpose": BatchPurpose.MARKETING},
        {"purpose": BatchPurpose.SERVICE},
        {"purpose": BatchPurpose.SERVICE, "is_immediate": True},
    ]
    for number, kind in enumerate(kinds):
        send_to_all(make_batch(sender, f"Number {number}", **kind))

    for number in range(3):
        run_step(account, TUESDAY + number * SECOND)

    assert [outgoing.text for outgoing in gateway.taken] == ["Number 2", "Number 1", "Number 0 STOP 36180"]


def test_an_account_is_not_fed_with_messages_of_another(account, sender, camille, gateway, other_workspace):
    other = make_account(other_workspace, "scripted")
    make_contact(other_workspace, PHONE)
    theirs = send_to_all(make_batch(make_sender(other)))

    assert run_step(account) is None
    assert outcome(theirs) == [("queued", "")]


def test_an_unexpected_error_of_a_gateway_leaves_the_outcome_unknown(account, sender, camille, gateway):
    gateway.results[PHONE] = RuntimeError("boom")
    batch = send_to_all(make_batch(sender))

    run_step(account)

    assert outcome(batch) == [("unknown", "")]


@pytest.mark.parametrize("error", [ErrorClass.GATEWAY_DOWN, ErrorClass.THROTTLED, ErrorClass.AUTH, ErrorClass.CREDIT])
def test_a_refusal_that_is_not_the_messages_fault_queues_it_again_and_pauses_the_account(
    account, sender, camille, gateway, error
):
    gateway.results[PHONE] = Rejected(error)
    batch = send_to_all(make_batch(sender))

    run_step(account)

    account.refresh_from_db()
    assert outcome(batch) == [("queued", str(error))]
    assert account.paused_until > TUESDAY
    assert run_step(account, TUESDAY + SECOND) is None
    gateway.results.clear()
    later = TUESDAY + timedelta(minutes=20)
    run_step(account, later, claimer="later")
    assert outcome(batch) == [("accepted", "")]


def test_pauses_double_with_each_trouble_and_end_with_success(account, sender, camille, gateway, workspace):
    gateway.results[PHONE] = Rejected(ErrorClass.GATEWAY_DOWN)
    send_to_all(make_batch(sender))
    pauses, now = [], TUESDAY
    for _round in range(3):
        run_step(account, now)
        account.refresh_from_db()
        pauses.append((account.paused_until - now).total_seconds())
        now = account.paused_until

    gateway.results.clear()
    run_step(account, now)

    with scope(workspace=workspace):
        assert (pauses, Pace.objects.get().troubles) == ([2, 4, 8], 0)


def test_a_message_is_not_tried_for_ever(account, sender, camille, gateway):
    gateway.results[PHONE] = Rejected(ErrorClass.THROTTLED, retry_after_seconds=1)
    batch = send_to_all(make_batch(sender))

    for minute in range(10):
        run_step(account, TUESDAY + timedelta(minutes=minute))

    assert outcome(batch) == [("rejected", "throttled")]


@pytest.mark.parametrize("error", [ErrorClass.RECIPIENT, ErrorClass.SENDER, ErrorClass.CONTENT])
def test_a_definite_refusal_is_final_and_does_not_stop_the_others(account, sender, workspace, gateway, error):
    people = make_people(workspace, 2)
    gateway.results[people[0].phone] = Rejected(error, code="5")
    batch = send_to_all(make_batch(sender))

    run_step(account)
    run_step(account, TUESDAY + SECOND)

    assert outcome(batch) == [("rejected", str(error)), ("accepted", "")]


def test_a_number_that_the_provider_has_barred_is_opted_out_here_too(account, sender, camille, gateway, workspace):
    gateway.results[PHONE] = Rejected(ErrorClass.OPTED_OUT)
    send_to_all(make_batch(sender))

    run_step(account)

    assert is_opted_out(workspace=workspace, phone=PHONE, scope="marketing")


def test_the_provider_says_what_it_bills(account, sender, camille, gateway, workspace):
    gateway.results[PHONE] = Accepted(("a", "b"), parts=2)
    batch = send_to_all(make_batch(sender))

    run_step(account)

    with scope(workspace=workspace):
        assert batch.messages.get().parts == 2


def test_an_account_whose_outcomes_are_all_unknown_is_paused(account, sender, camille, gateway):
    gateway.results[PHONE] = Unknown("timeout")
    send_to_all(make_batch(sender))

    run_step(account)

    account.refresh_from_db()
    assert account.paused_until == TUESDAY + timedelta(seconds=2)


def test_a_worker_that_died_before_the_gate_loses_nothing(account, sender, camille, gateway, workspace):
    batch = send_to_all(make_batch(sender))
    with scope(workspace=workspace):
        deliver.claim(account=account, claimer="dead", now=TUESDAY)
    later = TUESDAY + timedelta(seconds=11)

    assert accounts_with_work(now=later) == []
    assert sweep(now=later) == [account.pk]
    run_step(account, later, claimer="next")

    assert (outcome(batch), len(gateway.taken)) == ([("accepted", "")], 1)


def test_a_claim_whose_lease_ran_out_is_not_admitted(account, sender, camille, gateway, workspace):
    send_to_all(make_batch(sender))
    with scope(workspace=workspace):
        claimed = deliver.claim(account=account, claimer="slow", now=TUESDAY)

        assert deliver.admit(claimed, now=TUESDAY + timedelta(seconds=11)) == []


def test_a_worker_that_died_after_submitting_never_makes_a_second_message(account, sender, camille, gateway, workspace):
    batch = send_to_all(make_batch(sender))
    with scope(workspace=workspace):
        claimed = deliver.claim(account=account, claimer="dead", now=TUESDAY)
        submissions = deliver.admit(claimed, now=TUESDAY)
        deliver.send(account, [submission.outgoing for submission in submissions])

    for minutes in range(1, 120):
        sweep(now=TUESDAY + timedelta(minutes=minutes))
        run_step(account, TUESDAY + timedelta(minutes=minutes), claimer=f"next {minutes}")

    assert (outcome(batch), len(gateway.taken)) == ([("unknown", "")], 1)


def test_a_worker_that_slept_past_its_lease_sends_nothing_any_more(account, sender, camille, gateway, workspace):
    batch = send_to_all(make_batch(sender))
    moments = iter([TUESDAY, TUESDAY + deliver.SUBMIT_LEASE])

    with scope(workspace=workspace):
        deliver.step(account=account, claimer="slow", clock=lambda: next(moments))

    assert (gateway.taken, outcome(batch)) == ([], [("submitting", "")])
    sweep(now=TUESDAY + deliver.SUBMIT_LEASE)
    assert outcome(batch) == [("unknown", "")]


def test_a_batch_is_done_when_nothing_of_it_is_left_to_do(account, sender, camille, gateway, workspace):
    batch, standing = make_batch(sender), make_batch(sender, is_standing=True)
    send_to_all(batch)
    send_to_all(standing)

    sweep(now=TUESDAY)
    batch.refresh_from_db()
    before = batch.state
    run_step(account)
    run_step(account, TUESDAY + SECOND)
    sweep(now=TUESDAY + SECOND)

    batch.refresh_from_db()
    standing.refresh_from_db()
    assert (before, batch.state, standing.state) == (Batch.State.RUNNING, Batch.State.DONE, Batch.State.RUNNING)


def test_two_workspaces_are_swept_in_one_go(account, sender, camille, other_workspace):
    other = make_account(other_workspace, "scripted")
    make_contact(other_workspace, PHONE)
    send_to_all(make_batch(sender))
    send_to_all(make_batch(make_sender(other)))

    assert sorted(sweep(now=TUESDAY)) == sorted([account.pk, other.pk])


def test_run_works_until_nothing_is_due(account, sender, workspace, gateway, monkeypatch):
    account.rate_per_second = 500
    account.save()
    make_people(workspace, 20)
    batch = send_to_all(make_batch(sender))
    started = iter(range(10_000))

    more = deliver.run(account.pk, clock=lambda: TUESDAY + next(started) * timedelta(milliseconds=50))

    assert (more, outcome(batch)) == (False, [("accepted", "")] * 20)
    with scope(workspace=workspace):
        assert Attempt.objects.count() == Message.objects.count() == 20
