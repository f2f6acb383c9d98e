from datetime import timedelta
from uuid import uuid4

import pytest
from django_scopes import scope
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from integrations.gateways.base import Accepted, DeliveryReport, ErrorClass, Rejected, ReportStatus, Unknown
from integrations.signals import delivery_reported
from messaging import deliver
from messaging.models import Attempt, Message, ReportEvent
from messaging.services.recovery import sweep
from messaging.services.reports import take_reports
from messaging.services.results import record_results
from messaging.states import RANK
from tests.factories import TUESDAY, make_account, make_batch, make_contact, make_sender, make_workspace
from tests.messaging.helpers import run_step, send_to_all
from tests.messaging.scripted import ScriptedGateway

MINUTE = timedelta(minutes=1)


@pytest.fixture
def submissions(account, sender, workspace):
    """One message, submitted, its answer not yet written down."""
    make_contact(workspace)
    send_to_all(make_batch(sender))
    with scope(workspace=workspace):
        claimed = deliver.claim(account=account, claimer="worker", now=TUESDAY)
        return deliver.admit(claimed, now=TUESDAY)


def report(status, attempt=None, provider_id="", minutes=1):
    reference = str(attempt.pk) if attempt else ""
    return DeliveryReport(
        ReportStatus(status), TUESDAY + minutes * MINUTE, provider_id=provider_id, reference=reference
    )


def answer(account, submissions, result):
    attempts = [submission.attempt for submission in submissions]
    record_results(account=account, attempts=attempts, results=[result] * len(attempts), now=TUESDAY)


def state_of(account):
    with scope(workspace=account.workspace):
        return Message.objects.get().state


def take(account, *reports):
    take_reports(account=account, reports=reports, now=TUESDAY + MINUTE)


def test_a_report_finds_its_message_by_provider_id(account, submissions):
    answer(account, submissions, Accepted(("p-1",)))

    take(account, report("delivered", provider_id="p-1"))

    with scope(workspace=account.workspace):
        message = Message.objects.get()
    assert (message.state, message.accepted_at, message.finished_at) == ("delivered", TUESDAY, TUESDAY + MINUTE)


def test_a_report_finds_its_message_by_our_reference(account, submissions):
    answer(account, submissions, Accepted(("p-1",)))

    take(account, report("delivered", submissions[0].attempt))

    assert state_of(account) == "delivered"


def test_a_report_by_reference_before_the_answer_keeps_its_word(account, submissions):
    take(account, report("delivered", submissions[0].attempt))
    before = state_of(account)

    answer(account, submissions, Accepted(("p-1",)))

    assert (before, state_of(account)) == ("delivered", "delivered")


def test_a_report_by_id_before_the_answer_waits_and_is_adopted(account, submissions):
    take(account, report("delivered", provider_id="p-1"))
    before = state_of(account)

    answer(account, submissions, Accepted(("p-1",)))

    assert (before, state_of(account)) == ("submitting", "delivered")


def test_an_orphan_that_was_written_beside_the_answer_is_adopted_by_the_sweeper(account, submissions):
    answer(account, submissions, Accepted(("p-1",)))
    take(account, report("delivered", provider_id="p-1"))
    with scope(workspace=account.workspace):
        ReportEvent.objects.update(attempt=None)
        Message.objects.update(state="accepted")

    sweep(now=TUESDAY + MINUTE)

    assert state_of(account) == "delivered"


def test_an_unknown_outcome_is_settled_by_a_report(account, submissions):
    answer(account, submissions, Unknown("timeout"))

    take(account, report("sent", submissions[0].attempt))

    with scope(workspace=account.workspace):
        attempt = Attempt.objects.get()
    assert (state_of(account), attempt.outcome, attempt.reconcile_at) == ("sent", "accepted", None)


def test_a_repeated_report_is_one_row(account, submissions):
    answer(account, submissions, Accepted(("p-1",)))

    for _time in range(5):
        take(account, report("delivered", provider_id="p-1"))

    with scope(workspace=account.workspace):
        assert ReportEvent.objects.count() == 1


