"""What a worker asks the database for an order that sends one message: beside the door, it is what a busy day costs."""

from datetime import timedelta

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
MOST_QUERIES = 48


def test_order_that_sends_one_message_costs_so_many_queries(in_workspace):
    shop = make_shop(in_workspace)
    sender = make_sender(make_account(in_workspace))
    Automation.objects.create(
        workspace=in_workspace,
        name="Placed",
        trigger="order_placed",
        sender=sender,
        text="{first_name|Hello}, order {order_number}.",
        is_enabled=True,
    )
    outcomes, counts = [], []

    for minutes in range(3):
        delivery = stored(shop, minutes)
        with CaptureQueriesContext(connection) as asked:
            worked_on = inbox.work(delivery_id=delivery.pk, now=TUESDAY + timedelta(minutes=minutes))
        outcomes.append(worked_on.outcome)
        counts.append(sum("SAVEPOINT" not in each["sql"] for each in asked.captured_queries))

    # The first one opens the standing batch.
    assert (outcomes, counts[1] == counts[2]) == (["sent"] * 3, True)
    assert counts[2] <= MOST_QUERIES


def stored(shop, minutes: int) -> InboundDelivery:
    at = TUESDAY + timedelta(minutes=minutes)
    body = shop_of(shop).freshen(payload("prestashop", "order_placed"), "", at)
    receive_shop_call(public_id=shop.public_id, call=signed_call(shop_of(shop), body, now=at), now=at)
    return InboundDelivery.objects.latest("pk")
