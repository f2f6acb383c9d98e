"""OUI and NON to what an automation asked."""

from datetime import timedelta

import pytest
from django_scopes import scope

from audience.models import Attribute, Contact
from campaigns.models import Decision
from campaigns.services import answer_event, take_answer
from campaigns.services.replies import answer_in
from integrations.gateways.base import IncomingMessage
from messaging.models import InboundMessage, Message
from messaging.services.inbound import take_messages
from tests.campaigns.test_automations import place
from tests.factories import TUESDAY, make_account, make_automation, make_shop

LATER = TUESDAY + timedelta(hours=1)


def make_asked(workspace, **fields):
    """Somebody was asked, and has the message."""
    automation = make_automation(workspace, asks_reply=True, **fields)
    with scope(workspace=workspace):
        answer_event(event=place(make_shop(workspace)), now=TUESDAY)
        Message.objects.update(state=Message.State.DELIVERED, submitted_at=TUESDAY)
        return automation, Decision.objects.get()


def write(account, text, at=LATER, number="1"):
    message = IncomingMessage(provider_id=number, sender="+33639981234", text=text, received_at=at)
    take_messages(account=account, messages=[message], now=at)
    return InboundMessage.objects.get(provider_id=number)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("OUI", "confirmed"),
        ("Oui, merci !", "confirmed"),
        ("ok 👍", "confirmed"),
        ("je confirme", "confirmed"),
        ("NON", "cancelled"),
        ("Non merci.", "cancelled"),
        ("annuler", "cancelled"),
        ("oui mais plus tard", ""),
        ("STOP", ""),
        ("", ""),
    ],
)
def test_only_plain_answers_are_understood(text, meaning):
    assert answer_in(text) == meaning


@pytest.mark.parametrize(("text", "answer", "value"), [("Oui", "confirmed", True), ("NON", "cancelled", False)])
def test_an_answer_is_written_to_the_event_and_to_the_contact(in_workspace, text, answer, value):
    kept = Attribute.objects.create(workspace=in_workspace, label="Comes", slug="comes", kind=Attribute.Kind.YES_NO)
    automation, decision = make_asked(in_workspace, reply_attribute=kept)

    write(automation.sender.account, text)

    decision.refresh_from_db()
    assert (decision.answer, decision.answered_at) == (answer, LATER)
    assert Contact.objects.get(pk=decision.contact_id).attributes == {"comes": value}


def test_the_last_word_counts_in_whatever_order_it_is_told(in_workspace):
    automation, decision = make_asked(in_workspace)
    account = automation.sender.account

    no = write(account, "NON", at=LATER + timedelta(minutes=1), number="2")
    yes = write(account, "OUI", number="1")
    for inbound in (yes, no, yes):
        take_answer(inbound=inbound)

    decision.refresh_from_db()
    assert (decision.answer, decision.answered_at) == ("cancelled", no.received_at)


def test_a_stop_is_never_an_answer(in_workspace):
    automation, decision = make_asked(in_workspace)

    inbound = write(automation.sender.account, "STOP")

    decision.refresh_from_db()
    assert (take_answer(inbound=inbound), decision.answer) == (None, "")


@pytest.mark.parametrize("late", [timedelta(days=4), -timedelta(hours=2)])
def test_what_nobody_had_asked_at_that_time_is_for_a_person_to_read(in_workspace, late):
    automation, decision = make_asked(in_workspace)

    write(automation.sender.account, "OUI", at=TUESDAY + late)

    decision.refresh_from_db()
    assert decision.answer == ""


def test_a_reply_to_another_account_or_automation_answers_nothing(in_workspace):
    automation, decision = make_asked(in_workspace)
    other = make_account(in_workspace, name="Second")

    write(other, "OUI")
    automation.asks_reply = False
    automation.save()
    write(automation.sender.account, "OUI", number="2")

    decision.refresh_from_db()
    assert decision.answer == ""


def test_an_answer_in_one_workspace_says_nothing_in_another(workspace, other_workspace):
    asked = [make_asked(each) for each in (workspace, other_workspace)]

    with scope(workspace=workspace):
        write(asked[0][0].sender.account, "OUI")

    answers = []
    for each, (_automation, decision) in zip((workspace, other_workspace), asked, strict=True):
        with scope(workspace=each):
            answers.append(Decision.objects.get(pk=decision.pk).answer)
    assert answers == ["confirmed", ""]
