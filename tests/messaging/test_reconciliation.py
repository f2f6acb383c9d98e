from datetime import timedelta

import pytest
from django_scopes import scope

from integrations.gateways.base import Absent, Found, ReportStatus, Undecidable, Unknown
from messaging.models import Attempt
from messaging.services.batches import cancel_batch
from messaging.services.reconciliation import reconcile_due
from messaging.services.recovery import sweep
from tests.factories import TUESDAY, make_batch, make_contact
from tests.messaging.helpers import outcome, run_step, send_to_all

PHONE = "+33639980001"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def unknown(account, sender, workspace, gateway):
    """A batch whose one message has an unknown outcome."""
    make_contact(workspace, PHONE)
    gateway.results[PHONE] = Unknown("timeout")
    batch = send_to_all(make_batch(sender))
    run_step(account)
    gateway.results.clear()
    return batch


def test_the_provider_is_asked_after_2_10_and_60_minutes_and_then_a_person_is(unknown, gateway):
    gateway.answers[PHONE] = Undecidable()

    asked = [minute for minute in range(100) if reconcile_due(now=TUESDAY + minute * MINUTE)]

    assert asked == [2, 10, 60]
    assert outcome(unknown) == [("unknown", "")]


def test_what_the_provider_knows_is_accepted_and_its_reports_are_heard(unknown, gateway, workspace):
    gateway.answers[PHONE] = Found(("p-1",), ReportStatus.DELIVERED)

    reconcile_due(now=TUESDAY + 2 * MINUTE)

    with scope(workspace=workspace):
        attempt = Attempt.objects.get()
    assert (outcome(unknown), attempt.outcome, attempt.reconcile_at) == ([("delivered", "")], "accepted", None)


def test_what_never_arrived_is_queued_and_leaves_once(unknown, account, gateway):
    gateway.answers[PHONE] = Absent()
    reconcile_due(now=TUESDAY + 2 * MINUTE)
    before = outcome(unknown)

    run_step(account, TUESDAY + 2 * MINUTE, claimer="next")

    assert (before, outcome(unknown), len(gateway.taken)) == ([("queued", "absent")], [("accepted", "")], 1)


def test_what_never_arrived_stays_here_when_the_batch_was_cancelled(unknown, account, gateway):
    cancel_batch(batch=unknown, by=None, now=TUESDAY)
    gateway.answers[PHONE] = Absent()
    reconcile_due(now=TUESDAY + 2 * MINUTE)

    sweep(now=TUESDAY + 3 * MINUTE)
    run_step(account, TUESDAY + 3 * MINUTE, claimer="next")

    assert (outcome(unknown), gateway.taken) == ([("cancelled", "cancelled")], [])


def test_two_workers_ask_once(unknown, gateway, workspace):
    with scope(workspace=workspace):
        attempt = Attempt.objects.get()
    from messaging.services.reconciliation import reconcile

    gateway.answers[PHONE] = Absent()
    with scope(workspace=workspace):
        reconcile(attempt=attempt, now=TUESDAY + 2 * MINUTE)
        reconcile(attempt=attempt, now=TUESDAY + 2 * MINUTE)

    with scope(workspace=workspace):
        assert Attempt.objects.get().reconciled == 1


def test_a_gateway_that_breaks_while_asked_decides_nothing(unknown, gateway, monkeypatch):
    def explode(self, reference, to):
        raise RuntimeError("boom")

    monkeypatch.setattr(gateway, "reconcile", explode)

    reconcile_due(now=TUESDAY + 2 * MINUTE)

    assert outcome(unknown) == [("unknown", "")]


def test_a_batch_with_an_unknown_message_is_not_done_while_the_provider_may_still_tell(unknown, gateway):
    states = []
    for minute in (1, 61):
        reconcile_due(now=TUESDAY + 2 * MINUTE)
        reconcile_due(now=TUESDAY + 10 * MINUTE)
        if minute > 60:
            reconcile_due(now=TUESDAY + 60 * MINUTE)
        sweep(now=TUESDAY + minute * MINUTE)
        unknown.refresh_from_db()
        states.append(unknown.state)

    assert states == ["running", "done"]


def test_a_batch_is_not_over_while_the_last_question_is_asked(unknown, account, gateway, monkeypatch):
    gateway.answers[PHONE] = Undecidable()
    for minute in (2, 10):
        reconcile_due(now=TUESDAY + minute * MINUTE)

    def slowly(self, reference, to):
        sweep(now=TUESDAY + 60 * MINUTE)
        return Absent()

    monkeypatch.setattr(gateway, "reconcile", slowly)
    reconcile_due(now=TUESDAY + 60 * MINUTE)
    run_step(account, TUESDAY + 60 * MINUTE, claimer="next")

    assert outcome(unknown) == [("accepted", "")]


def test_a_last_question_that_was_never_answered_is_asked_again(unknown, gateway, monkeypatch):
    def dies(self, reference, to):
        raise SystemExit

    gateway.answers[PHONE] = Undecidable()
    for minute in (2, 10):
        reconcile_due(now=TUESDAY + minute * MINUTE)
    monkeypatch.setattr(gateway, "reconcile", dies)
    with pytest.raises(SystemExit):
        reconcile_due(now=TUESDAY + 60 * MINUTE)
    monkeypatch.setattr(gateway, "reconcile", lambda self, reference, to: Found(("p-1",)))

    reconcile_due(now=TUESDAY + 66 * MINUTE)

    assert outcome(unknown) == [("accepted", "")]
