"""What a past order would have sent."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django_scopes import scope

from campaigns import decided
from campaigns.models import Decision
from campaigns.services import answer_event
from campaigns.trial import OrderTrial
from integrations.models import Order
from integrations.services.orders import apply_snapshot
from messaging.models import Batch, Message
from tests.campaigns.test_automations import PLACED
from tests.campaigns.test_triggers import PARCEL, SHIPPED
from tests.factories import TUESDAY, make_automation, make_domain, make_shop


@pytest.fixture
def shop(in_workspace):
    return make_shop(in_workspace)


def order_of(shop, snapshot):
    apply_snapshot(shop=shop, snapshot=snapshot)
    return Order.objects.select_related("shop", "contact", "workspace").get(external_id=snapshot.external_id)


def test_an_order_shows_the_text_its_parts_and_where_its_link_leads(in_workspace, shop):
    text = "{first_name|Bonjour}, commande {order_number} : {tracking_link}"
    automation = make_automation(in_workspace, trigger="order_shipped", text=text, is_enabled=False)

    trial = OrderTrial(automation, order_of(shop, SHIPPED))

    assert (trial.reason, trial.bubble.measured.parts, trial.targets) == ("", 1, {"tracking_link": PARCEL["url"]})
    assert trial.text == "Camille, commande XKBKNABJK : go.lambert.example/Ab3dE9x"
    assert (trial.leaves_at, trial.has_waited) == (TUESDAY, False)


def test_at_night_it_would_have_waited_for_the_morning(in_workspace, shop):
    night = TUESDAY + timedelta(hours=13)

    trial = OrderTrial(make_automation(in_workspace), order_of(shop, replace(PLACED, placed_at=night)))

    assert (trial.reason, trial.has_waited, trial.leaves_at.hour) == ("", True, 7)


@pytest.mark.parametrize(
    ("snapshot", "fields", "reason"),
    [
        (PLACED, {"trigger": "order_shipped"}, decided.NO_EVENT),
        (replace(PLACED, is_test=True), {}, "not sent: test order"),
        (replace(PLACED, is_backfill=True), {}, "not sent: from before the shop was connected"),
        (PLACED, {"conditions": {"countries": ["BE"]}}, "not sent: the country does not fit"),
        (replace(PLACED, number=""), {"text": "Commande {order_number}"}, decided.EMPTY_FIELD),
        (
            replace(SHIPPED, tracking=()),
            {"trigger": "order_shipped", "text": "{tracking_link}", "page": None},
            decided.NO_LINK,
        ),
    ],
)
def test_why_nothing_would_have_left(in_workspace, shop, snapshot, fields, reason):
    if "page" in fields:
        make_domain(in_workspace)
    automation = make_automation(in_workspace, **fields)

    assert OrderTrial(automation, order_of(shop, snapshot)).reason == reason


def test_a_trial_agrees_with_what_was_decided(in_workspace, shop):
    automation = make_automation(in_workspace, cap_messages=1)
    order = order_of(shop, PLACED)
    answer_event(event=order.events.get(), now=TUESDAY)

    assert OrderTrial(automation, order).reason == ""
    assert Decision.objects.get().outcome == decided.SENT


def test_what_came_later_does_not_count(in_workspace, shop):
    automation = make_automation(in_workspace)
    make_automation(in_workspace, trigger="order_shipped", sender=automation.sender, page=automation.page)
    day_after = TUESDAY + timedelta(days=1)

    order = order_of(shop, replace(PLACED, shipped_at=day_after, cancelled_at=day_after))

    assert OrderTrial(automation, order).reason == ""


def test_the_screen_shows_it_and_writes_nothing(workspace, owner_client):
    automation = make_automation(workspace)
    with scope(workspace=workspace):
        order = order_of(make_shop(workspace), PLACED)

    empty = owner_client.get(f"/admin/automations/{automation.pk}/try/")
    shown = owner_client.get(f"/admin/automations/{automation.pk}/try/", {"order": order.number})
    unknown = owner_client.get(f"/admin/automations/{automation.pk}/try/", {"number": "nothing"})

    assert (empty.context["trial"], unknown.context["trial"]) == (None, None)
    assert "Merci Camille, commande XKBKNABJK" in shown.text
    with scope(workspace=workspace):
        assert (Decision.objects.count(), Message.objects.count(), Batch.objects.count()) == (0, 0, 0)
