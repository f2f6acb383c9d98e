from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.gateways.base import ReportStatus
from messaging.models import Attempt
from messaging.states import FAILED, Report, state_of_attempt
from tests.factories import TUESDAY

PARTS = ("a", "b")
REPORTS = st.lists(
    st.builds(
        Report,
        status=st.sampled_from([status.value for status in ReportStatus]),
        occurred_at=st.integers(0, 5).map(lambda minutes: TUESDAY + timedelta(minutes=minutes)),
        provider_id=st.sampled_from([*PARTS, ""]),
    ),
    max_size=8,
)
OUTCOMES = st.sampled_from(Attempt.Outcome.values)


def test_without_reports_the_outcome_speaks():
    known = {outcome: state_of_attempt(outcome, [], []) for outcome in Attempt.Outcome.values}

    assert known == {
        "open": "submitting",
        "accepted": "accepted",
        "unknown": "unknown",
        "rejected": None,
        "absent": None,
    }


def test_a_long_message_is_delivered_when_all_its_parts_are():
    delivered = [Report("delivered", TUESDAY, part) for part in PARTS]

    assert state_of_attempt("accepted", PARTS, delivered[:1]) == "accepted"
    assert state_of_attempt("accepted", PARTS, delivered) == "delivered"


def test_a_long_message_is_lost_when_one_of_its_parts_is():
    reports = [Report("delivered", TUESDAY, "a"), Report("undelivered", TUESDAY, "b")]

    assert state_of_attempt("accepted", PARTS, reports) == "undelivered"


@given(OUTCOMES, REPORTS, st.randoms())
@settings(max_examples=200, deadline=None)
def test_order_and_repetition_of_reports_change_nothing(outcome, reports, random):
    shuffled = reports + random.sample(reports, k=len(reports) // 2)
    random.shuffle(shuffled)

    assert state_of_attempt(outcome, PARTS, shuffled) == state_of_attempt(outcome, PARTS, reports)


@given(OUTCOMES, REPORTS)
@settings(max_examples=200, deadline=None)
def test_a_confirmed_message_of_one_part_stays_delivered_whatever_else_is_told(outcome, reports):
    confirmed = [*reports, Report("delivered", TUESDAY, "a")]

    assert state_of_attempt(outcome, ["a"], confirmed) == "delivered"


@given(OUTCOMES, REPORTS.filter(bool))
@settings(max_examples=100, deadline=None)
def test_a_report_proves_that_the_provider_took_it(outcome, reports):
    state = state_of_attempt(outcome, PARTS, reports)

    assert state in {"accepted", "held", "sent", "delivered"} | FAILED
