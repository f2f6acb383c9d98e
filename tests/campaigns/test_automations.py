from dataclasses import replace
from datetime import timedelta

import pytest
from django_scopes import scope
from hypothesis import given
from hypothesis import strategies as st

from campaigns.advertising import selling_words
from campaigns.models import Automation, Decision
from campaigns.services import NotReady, answer_event, save_automation, switch_automation
from campaigns.triggers import UnknownTrigger, trigger_of
from integrations.gateways.encoding import GSM_7
from integrations.models import Order, ShopEvent
from integrations.services.orders import apply_snapshot
from integrations.shops.base import OrderSnapshot, PhoneCandidate
from integrations.signals import shop_event_received
from messaging.models import Batch, Message
from shortlinks.queries import short_url
from tests.factories import TUESDAY, make_automation, make_page, make_shop

PLACED = OrderSnapshot(
    external_id="1042",
    number="XKBKNABJK",
    version=1_000,
    placed_at=TUESDAY,
    currency="EUR",
    total=549_000,
    first_name="Camille",
    phones=(PhoneCandidate("06 39 98 12 34", "FR"),),
    country="FR",
    language="fr",
)


@pytest.fixture
def shop(in_workspace):
    return make_shop(in_workspace)


def place(shop, **changes):
    """An order, and the event it made."""
    [event] = apply_snapshot(shop=shop, snapshot=replace(PLACED, **changes))
    return event


def test_an_order_becomes_one_service_message_with_a_tracked_link(in_workspace, shop):
    automation = make_automation(in_workspace)
    event = place(shop)

    outcome = answer_event(event=event, now=TUESDAY)

    message = Message.objects.get()
    automation.refresh_from_db()
    total = message.merge_values.pop("total")
    assert (outcome, message.contact, message.merge_values) == (
        "sent",
        event.order.contact,
        {"first_name": "Camille", "order_number": "XKBKNABJK"},
    )
    assert ("5 490,00" in total, GSM_7.issuperset(total)) == (True, True)
    assert (automation.batch.purpose, automation.batch.state, automation.batch.is_standing) == (
        "service",
        Batch.State.RUNNING,
        True,
    )
    assert short_url(link=automation.link, position=message.position)


def test_the_same_event_told_again_changes_nothing(in_workspace, shop):
    make_automation(in_workspace)
    event = place(shop)

    outcomes = [answer_event(event=event, now=TUESDAY + timedelta(hours=hours)) for hours in (0, 1, 99)]

    assert outcomes == ["sent"] * 3
    assert (Message.objects.count(), Decision.objects.count()) == (1, 1)


def test_each_recipient_has_a_place_of_their_own_in_one_standing_batch(in_workspace, shop):
    make_automation(in_workspace)

    for number in range(3):
        event = place(shop, external_id=str(number), phones=(PhoneCandidate(f"063998123{number}", "FR"),))
        answer_event(event=event, now=TUESDAY)

    assert list(Message.objects.order_by("pk").values_list("position", flat=True)) == [0, 1, 2]
    assert Batch.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "now", "outcome"),
    [
        ({"is_test": True}, TUESDAY, "not sent: test order"),
        ({"phones": ()}, TUESDAY, "not sent: no mobile"),
        ({"phones": (PhoneCandidate("02 61 91 00 01", "FR"),)}, TUESDAY, "not sent: no mobile"),
        ({}, TUESDAY + timedelta(hours=6, minutes=1), "not sent: too old"),
        ({"is_backfill": True}, TUESDAY, "not sent: from before the shop was connected"),
    ],
)
def test_what_must_not_be_answered_is_decided_and_said(in_workspace, shop, changes, now, outcome):
    make_automation(in_workspace)

    answer = answer_event(event=place(shop, **changes), now=now)

    assert (answer, Decision.objects.get().outcome, Message.objects.count()) == (outcome, outcome, 0)


def test_an_automation_that_is_off_decides_so(in_workspace, shop):
    make_automation(in_workspace, is_enabled=False)

    assert answer_event(event=place(shop), now=TUESDAY) == "not sent: automation off"


def test_an_automation_whose_page_went_offline_says_so(in_workspace, shop):
    automation = make_automation(in_workspace)
    automation.page.live = False
    automation.page.save()

    assert answer_event(event=place(shop), now=TUESDAY) == "not sent: the automation is not ready"


def test_no_automation_has_nothing_to_say(in_workspace, shop):
    assert answer_event(event=place(shop), now=TUESDAY) is None


def test_an_automation_of_one_shop_does_not_hear_another(in_workspace, shop):
    make_automation(in_workspace, shop=make_shop(in_workspace, "shopify", "Other"))

    assert answer_event(event=place(shop), now=TUESDAY) is None


