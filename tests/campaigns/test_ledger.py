"""A thousand orders of both platforms, told twice, out of order, refunded and backfilled, against a ledger by hand.

Four shops of two workspaces count their orders alike, and their customers have the same numbers. What each order is to
earn and to send stands in tables (shop_sales.py); sums are plain arithmetic. All comes by the front door, signed.
"""

import json
import random
from collections import Counter
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django_scopes import scope, scopes_disabled

from accounts.models import Workspace
from campaigns.models import Campaign, Credit
from campaigns.services import credit_late
from integrations.models import InboundDelivery, Order, ShopConnection
from integrations.services import inbox
from integrations.shops.registry import shop_of
from landing.models import Conversion
from messaging.models import Batch, Message, PromoCode, PromoPool
from messaging.services.promo import add_codes
from shortlinks.click_ids import make_click_id
from shortlinks.models import Click, JournalSegment, Verdict
from shortlinks.services import reserve_range
from shortlinks.services.news import tell_news
from tests.campaigns.shop_sales import HOURS, NEWS, OF_A_SHOP, PROFILES, SALE, Sale, of_prestashop, of_shopify
from tests.factories import TUESDAY, make_account, make_audience, make_automation, make_sender, make_shop
from tests.reports.rows import make_campaign


class House:
    """A workspace with two campaigns that have left, their clicks and codes, three automations, two shops."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        account = make_account(workspace)
        self.contacts = list(make_audience(workspace, 2 * OF_A_SHOP, first=0).contacts.order_by("pk"))
        self.campaigns = {name: make_campaign(workspace, name) for name in (SALE, NEWS)}
        self.starts: dict[str, int] = {}
        for campaign in self.campaigns.values():
            self._send(campaign)
        self._hand_codes()
        sender = make_sender(account)
        for trigger in ("order_placed", "order_cancelled", "order_refunded"):
            make_automation(workspace, name=trigger, trigger=trigger, text="{order_number}", sender=sender, page=None)
        self.shops = [make_shop(workspace, platform) for platform in ("prestashop", "shopify")]
        self.sales = [[Sale(number, shop * OF_A_SHOP + number) for number in range(OF_A_SHOP)] for shop in (0, 1)]

    def _send(self, campaign: Campaign) -> None:
        """To everybody: position n of the batch is customer n."""
        reserved = reserve_range(link=campaign.link, size=len(self.contacts), now=TUESDAY - timedelta(days=9))
        self.starts[campaign.name] = reserved.start
        left_at = TUESDAY - timedelta(days=8)
        Message.objects.bulk_create(
            Message(
                workspace=self.workspace,
                batch=campaign.batch,
                account=campaign.batch.account,
                lane=campaign.batch.lane,
                contact=contact,
                position=position,
                state=Message.State.DELIVERED,
                due_at=left_at,
                submitted_at=left_at,
                accepted_at=left_at,
                finished_at=left_at,
            )
            for position, contact in enumerate(self.contacts)
        )

    def _hand_codes(self) -> None:
        pool = PromoPool.objects.create(workspace=self.workspace, name="One each")
        Batch.objects.filter(pk=self.campaigns[SALE].batch_id).update(promo_pool=pool)
        add_codes(pool=pool, codes=[f"MINE {number}" for number in range(len(self.contacts))])
        codes = list(PromoCode.objects.filter(pool=pool).order_by("pk"))
        for code, contact in zip(codes, self.contacts, strict=True):
            code.contact, code.assigned_at = contact, TUESDAY - timedelta(days=8)
        PromoCode.objects.bulk_update(codes, ["contact", "assigned_at"])

    def land_clicks(self, *, late: bool) -> None:
        """As the drainer lands them: the rows, and how far their journal has come."""
        segment = f"{self.workspace.slug}-{late}"
        clicks = [
            Click(
                workspace=self.workspace,
                link=self.campaigns[link].link,
                position=sale.customer,
                clicked_at=sale.placed_at - hours * HOURS,
                method="GET",
                verdict=Verdict(verdict),
                reason="test",
                segment=segment,
            )
            for sales in self.sales
            for sale in sales
            for hours, link, verdict in PROFILES[sale.profile][0]
            if (sale.profile == "landed late") is late
        ]
        for offset, click in enumerate(clicks, start=1):
            click.offset = offset
        Click.objects.bulk_create(clicks)
        JournalSegment.objects.create(name=segment, landed_offset=len(clicks))

    def calls(self) -> list[tuple[ShopConnection, str, bytes]]:
        """PrestaShop tells ten events at a time, Shopify one."""
        told = [(sale, *each) for sale in self.sales[0] for each in of_prestashop(sale, self._click_id(sale))]
        random.Random(1042).shuffle(told)
        events = [event for _sale, _topic, event in told]
        bodies = [
            {"schema": 1, "shop": {"installation": "i", "id": 1}, "events": events[start : start + 10]}
            for start in range(0, len(events), 10)
        ]
        batches = [(self.shops[0], "", json.dumps(body).encode()) for body in bodies]
        single = [
            (self.shops[1], topic, json.dumps(body).encode())
            for sale in self.sales[1]
            for topic, body in of_shopify(sale, self._click_id(sale))
        ]
        return batches + single

    def _click_id(self, sale: Sale) -> str:
        if sale.profile != "kept by the shop":
            return ""
        domain, number = self.campaigns[NEWS].link.domain, self.starts[NEWS] + sale.customer
        return make_click_id(domain=domain, number=number, now=sale.placed_at - 4 * HOURS)


def deliver(calls: list[tuple[ShopConnection, str, bytes]]) -> None:
    """Out of order, every seventh twice; workers have a look now and then."""
    draw = random.Random(7)
    arriving = calls + calls[::7]
    draw.shuffle(arriving)
    client = Client()
    for place, (shop, topic, body) in enumerate(arriving):
        headers = shop_of(shop).sign(body, topic, TUESDAY)
        headers.pop("Content-Type")
        path = reverse("integrations:shop_webhook", args=[shop.public_id])
        answer = client.post(path, body, content_type="application/json", headers=headers)
        assert answer.status_code == 200
        if place % 300 == 0:
            inbox.work_off(clock=lambda: TUESDAY)
    # A refund that came before its order waits for it.
    for seconds in (0, 15, 60):
        inbox.work_off(clock=lambda seconds=seconds: TUESDAY + timedelta(seconds=seconds))


@pytest.fixture
def houses(workspace, other_workspace, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: TUESDAY)
    found = []
    for each in (workspace, other_workspace):
        with scope(workspace=each):
            found.append(House(each))
    return found


def test_a_thousand_orders_send_and_earn_what_a_ledger_by_hand_says(houses):
    for house in houses:
        with scope(workspace=house.workspace):
            house.land_clicks(late=False)
    tell_news()

    deliver([call for house in houses for call in house.calls()])
    for house in houses:
        with scope(workspace=house.workspace):
            house.land_clicks(late=True)
    tell_news()
    while credit_late(now=TUESDAY):
        pass

    with scopes_disabled():
        assert set(InboundDelivery.objects.values_list("state", flat=True)) == {"done"}
        assert Order.objects.count() == Credit.objects.count() == 4 * OF_A_SHOP
    for house in houses:
        with scope(workspace=house.workspace):
            assert earned() == by_hand(house)
            assert sent() == messages_by_hand(house)


def by_hand(house: House) -> dict[tuple[str, str], tuple[int, int]]:
    """Orders and cents by campaign and currency."""
    cents, orders = Counter(), Counter()
    for earning in (sale.earns for sales in house.sales for sale in sales):
        if earning:
            campaign, currency, amount = earning
            cents[campaign, currency] += amount
            orders[campaign, currency] += 1
    return {key: (orders[key], cents[key]) for key in orders}


def earned() -> dict[tuple[str, str], tuple[int, int]]:
    cents, orders = Counter(), Counter()
    for name, currency, value in Conversion.objects.values_list("message__batch__name", "currency", "value"):
        cents[name, currency] += value
        orders[name, currency] += 1
    return {key: (orders[key], cents[key]) for key in orders}


def messages_by_hand(house: House) -> Counter:
    return Counter(
        (platform, f"N{sale.number}", trigger)
        for platform, sales in zip(("prestashop", "shopify"), house.sales, strict=True)
        for sale in sales
        for trigger in sale.sends
    )


def sent() -> Counter:
    """Whatever will leave: what was taken back in time is not among it."""
    waiting = Message.objects.filter(state=Message.State.QUEUED)
    told = waiting.values_list(
        "decisions__event__shop__platform", "decisions__event__order__number", "decisions__automation__trigger"
    )
    return Counter(told)
