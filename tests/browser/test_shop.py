"""Story 3 in a real browser: connect a shop, say what its states mean, switch an automation on, read what leaves."""

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import Workspace
from integrations.models import ShopConnection
from integrations.queries import shop_webhook_url
from integrations.services.replay import post, prepare, wait_for_outcome
from messaging.models import BatchPurpose, Message
from tests.browser.conftest import HAND, Picture, fits
from tests.installation import wait_until
from tests.integrations.shop_calls import payload

pytestmark = [
    pytest.mark.browser,
    pytest.mark.flow,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]
# In which nobody there says what it means, and a mobile number.
STATE, NUMBER = "Remis au transporteur", "+33639980601"


def test_from_the_connection_of_a_shop_to_the_reason_in_the_log(demo: Workspace, desk: Page, picture: Picture):
    shop = connect(desk)
    assert tell(shop, "hello") == "connected"
    switch_on_what_a_parcel_sends(desk)
    assert tell(shop, "order_own_state") == "sent; noted: order paid"

    say_what_it_means(desk, shop, picture)
    desk.get_by_role("button", name="Rejouer").first.click()
    expect(desk.locator(".messages")).to_contain_text("envoyé")

    assert tell(shop, "order_test", is_fresh=False) == "not sent: test order"
    wait_until(is_delivered, "the message about the parcel")
    read_on_the_phone(desk)
    read_why(desk, picture)


def connect(desk: Page) -> ShopConnection:
    desk.goto("/admin/integrations/shops/")
    desk.get_by_role("link", name="Connecter une boutique").first.click()
    desk.get_by_role("link", name="PrestaShop").click()
    desk.fill("[name=name]", "Maison Lambert")
    desk.get_by_role("button", name="Connecter", exact=True).click()
    expect(desk.locator("#address")).to_be_visible()
    expect(desk.get_by_text("chappe1.")).to_be_visible()
    return ShopConnection.objects.get(name="Maison Lambert")


def tell(shop: ShopConnection, name: str, *, is_fresh: bool = True) -> str:
    """The call as the module signs it; what came of it."""
    body, now = payload("prestashop", name), timezone.now()
    phone = NUMBER if "order" in name else ""
    call = prepare(shop=shop, body=body, topic="", phone=phone, is_fresh=is_fresh, now=now)
    return wait_for_outcome(delivery=post(replay=call, url=shop_webhook_url(shop), now=now))


def switch_on_what_a_parcel_sends(desk: Page) -> None:
    desk.goto("/admin/automations/begin/")
    desk.locator("li", has_text="Une commande est expédiée").get_by_role("link").first.click()
    desk.locator("form button[type=submit]:visible").last.click()
    desk.get_by_role("button", name="Activer").click()
    expect(desk.get_by_role("button", name="Désactiver")).to_be_visible()


def say_what_it_means(desk: Page, shop: ShopConnection, picture: Picture) -> None:
    """The shop told its states; one of its own sends nothing before somebody has said here what it means."""
    desk.goto(f"/admin/integrations/shops/inspect/{shop.pk}/")
    states = desk.locator("section", has=desk.locator("#states"))
    expect(states).to_contain_text("payée, expédiée")
    states.get_by_label(STATE).select_option(label="expédiée")
    picture(desk, "shop")
    states.get_by_role("button").click()
    expect(desk.locator("section", has=desk.locator("#states")).get_by_label(STATE)).to_have_value("shipped")


def is_delivered() -> bool:
    told = Message.objects.filter(batch__purpose=BatchPurpose.SERVICE, contact__first_name="Camille")
    return [message.state for message in told.order_by("pk")] == [Message.State.DELIVERED] * 2


def read_on_the_phone(desk: Page) -> None:
    desk.goto("/admin/simulator/")
    phone = desk.locator(".ch-sim section").first
    expect(phone).to_contain_text("merci pour votre commande")
    expect(phone).to_contain_text("est partie. Suivez votre colis")


def read_why(desk: Page, picture: Picture) -> None:
    """What left, and what did not, with its reason; on a phone, too."""
    desk.goto("/admin/automations/log/")
    log = desk.locator(".ch-log li")
    expect(log.nth(0)).to_contain_text("commande de test")
    expect(log.nth(1)).to_contain_text("Commande partie, avec suivi")
    picture(desk, "decision-log")
    desk.set_viewport_size(HAND)
    fits(desk)
