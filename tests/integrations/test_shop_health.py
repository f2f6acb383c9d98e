from dataclasses import replace
from datetime import timedelta

import pytest
from django_scopes import scope

from accounts.figures import Rate
from integrations.gateways.base import WebhookCall
from integrations.models import DataRequest, InboundDelivery
from integrations.services import inbox
from integrations.services.orders import apply_snapshot
from integrations.shop_health import Topic, shop_health
from integrations.shops.base import OrderSnapshot, PhoneCandidate
from tests.factories import TUESDAY, make_shop

HOUR = timedelta(hours=1)
MOBILE, LANDLINE = (PhoneCandidate("06 39 98 12 34", "FR"),), (PhoneCandidate("02 61 91 00 01", "FR"),)
ORDER = OrderSnapshot("0", "A", 1_000, TUESDAY, "EUR", 5490)


@pytest.fixture
def shop(in_workspace):
    return make_shop(in_workspace)


def hear(shop, *hours: int, topic: str = "order.changed") -> None:
    for hour in hours:
        call = WebhookCall(method="POST", query={}, headers={}, body=b"{}")
        at = TUESDAY + hour * HOUR
        inbox.store_call(origin=shop, topic=topic, dedup_key=f"{topic}{hour}", call=call, now=at)


def order(shop, *kinds: tuple) -> None:
    for number, phones in enumerate(kinds):
        apply_snapshot(shop=shop, snapshot=replace(ORDER, external_id=str(number), phones=phones))


def test_each_topic_says_when_it_was_heard_last_and_how_much_failed(shop, other_workspace):
    hear(shop, 1, 2)
    hear(shop, 5, topic="shop.hello")
    InboundDelivery.objects.filter(topic="order.changed").update(state=InboundDelivery.State.DEAD)
    hear(make_shop(other_workspace), 9)

    assert shop_health(shop, TUESDAY).topics == (
        Topic("shop.hello", TUESDAY + 5 * HOUR, 1, 0),
        Topic("order.changed", TUESDAY + 2 * HOUR, 2, 2),
    )


@pytest.mark.parametrize(("hours", "is_silent"), [(23, False), (30, True)])
def test_shop_that_called_every_hour_is_silent_after_a_day(shop, hours, is_silent):
    hear(shop, 0, 1, 2, 3, 4, 5)

    since = shop_health(shop, TUESDAY + (5 + hours) * HOUR).silent_since

    assert since == (TUESDAY + 5 * HOUR if is_silent else None)


def test_shop_that_rarely_calls_is_not_silent_so_soon(shop):
    hear(shop, 0, 48, 96, 144, 192)

    assert shop_health(shop, TUESDAY + (192 + 15 * 24) * HOUR).silent_since is None
    assert shop_health(shop, TUESDAY + (192 + 21 * 24) * HOUR).silent_since == TUESDAY + 192 * HOUR


def test_orders_without_a_mobile_are_counted_by_reason(shop):
    order(shop, MOBILE, LANDLINE, LANDLINE, ())

    health = shop_health(shop, TUESDAY)

    assert [(str(each.reason)[:18], each.orders) for each in health.without_mobile] == [
        ("This is a landline", Rate(2, 4)),
        ("There is no number", Rate(1, 4)),
    ]
    assert (health.reachable, health.has_phone_access) == (Rate(1, 4), True)


@pytest.mark.parametrize(("last", "has_access"), [((), False), (LANDLINE, True)])
def test_twenty_orders_without_any_number_mean_no_phone_access(shop, last, has_access):
    order(shop, *[()] * 19, last)

    assert shop_health(shop, TUESDAY).has_phone_access == has_access


def test_owner_sees_how_the_shop_fares_and_notes_what_was_handed_over(owner_client, workspace):
    with scope(workspace=workspace):
        shop = make_shop(workspace, last_delivery_at=TUESDAY)
        hear(shop, 1)
        order(shop, *[()] * 20)
        request = DataRequest.objects.create(
            workspace=workspace, shop=shop, request_key="k", asked_at=TUESDAY, due_at=TUESDAY + timedelta(days=30)
        )
    page = f"/admin/integrations/shops/inspect/{shop.pk}/"

    before = owner_client.get(page).text
    after = owner_client.post(f"/admin/integrations/shops/handed-over/{request.pk}/", follow=True)

    assert ("no phone access" in before, "handed-over" in before, "handed-over" in after.text) == (True, True, False)
    request.refresh_from_db()
    assert request.done_at is not None
