"""Somebody has another number: what held them back holds them back there, and what an old phone says stays there."""

from datetime import timedelta

import pytest
from django_scopes import scope

from audience.models import AudienceSettings, Block, Consent
from audience.queries import is_opted_out
from audience.services.blocks import block_number, hold_marketing
from audience.services.numbers import change_number
from integrations.gateways.base import IncomingMessage
from messaging.models import InboundMessage
from messaging.services.double_opt_in import NotPending, confirm_request, sign_up
from messaging.services.inbound import release_hold, take_messages
from messaging.services.opt_out import opt_out
from tests.factories import TUESDAY, make_batch, make_contact
from tests.messaging.helpers import outcome, run_step, send_to_all

OLD, NEW = "+33639980001", "+33639980002"


@pytest.fixture
def camille(workspace):
    return make_contact(workspace, OLD)


def move(contact, phone=NEW):
    with scope(workspace=contact.workspace):
        return change_number(contact=contact, phone=phone, now=TUESDAY)


def send(account, sender):
    batch = send_to_all(make_batch(sender))
    run_step(account)
    return outcome(batch)


@pytest.mark.parametrize("kind", [Block.Kind.MANUAL, Block.Kind.IMPORTED, Block.Kind.COMPLAINT])
def test_who_is_blocked_is_blocked_under_the_new_number(workspace, camille, account, sender, kind):
    block_number(workspace=workspace, phone=OLD, kind=kind, source="call", now=TUESDAY)

    move(camille)

    assert send(account, sender) == [("suppressed", "blocked")]


def test_who_is_held_is_held_under_the_new_number_until_the_message_is_read(workspace, camille, account, sender):
    text = IncomingMessage(sender=OLD, text="Et si je dis stop ?", received_at=TUESDAY, provider_id="in-1")
    take_messages(account=account, messages=[text], now=TUESDAY)
    move(camille)
    held = send(account, sender)

    with scope(workspace=workspace):
        release_hold(inbound=InboundMessage.objects.get(), now=TUESDAY)

    assert held == [("suppressed", "on_hold")]
    assert send(account, sender) == [("accepted", "")]


def test_a_number_that_nobody_answers_stays_behind(workspace, camille, account, sender):
    block_number(workspace=workspace, phone=OLD, kind=Block.Kind.INVALID, source="reports", now=TUESDAY)

    move(camille)

    assert send(account, sender) == [("accepted", "")]
    with scope(workspace=workspace):
        assert not camille.blocks.exists()


def test_an_opposition_that_never_found_its_contact_follows_too(workspace, camille):
    opt_out(workspace=workspace, phone=OLD, scope="marketing", source="SMS", now=TUESDAY)
    with scope(workspace=workspace):
        camille.opt_outs.update(contact=None)

    move(camille)

    assert is_opted_out(workspace=workspace, phone=NEW, scope="marketing")


def test_a_hold_by_hand_is_not_lost_either(workspace, camille, account, sender):
    hold_marketing(workspace=workspace, phone=OLD, source="SMS", now=TUESDAY)

    move(camille)

    assert send(account, sender) == [("suppressed", "on_hold")]


def test_an_old_phone_confirms_nothing_for_the_new_one(workspace, camille, sender):
    opt_out(workspace=workspace, phone=NEW, scope="marketing", source="SMS", now=TUESDAY - timedelta(days=90))
    with scope(workspace=workspace):
        AudienceSettings.objects.create(workspace=workspace, double_opt_in=True)
    sign_up(workspace=workspace, contact=camille, source="form", wording="I want offers by SMS.", now=TUESDAY)
    move(camille)

    with scope(workspace=workspace):
        asked = camille.opt_in_requests.get()
    with pytest.raises(NotPending):
        confirm_request(request=asked, source="page", said_at=TUESDAY, now=TUESDAY, evidence={})

    assert is_opted_out(workspace=workspace, phone=NEW, scope="marketing")
    with scope(workspace=workspace):
        assert not Consent.objects.filter(act="confirmed").exists()
