import pytest
from django.utils.translation import override

from integrations.gateways.base import ErrorClass
from messaging.gate import Reason
from messaging.models import Message
from reports.queries import ReasonCount
from reports.reasons import BY_STATE, WORDS, Explained, explain, explained

State = Message.State


@pytest.fixture(autouse=True)
def in_english():
    with override("en"):
        yield


def test_every_reason_of_the_gate_and_of_providers_has_words():
    assert {*Reason.values, *ErrorClass} - set(WORDS) == set()


def test_reason_says_what_happened_and_what_to_do():
    assert explain(State.UNDELIVERED, "invalid_recipient") == ("Number not in use", "Ask the customer for a new one.")


def test_state_without_a_reason_speaks_for_itself():
    assert explain(State.UNKNOWN, "") == ("Handed over, answer awaited", "")
    assert set(BY_STATE) >= {State.UNDELIVERED, State.EXPIRED, State.REJECTED, State.UNKNOWN, State.SUPPRESSED}


def test_code_that_we_have_no_words_for_is_shown_as_it_is():
    assert explain(State.UNDELIVERED, "operator_code_27") == ("Operator code 27", "")


def test_only_the_asked_states_are_explained():
    reasons = [ReasonCount("suppressed", "opted_out", 3), ReasonCount("undelivered", "", 2)]

    assert explained(reasons, [State.UNDELIVERED]) == [Explained(2, "Refused by the operator", "")]
