"""A batch that is stopped while the gate was asking: nothing of it leaves, nothing of it is lost."""

from datetime import timedelta

import pytest
from django_scopes import scope

from messaging import deliver
from messaging.models import Attempt, Batch
from messaging.services.batches import cancel_batch, pause_batch, resume_batch
from messaging.services.recovery import sweep
from tests.factories import TUESDAY, make_batch, make_contact, make_sender
from tests.messaging.helpers import outcome, run_step, send_to_all

PEOPLE = 5
SECOND = timedelta(seconds=1)


@pytest.fixture
def people(workspace):
    return [make_contact(workspace, f"+336399801{number:02}") for number in range(PEOPLE)]


@pytest.fixture
def stopped(monkeypatch):
    """Between gate and call, somebody presses a button."""

    def stop(batch, act):
        admit = deliver.admit

        def admit_and_stop(claimed, *, now):
            submissions = admit(claimed, now=now)
            act(batch=batch, by=None, now=now)
            return submissions

        with monkeypatch.context() as patch:
            patch.setattr(deliver, "admit", admit_and_stop)
            return run_step(batch.account)

    return stop


def test_what_was_paused_after_the_gate_waits_and_leaves_once_when_it_goes_on(
    account, sender, people, gateway, stopped
):
    batch = send_to_all(make_batch(sender, budget_micros=10_000_000))

    stopped(batch, pause_batch)
    batch.refresh_from_db()
    while_paused = outcome(batch), batch.spent_micros, list(gateway.taken)
    resume_batch(batch=batch, by=None, now=TUESDAY)
    run_step(account, TUESDAY + SECOND)

    assert while_paused == ([("queued", "paused")] * PEOPLE, 0, [])
    assert outcome(batch) == [("accepted", "")] * PEOPLE
    assert len({each.to for each in gateway.taken}) == len(gateway.taken) == PEOPLE


def test_what_was_cancelled_after_the_gate_ends_cancelled(account, sender, people, gateway, stopped, workspace):
    batch = send_to_all(make_batch(sender, budget_micros=10_000_000))

    stopped(batch, cancel_batch)
    sweep(now=TUESDAY + SECOND)

    batch.refresh_from_db()
    assert (outcome(batch), batch.spent_micros, gateway.taken) == ([("cancelled", "cancelled")] * PEOPLE, 0, [])
    with scope(workspace=workspace):
        assert set(Attempt.objects.values_list("outcome", flat=True)) == {Attempt.Outcome.ABSENT}


def test_another_batch_of_the_same_claim_leaves_all_the_same(account, sender, people, gateway, stopped, workspace):
    quiet, other = send_to_all(make_batch(sender, "One")), make_batch(make_sender(account, "Autre"), "Two")
    with scope(workspace=workspace):
        Batch.objects.filter(pk=quiet.pk).update(lane="2-service")
        quiet.messages.exclude(position__lt=2).delete()
    send_to_all(other)

    stopped(quiet, pause_batch)

    assert [state for state, _reason in outcome(quiet)] == ["queued"] * 2
    assert [state for state, _reason in outcome(other)].count("accepted") == 3
