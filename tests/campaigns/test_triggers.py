"""What each event of an order offers to the text, and where its link leads."""

from dataclasses import replace

import pytest
from django.conf import settings

from campaigns.models import Decision
from campaigns.occasions import Occasion
from campaigns.services import answer_event, save_automation
from campaigns.triggers import TRACKING_LINK, ShopTrigger, triggers
from integrations.gateways.encoding import GSM_7
from integrations.models import ShopEvent
from integrations.services.orders import apply_snapshot
from integrations.shops.base import Refund
from messaging.models import BatchPurpose, Message
from shortlinks.models import LinkTarget
from shortlinks.queries import numbers_at
from tests.campaigns.test_automations import PLACED
from tests.factories import TUESDAY, make_automation, make_domain, make_shop

PARCEL = {"number": "6A12345678901", "url": "https://track.example/6A12345678901", "carrier": "Colissimo"}
EVERYTHING = replace(
    PLACED,
    **dict.fromkeys(
        (
            "paid_at",
            "shipped_at",
            "delayed_at",
            "out_for_delivery_at",
            "ready_at",
            "delivered_at",
            "cancelled_at",
        ),
        TUESDAY,
    ),
    tracking=(PARCEL,),
    refunds=(Refund("r1", 1_000, TUESDAY), Refund("r2", 1_850, TUESDAY)),
)
SHIPPED = replace(PLACED, shipped_at=TUESDAY, tracking=(PARCEL,))


@pytest.fixture
def shop(in_workspace):
    return make_shop(in_workspace)


@pytest.fixture
def tracking(in_workspace):
    make_domain(in_workspace)
    return make_automation(in_workspace, trigger="order_shipped", text="Suivi : {tracking_link}", page=None)


def events_of(shop, snapshot):
    return {event.event_key: event for event in apply_snapshot(shop=shop, snapshot=snapshot)}


def ship(shop, **changes):
    return events_of(shop, replace(SHIPPED, **changes))[f"order.shipped:{changes.get('external_id', '1042')}"]


def test_every_kind_of_event_has_a_trigger_and_all_of_them_are_service():
    of_orders = {kind for kind in ShopEvent.Kind if "order." in kind}
    assert {trigger.kind for trigger in triggers().values()} == {*of_orders, *Occasion.Kind}
    assert {trigger.purpose for trigger in triggers().values()} == {BatchPurpose.SERVICE}
    assert list(triggers()) == settings.TRIGGERS


def test_each_event_fills_every_field_of_its_trigger_in_the_sms_alphabet(in_workspace, shop):
    events = events_of(shop, EVERYTHING).values()
    by_kind = {trigger.kind: trigger for trigger in triggers().values() if isinstance(trigger, ShopTrigger)}

    for event in events:
        trigger = by_kind[event.kind]
        values = trigger.values(event)
        assert set(values) == {*trigger.fields, *trigger.optional}
        assert all(value and GSM_7.issuperset(value) for value in values.values())
    assert {event.kind for event in events} == set(by_kind)


def test_each_refund_of_an_order_says_its_own_amount(in_workspace, shop):
    events, trigger = events_of(shop, EVERYTHING), triggers()["order_refunded"]

    said = [trigger.values(events[f"order.refunded:{key}"])["refund"] for key in ("r1", "r2")]

    assert ["10,00" in said[0], "18,50" in said[1]] == [True, True]


def test_a_tracking_link_leads_each_recipient_to_their_own_parcel(in_workspace, shop, tracking):
    other = {**PARCEL, "url": "https://track.example/other"}

    for number, parcel in (("1", PARCEL), ("2", other)):
        answer_event(event=ship(shop, external_id=number, tracking=(parcel,)), now=TUESDAY)

    tracking.refresh_from_db()
    link = tracking.tracking_link
    numbers = numbers_at(link=link, positions=Message.objects.order_by("pk").values_list("position", flat=True))
    targets = [LinkTarget.objects.get(link=link, number=number).url for number in numbers.values()]
    assert (link.is_per_number, link.carries_visit, targets) == (True, False, [PARCEL["url"], other["url"]])


@pytest.mark.parametrize(
    ("changes", "target"),
    [
        ({"status_url": "https://shop.example/status"}, "https://track.example/6A12345678901"),
        ({"tracking": (), "status_url": "https://shop.example/status"}, "https://shop.example/status"),
        ({"tracking": ({**PARCEL, "url": ""}, PARCEL, {**PARCEL, "url": ""})}, "https://track.example/6A12345678901"),
    ],
)
def test_the_latest_parcel_that_can_be_followed_counts_then_the_page_of_the_order(
    in_workspace, shop, tracking, changes, target
):
    answer_event(event=ship(shop, **changes), now=TUESDAY)

    assert LinkTarget.objects.get().url == target


@pytest.mark.parametrize("tracking_of_shop", [(), ({**PARCEL, "url": "http://localhost/parcel"},)])
def test_without_a_fit_address_nothing_leaves_and_the_log_says_why(in_workspace, shop, tracking, tracking_of_shop):
    outcome = answer_event(event=ship(shop, tracking=tracking_of_shop), now=TUESDAY)

    assert (outcome, Message.objects.count()) == ("not sent: there is no address to follow the parcel", 0)
    assert Decision.objects.get().outcome == outcome


def test_without_an_address_the_page_of_the_automation_stands_in(in_workspace, shop):
    make_automation(in_workspace, trigger="order_shipped", text="Suivi : {tracking_link}")

    assert answer_event(event=ship(shop, tracking=()), now=TUESDAY) == "sent"
    assert LinkTarget.objects.count() == 0


def test_a_second_link_in_a_new_text_begins_with_the_first_so_that_places_agree(in_workspace, shop):
    automation = make_automation(in_workspace, trigger="order_shipped", text="Merci : {link}")
    answer_event(event=ship(shop), now=TUESDAY)
    automation.refresh_from_db()

    automation.text = "Merci : {link} Suivi : {tracking_link}"
    save_automation(automation=automation, by=None, now=TUESDAY)
    outcome = answer_event(event=ship(shop, external_id="2"), now=TUESDAY)

    automation.refresh_from_db()
    message = Message.objects.latest("pk")
    number = numbers_at(link=automation.tracking_link, positions=[message.position])[message.position]
    assert outcome == "sent"
    assert LinkTarget.objects.get(number=number).link == automation.tracking_link
    assert set(message.batch.links.values_list("placeholder", flat=True)) == {"link", TRACKING_LINK}


def test_words_stand_in_for_what_the_shop_does_not_tell(in_workspace, shop):
    make_automation(in_workspace, trigger="order_shipped", text="Avec {carrier|le transporteur}")

    answer_event(event=ship(shop, tracking=()), now=TUESDAY)

    assert Message.objects.get().merge_values == {}
