"""What a worker asks the database for an order that sends one message: beside the door, it is what a busy day costs."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import Automation
from integrations.models import InboundDelivery
from integrations.services import inbox
from integrations.services.shops import receive_shop_call
from integrations.shops.registry import shop_of
from tests.factories import TUESDAY, make_account, make_sender, make_shop
from tests.integrations.shop_calls import payload, signed_call

# Without savepoints; PostgreSQL is told twice not to wait for its disk. A number that grows wants a reason.
MOST_QUERIES = 33
# Nobody is written to; with the promo code of the example it is judged anew.
MOST_QUERIES_TO_HEAR_AGAIN = 15


@pytest.fixture
def shop(in_workspace, monkeypatch):
    # At night the message would wait for the morning.
    monkeypatch.setattr("campaigns.receivers.timezone.now", lambda: TUESDAY)
    Automation.objects.create(
        workspace=in_workspace,
        name="Placed",
        trigger="order_placed",
        sender=make_sender(make_account(in_workspace)),
        text="{first_name|Hello}, order {order_number}.",
        is_enabled=True,
    )
    return make_shop(in_workspace)


def cost_of(shop, body: bytes, minutes: int) -> tuple[str, int]:
    """What came of a call, and the statements of its work."""
    at = TUESDAY + timedelta(minutes=minutes)
    receive_shop_call(public_id=shop.public_id, call=signed_call(shop_of(shop), body, now=at), now=at)
    stored = InboundDelivery.objects.latest("pk").pk
    with CaptureQueriesContext(connection) as asked:
        delivery = inbox.work(delivery_id=stored, now=at)
    return delivery.outcome, sum("SAVEPOINT" not in each["sql"] for each in asked.captured_queries)


def a_new_order(shop, minutes: int) -> bytes:
    return shop_of(shop).freshen(payload("prestashop", "order_placed"), "", TUESDAY + timedelta(minutes=minutes))


def test_order_that_sends_one_message_costs_so_many_queries(shop):
    # The first one opens the standing batch.
    costs = [cost_of(shop, a_new_order(shop, minutes), minutes) for minutes in range(3)]

    outcomes, counts = zip(*costs, strict=True)
    assert (outcomes, counts[1] == counts[2]) == (("sent", "sent", "sent"), True)
    assert counts[2] <= MOST_QUERIES


def test_hearing_again_of_an_order_costs_fewer(shop):
    body = a_new_order(shop, 0)
    cost_of(shop, body, 0)
    later = json.loads(body)
    later["events"][0]["id"] = "0193a5c0-7b1e-7c3a-8f00-00000000ffff"
    later["events"][0]["order"]["version"] += 1

    outcome, count = cost_of(shop, json.dumps(later).encode(), 1)

    assert outcome == "nothing new"
    assert count <= MOST_QUERIES_TO_HEAR_AGAIN