def test_a_late_sent_does_not_overwrite_delivered(account, submissions):
    answer(account, submissions, Accepted(("p-1",)))

    take(account, report("delivered", provider_id="p-1", minutes=3))
    take(account, report("sent", provider_id="p-1", minutes=2))

    assert state_of(account) == "delivered"


def test_a_report_of_somebody_elses_account_is_kept_and_changes_nothing(account, submissions, other_workspace):
    answer(account, submissions, Accepted(("p-1",)))
    other = make_account(other_workspace, "scripted")

    take(other, report("delivered", submissions[0].attempt, provider_id="p-1"))

    assert state_of(account) == "accepted"
    with scope(workspace=other_workspace):
        assert ReportEvent.objects.get().attempt is None


def test_reports_arrive_by_signal_too(account, submissions):
    with scope(workspace=account.workspace):
        delivery_reported.send(sender=None, account=account, reports=[report("delivered", submissions[0].attempt)])

    assert state_of(account) == "delivered"


def test_a_late_refusal_of_an_attempt_that_was_given_up_does_not_queue_again(account, submissions, gateway):
    """The provider said that it never arrived, the message left again; then the old call comes back."""
    phone = submissions[0].outgoing.to
    with scope(workspace=account.workspace):
        Attempt.objects.update(outcome="absent")
        Message.objects.update(state="queued", lease_until=None, claimed_by="")
        gateway.results[phone] = Unknown("timeout")
        run_step(account, TUESDAY + MINUTE, claimer="second")

    answer(account, submissions, Rejected(ErrorClass.THROTTLED))

    assert state_of(account) == "unknown"


class ReportOrders(RuleBasedStateMachine):
    """Reports, answers and sweeps in any order: no state is lost, and nothing is handed over twice."""

    def __init__(self):
        super().__init__()
        ScriptedGateway.reset()
        self.minute = 0
        self.best = -1
        self.workspace = make_workspace(f"w{uuid4().hex}")
        make_contact(self.workspace)
        self.account = make_account(self.workspace, "scripted")
        send_to_all(make_batch(make_sender(self.account)))
        with scope(workspace=self.workspace):
            claimed = deliver.claim(account=self.account, claimer="w", now=TUESDAY)
            self.submissions = deliver.admit(claimed, now=TUESDAY)
        self.attempt = self.submissions[0].attempt

    @rule(result=st.sampled_from([Accepted(("p-1",)), Unknown("timeout")]))
    def the_provider_answers(self, result):
        answer(self.account, self.submissions, result)

    @rule(status=st.sampled_from(list(ReportStatus)), by_id=st.booleans(), minutes=st.integers(0, 3))
    def a_report_comes(self, status, by_id, minutes):
        if by_id:
            take(self.account, report(status, provider_id="p-1", minutes=minutes))
        else:
            take(self.account, report(status, self.attempt, minutes=minutes))
            self.best = max(self.best, RANK[Message.State(status.value)])

    @rule()
    def somebody_sweeps_and_delivers(self):
        self.minute += 5
        now = TUESDAY + self.minute * MINUTE
        sweep(now=now)
        run_step(self.account, now, claimer=str(self.minute))

    @invariant()
    def no_report_is_ever_unsaid(self):
        assert RANK[Message.State(state_of(self.account))] >= self.best

    @invariant()
    def nothing_left_twice(self):
        assert ScriptedGateway.taken == []


class ReportOrdersCase(TestCase, ReportOrders.TestCase):
    settings = settings(max_examples=25, stateful_step_count=8, deadline=None, suppress_health_check=list(HealthCheck))


def test_what_the_provider_keeps_for_the_night_is_held_until_it_reports(account, submissions):
    answer(account, submissions, Accepted(("p-1",), is_held=True))
    held = state_of(account)

    take(account, report("sent", provider_id="p-1"))

    assert (held, state_of(account)) == ("held", "sent")


def test_a_report_that_came_before_a_held_answer_keeps_its_word(account, submissions):
    take(account, report("delivered", attempt=submissions[0].attempt))

    answer(account, submissions, Accepted(("p-1",), is_held=True))

    assert state_of(account) == "delivered"
