"""Story 3: what a shop tells us becomes one service message, once, and nothing that should not be written is."""

import io
import re
from pathlib import Path

import httpx
import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.models import Workspace
from integrations.models import GatewayAccount, InboundDelivery, ShopConnection
from integrations.queries import shop_webhook_url
from integrations.services.replay import Replay, post
from integrations.shops.registry import shop_of
from messaging.models import BatchPurpose, Message
from tests.flows.desk import IPHONE, look, soup, words
from tests.installation import Installation, wait_until
from tests.simulator import texts_on

PAYLOADS = Path(__file__).parent.parent / "payloads"
ORDERS = {
    "prestashop": ("prestashop/order_placed.json", "+33639980501"),
    "shopify": ("shopify/webhook_orders-create.json", "+33639980502"),
}
TEST_ORDERS = {"prestashop": "prestashop/order_test.json", "shopify": "shopify/webhook_orders-create.json"}

pytestmark = [pytest.mark.flow, pytest.mark.django_db(transaction=True, serialized_rollback=True)]


def replay(*arguments: str) -> str:
    said = io.StringIO()
    call_command("replay_webhook", *arguments, stdout=said)
    return said.getvalue().strip()


def test_an_order_in_either_shop_is_one_service_message(installation: Installation, demo: Workspace):
    account = GatewayAccount.objects.get()
    for platform, (payload, phone) in ORDERS.items():
        shop = ShopConnection.objects.get(platform=platform)

        said = replay(platform, str(PAYLOADS / payload), "--fresh", "--phone", phone)
        wait_until(lambda phone=phone: texts_on(account, phone), f"the message about the {platform} order")
        repeat_what_was_told(shop)

        assert said == "sent"
        assert refuse_what_is_not_signed(shop) == 401
        assert replay(platform, str(PAYLOADS / TEST_ORDERS[platform])) == "not sent: test order"
        (text,) = texts_on(account, phone)
        message = Message.objects.get(contact__first_name=text.split(",")[0], batch__purpose=BatchPurpose.SERVICE)
        wait_until(lambda message=message: is_delivered(message), "its delivery report")
        follow_the_link(installation, text, shop)
    assert Message.objects.filter(batch__purpose=BatchPurpose.SERVICE).count() == len(ORDERS)


def repeat_what_was_told(shop: ShopConnection) -> None:
    """The shop did not hear our answer and calls again: the same delivery, nothing new."""
    stored = InboundDelivery.objects.filter(shop=shop)
    first, count = stored.latest("pk"), stored.count()
    again = post(replay=Replay(shop, first.topic, first.body), url=shop_webhook_url(shop), now=timezone.now())
    assert (again.pk, stored.count()) == (first.pk, count)


def refuse_what_is_not_signed(shop: ShopConnection) -> int:
    """Somebody else changed the body: a counter goes up, nothing is kept."""
    stored = InboundDelivery.objects.filter(shop=shop)
    known, count = stored.latest("pk"), stored.count()
    headers = shop_of(shop).sign(known.body, known.topic, timezone.now())
    answer = httpx.post(shop_webhook_url(shop), content=known.body + b" ", headers=headers, timeout=60)
    shop.refresh_from_db()
    assert (shop.refused_webhooks, stored.count()) == (1, count)
    return answer.status_code


def is_delivered(message: Message) -> bool:
    message.refresh_from_db()
    return message.state == Message.State.DELIVERED


def follow_the_link(installation: Installation, text: str, shop: ShopConnection) -> None:
    link = re.fullmatch(
        rf"(\w+), merci pour votre commande \S+ chez {shop.name}. Suivez-la ici : ({installation.short_host}/\w{{7}})",
        text,
    )
    assert link is not None, text
    tapped = look(f"http://{link[2]}", IPHONE)
    page = words(soup(look(tapped.headers["location"], IPHONE)).select_one("main"))
    assert f"Votre commande est bien reçue, {link[1]}" in page