def test_other_events_do_not_start_it(in_workspace, shop):
    make_automation(in_workspace)
    place(shop)
    [paid] = apply_snapshot(shop=shop, snapshot=replace(PLACED, version=2_000, paid_at=TUESDAY))

    assert answer_event(event=paid, now=TUESDAY) is None


def test_automations_of_another_workspace_do_not_hear_the_event(workspace, other_workspace):
    make_automation(other_workspace)
    with scope(workspace=workspace):
        event = place(make_shop(workspace))
        assert answer_event(event=event, now=TUESDAY) is None

    with scope(workspace=other_workspace):
        assert Decision.objects.count() == 0


def test_a_new_text_gets_a_new_batch_and_the_link_goes_on(in_workspace, shop):
    automation = make_automation(in_workspace)
    answer_event(event=place(shop), now=TUESDAY)
    automation.refresh_from_db()
    first_link = automation.link

    automation.text = "Merci ! {link}"
    save_automation(automation=automation, by=None, now=TUESDAY)
    answer_event(event=place(shop, external_id="2"), now=TUESDAY)

    automation.refresh_from_db()
    first, second = Message.objects.order_by("pk")
    assert (automation.link, first.batch_id != second.batch_id) == (first_link, True)
    assert second.position > first.position


def test_the_signal_of_shops_starts_automations(in_workspace, shop):
    make_automation(in_workspace, is_enabled=False)
    event = place(shop)

    answers = [answer for _, answer in shop_event_received.send(sender=None, event=event)]

    assert "not sent: too old" in answers or "not sent: automation off" in answers


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"text": "Merci {first_name}"}, "{first_name"),
        ({"text": "Merci {nickname|toi}"}, "{nickname}"),
        ({"text": "Merci, -20 % sur la suite"}, "-20 %"),
        ({"page": None}, "{link}"),
    ],
)
def test_an_automation_that_is_not_ready_can_not_be_switched_on(in_workspace, fields, words):
    automation = make_automation(in_workspace, is_enabled=False, **fields)

    with pytest.raises(NotReady) as refusal:
        switch_automation(automation=automation, to_on=True, by=None, now=TUESDAY)

    automation.refresh_from_db()
    assert (words in str(refusal.value), automation.is_enabled) == (True, False)


def test_switching_off_needs_nothing(in_workspace):
    automation = make_automation(in_workspace, text="", page=make_page(in_workspace, "x", is_live=False))

    assert not switch_automation(automation=automation, to_on=False, by=None, now=TUESDAY).is_enabled
    assert not Automation.objects.get().is_enabled


def test_an_unknown_trigger_has_a_name(db):
    with pytest.raises(UnknownTrigger):
        trigger_of("full_moon")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Votre commande 1042 est enregistrée, merci.", []),
        ("Profitez de −20 % : code promo HIVER", ["Profitez", "−20 %", "code promo"]),
        ("Découvrez les SOLDES et la Réduction", ["Découvrez", "SOLDES", "Réduction"]),
        ("Un bon d’achat pour vous", ["bon d’achat"]),
        ("Enjoy our sale", ["sale"]),
        ("Colis de Promoville, salement emballé", []),
    ],
)
def test_selling_words_are_found_as_written(text, found):
    assert selling_words(text) == found


@given(st.text(max_size=60))
def test_selling_words_are_pieces_of_the_text(text):
    assert all(word in text for word in selling_words(text))


def test_the_decision_survives_its_contact(in_workspace, shop):
    make_automation(in_workspace)
    event = place(shop)
    answer_event(event=event, now=TUESDAY)

    event.order.contact.delete()

    assert (Decision.objects.get().contact, Order.objects.count(), ShopEvent.objects.count()) == (None, 1, 1)


def test_a_text_that_no_batch_would_take_is_refused_before_an_order_comes(in_workspace):
    automation = make_automation(in_workspace, is_enabled=False)
    automation.text = "Merci {code} {link}"

    with pytest.raises(NotReady):
        switch_automation(automation=automation, to_on=True, by=None, now=TUESDAY)


def test_an_opt_out_address_needs_no_other_link(in_workspace, shop):
    make_automation(in_workspace, text="Merci ! Stop: {stop_link}")

    assert answer_event(event=place(shop), now=TUESDAY) == "sent"


def test_an_order_that_leaves_a_field_empty_is_decided_and_holds_up_no_other_automation(in_workspace, shop):
    first = make_automation(in_workspace, text="Commande {order_number}")
    make_automation(in_workspace, name="Second", text="Merci !", sender=first.sender, page=first.page)

    answer = answer_event(event=place(shop, number=""), now=TUESDAY)

    assert answer == "not sent: a field of the text is empty; sent"
