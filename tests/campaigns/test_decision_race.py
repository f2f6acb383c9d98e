"""PostgreSQL: two workers with news of one order, or a switch thrown meanwhile: one waits for the other."""

from dataclasses import replace

import pytest
from django.db import connection
from django_scopes import scope

from campaigns import decided
from campaigns.models import Automation, Decision
from campaigns.services import answer_event, switch_automation
from integrations.models import ShopConnection, ShopEvent
from integrations.services.orders import apply_snapshot
from messaging.models import Message
from tests.campaigns.test_automations import PLACED
from tests.factories import TUESDAY, make_automation, make_shop, make_workspace
from tests.messaging.test_former_numbers_race import one_during_the_other

pytestmark = [
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time"),
]
Kind = ShopEvent.Kind


@pytest.fixture
def house():
    """A workspace with a shop, where being paid and being shipped are told."""
    workspace = make_workspace()
    paid = make_automation(workspace, trigger="order_paid", text="Merci", page=None)
    make_automation(workspace, trigger="order_shipped", text="Parti", page=None, sender=paid.sender)
    make_shop(workspace)
    return workspace


def happen(workspace, **changes):
    with scope(workspace=workspace):
        shop = ShopConnection.objects.select_related("workspace").get()
        apply_snapshot(shop=shop, snapshot=replace(PLACED, **changes))


def told(workspace, kind):
    """What a worker does with that event."""

    def tell():
        with scope(workspace=workspace):
            event = ShopEvent.objects.select_related("workspace", "shop", "order").get(kind=kind)
            answer_event(event=event, now=TUESDAY)

    return tell


def log_of(workspace):
    with scope(workspace=workspace):
        decisions = Decision.objects.order_by("automation").values_list("automation__trigger", "outcome")
        return dict(decisions), list(Message.objects.values_list("state", flat=True))


def test_an_event_told_by_two_workers_is_one_decision_and_one_message(house):
    happen(house, paid_at=TUESDAY)

    one_during_the_other(told(house, Kind.ORDER_PAID), told(house, Kind.ORDER_PAID))

    assert log_of(house) == ({"order_paid": decided.SENT}, ["queued"])


@pytest.mark.parametrize("kinds", [(Kind.ORDER_PAID, Kind.ORDER_SHIPPED), (Kind.ORDER_SHIPPED, Kind.ORDER_PAID)])
def test_of_two_news_told_at_once_only_the_newer_leaves(house, kinds):
    happen(house, paid_at=TUESDAY, shipped_at=TUESDAY)

    one_during_the_other(*(told(house, kind) for kind in kinds))

    logs, states = log_of(house)
    assert logs == {"order_paid": decided.OVERTAKEN, "order_shipped": decided.SENT}
    assert states == ["queued"]


@pytest.mark.parametrize("comes_first", ["the event", "the switch"])
def test_switched_off_while_an_event_is_told_nothing_is_left_to_send(house, comes_first):
    happen(house, paid_at=TUESDAY)
    tell = told(house, Kind.ORDER_PAID)

    def switch():
        with scope(workspace=house):
            automation = Automation.objects.select_related("workspace").get(trigger="order_paid")
            switch_automation(automation=automation, to_on=False, by=None, now=TUESDAY)

    one_during_the_other(*((tell, switch) if comes_first == "the event" else (switch, tell)))

    logs, states = log_of(house)
    assert logs == {"order_paid": decided.OFF}
    assert "queued" not in states
