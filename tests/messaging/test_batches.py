import pytest
from django_scopes import scope

from messaging.models import Batch, BatchPurpose, Lane, Sender
from messaging.services.batches import (
    BadSender,
    BadText,
    NoStopRoute,
    WrongState,
    cancel_batch,
    pause_batch,
    resume_batch,
    start_batch,
)
from tests.factories import TUESDAY, make_account, make_batch, make_contact, make_sender

State = Batch.State


def test_marketing_batch_ends_in_the_stop_clause_of_its_account(sender):
    batch = make_batch(sender)

    assert (batch.stop_clause, batch.lane, batch.state) == (" STOP 36180", Lane.MARKETING, State.PREPARING)


def test_service_batch_carries_no_stop_clause(sender):
    batch = make_batch(sender, purpose=BatchPurpose.SERVICE)

    assert (batch.stop_clause, batch.lane) == ("", Lane.SERVICE)


def test_no_clause_of_ours_where_the_provider_appends_its_own(workspace):
    sender = make_sender(make_account(workspace, "appending", stop_number=""))

    assert make_batch(sender).stop_clause == ""


def test_no_second_clause_beside_the_opt_out_address(sender, link):
    batch = make_batch(sender, "Offre {link}, non merci : {stop_link}", links={"link": link})

    assert batch.stop_clause == ""


@pytest.mark.parametrize("purpose", [BatchPurpose.MARKETING, BatchPurpose.INFORMATION])
def test_no_stop_route_no_marketing(workspace, purpose):
    sender = make_sender(make_account(workspace, "scripted", stop_number=""))

    with pytest.raises(NoStopRoute):
        make_batch(sender, purpose=purpose)


def test_batch_does_not_start_when_its_stop_number_has_changed(account, sender, in_workspace):
    batch = make_batch(sender)
    batch.account.stop_number = "36111"

    with pytest.raises(NoStopRoute):
        start_batch(batch=batch, by=None, now=TUESDAY)


@pytest.mark.parametrize("name", ["Coiff&Style", "a", "0639980001", "Été", "with space", "ALERTE", "TWELVELETTER"])
def test_sender_that_operators_refuse_is_refused(account, name):
    with pytest.raises(BadSender):
        make_batch(Sender(workspace=account.workspace, account=account, name=name))


def test_text_with_problems_is_refused_with_all_of_them(sender):
    with pytest.raises(BadText) as caught:
        make_batch(sender, "Bonjour {first_name} {code} STOP 36XXX")

    assert len(caught.value.problems) == 3


def test_states_follow_each_other(account, sender, in_workspace):
    batch = make_batch(sender)

    seen = [
        verb(batch=batch, by=None, now=TUESDAY).state for verb in (start_batch, pause_batch, resume_batch, cancel_batch)
    ]

    assert seen == [State.RUNNING, State.PAUSED, State.RUNNING, State.CANCELLED]
    with pytest.raises(WrongState):
        resume_batch(batch=batch, by=None, now=TUESDAY)


def test_cancel_closes_the_waiting_messages_of_this_batch_only(sender, workspace):
    from messaging.services.batches import add_recipients

    contact = make_contact(workspace)
    batch, other = make_batch(sender), make_batch(sender)
    with scope(workspace=workspace):
        for each in (batch, other):
            add_recipients(batch=each, contacts=type(contact).objects.all(), due_at=TUESDAY, now=TUESDAY)

        cancel_batch(batch=batch, by=None, now=TUESDAY)

        states = [batch.messages.get().state, other.messages.get().state]
    assert states == ["cancelled", "queued"]
