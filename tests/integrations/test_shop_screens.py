import base64
import hashlib
import html
import json

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_scopes import scope

from accounts.models import Role
from integrations.models import InboundDelivery, ShopConnection
from integrations.queries import shop_webhook_url
from integrations.services.shops import receive_shop_call
from integrations.shops.module_zip import module_file_name, module_zip
from integrations.shops.prestashop import PrestaShop
from integrations.shops.registry import shop_of
from tests.factories import TUESDAY, make_member, make_shop
from tests.integrations.shop_calls import payload, signed_call

SHOPS = "/admin/integrations/shops/"


def deliver(shop: ShopConnection, name: str = "order_test") -> InboundDelivery:
    receive_shop_call(
        public_id=shop.public_id, call=signed_call(shop_of(shop), payload("prestashop", name)), now=TUESDAY
    )
    with scope(workspace=shop.workspace):
        return InboundDelivery.objects.latest("pk")


def page_of(shop: ShopConnection) -> str:
    return f"{SHOPS}inspect/{shop.pk}/"


def test_empty_list_says_what_to_do(owner_client):
    assert f"{SHOPS}new/" in owner_client.get(SHOPS).text


def test_connecting_starts_with_the_platform(owner_client):
    page = owner_client.get(f"{SHOPS}new/").text

    assert ("?platform=prestashop" in page, "?platform=shopify" in page) == (True, True)


def test_owner_connects_prestashop_and_sees_address_and_secret(owner_client, workspace):
    response = owner_client.post(f"{SHOPS}new/?platform=prestashop", {"name": "Boutique"}, follow=True)

    with scope(workspace=workspace):
        shop = ShopConnection.objects.get()
    assert (shop.platform, shop.name, shop.country) == ("prestashop", "Boutique", "FR")
    assert response.redirect_chain[-1][0] == page_of(shop)
    assert (shop_webhook_url(shop) in response.text, token_of(shop) in response.text) == (True, True)
    assert str(PrestaShop.steps[0]) in html.unescape(response.text)


def test_shopify_asks_for_the_secret_of_the_app_and_never_shows_it(owner_client, workspace):
    missing = owner_client.post(f"{SHOPS}new/?platform=shopify", {"name": "Boutique"})
    page = owner_client.post(
        f"{SHOPS}new/?platform=shopify", {"name": "Boutique", "client_secret": "app-s3cret"}, follow=True
    ).text

    with scope(workspace=workspace):
        shop = ShopConnection.objects.get()
    assert "client_secret" in missing.context["form"].errors
    assert (shop.credentials, "app-s3cret" in page) == ({"client_secret": "app-s3cret"}, False)


def token_of(shop: ShopConnection) -> str:
    [token] = shop_of(shop).pairing(shop_webhook_url(shop))
    return token


def test_secret_is_not_shown_after_the_first_call(owner_client, workspace):
    shop = make_shop(workspace)
    shown = token_of(shop) in owner_client.get(page_of(shop)).text
    deliver(shop)

    assert (shown, token_of(shop) in owner_client.get(page_of(shop)).text) == (True, False)


def test_new_token_is_shown_until_the_shop_calls_and_the_old_one_counts_meanwhile(owner_client, workspace):
    shop = make_shop(workspace)
    deliver(shop)
    call = signed_call(shop_of(shop), b"{}")
    old = token_of(shop)
    with scope(workspace=workspace):
        ShopConnection.objects.update(is_enabled=False)

    page = owner_client.post(f"{SHOPS}pair/{shop.pk}/", follow=True).text

    shop.refresh_from_db()
    assert (token_of(shop) in page, old in page, token_of(shop) == old) == (True, False, False)
    assert shop.is_enabled
    assert shop_of(shop).verify(call, TUESDAY)


def test_token_holds_address_and_secret(workspace):
    shop = make_shop(workspace)

    name, content, check = token_of(shop).split(".")

    told = json.loads(base64.urlsafe_b64decode(content + "=" * (-len(content) % 4)))
    assert (name, told) == ("chappe1", {"url": shop_webhook_url(shop), "secret": shop.credentials["secret"]})
    assert hashlib.sha256(content.encode()).hexdigest().startswith(check)


def test_module_is_offered_where_there_is_one(owner_client, workspace):
    pages = [owner_client.get(page_of(make_shop(workspace, platform))).text for platform in ("prestashop", "shopify")]

    response = owner_client.get(f"{SHOPS}package/prestashop/")

    assert [f"{SHOPS}package/" in page for page in pages] == [True, False]
    assert response.headers["Content-Disposition"] == f'attachment; filename="{module_file_name()}"'
    assert response.content == module_zip()
    assert {owner_client.get(f"{SHOPS}package/{slug}/").status_code for slug in ("shopify", "acme")} == {404}


def test_secret_is_shown_to_owners_only(workspace):
    shop = make_shop(workspace)
    client = Client()
    client.force_login(make_member(workspace, Role.MARKETER))

    response = client.get(page_of(shop))

    assert (response.status_code, token_of(shop) in response.text) == (200, False)


def test_new_secret_of_the_app_keeps_the_old_one_valid(owner_client, workspace):
    shop = make_shop(workspace, "shopify")
    facts = {"name": "Boutique", "country": "FR", "language": "fr", "currency": "EUR", "is_enabled": "on"}
    call = signed_call(shop_of(shop), b"{}")

    owner_client.post(f"{SHOPS}edit/{shop.pk}/", {**facts, "client_secret": "rotated"})

    shop.refresh_from_db()
    assert shop.credentials == {"client_secret": "rotated", "previous_client_secret": "app-secret"}
    assert shop_of(shop).verify(call, TUESDAY)


def test_replay_works_on_the_call_again_and_shows_what_came_of_it(owner_client, workspace):
    shop = make_shop(workspace)
    delivery = deliver(shop)

    response = owner_client.post(f"{SHOPS}again/{delivery.pk}/", follow=True)

    delivery.refresh_from_db()
    assert (response.redirect_chain[-1][0], delivery.outcome) == (page_of(shop), "not sent: test order")
    assert [str(message) for message in response.context["messages"]] != []


def test_replay_is_a_post_of_an_owner(workspace, owner_client):
    delivery = deliver(make_shop(workspace))
    marketer = Client()
    marketer.force_login(make_member(workspace, Role.MARKETER))

    assert owner_client.get(f"{SHOPS}again/{delivery.pk}/").status_code == 405
    marketer.post(f"{SHOPS}again/{delivery.pk}/")

    delivery.refresh_from_db()
    assert delivery.state == InboundDelivery.State.NEW


def test_whoever_deletes_a_shop_reads_what_goes_with_it(owner_client, workspace):
    shop = make_shop(workspace)

    page = owner_client.get(f"/admin/integrations/shops/delete/{shop.pk}/").text

    assert "Its orders go with it" in page
    assert "switch the shop off in its settings" in page


@pytest.mark.parametrize(
    "address", ["inspect/{shop}/", "edit/{shop}/", "delete/{shop}/", "again/{delivery}/", "pair/{shop}/"]
)
def test_shop_of_another_workspace_is_not_found(owner_client, other_workspace, address):
    shop = make_shop(other_workspace)
    path = SHOPS + address.format(shop=shop.pk, delivery=deliver(shop).pk)

    assert {owner_client.get(path).status_code, owner_client.post(path).status_code} <= {404, 405}
    assert shop.name not in owner_client.get(SHOPS).text


def test_pages_use_the_same_number_of_queries_for_one_row_and_for_more(owner_client, workspace):
    def queries(path: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            owner_client.get(path)
        return len(captured)

    shop = make_shop(workspace)
    deliver(shop)
    queries(SHOPS)
    before = [queries(SHOPS), queries(page_of(shop))]
    make_shop(workspace, "shopify")
    make_shop(workspace, name="Third")
    for name in ("order_placed", "order_paid", "hello"):
        deliver(shop, name)

    assert [queries(SHOPS), queries(page_of(shop))] == before


@pytest.mark.parametrize("address", ["", "inspect/{pk}/", "edit/{pk}/"])
def test_shop_of_a_platform_that_was_taken_away_is_still_shown(owner_client, workspace, address):
    shop = make_shop(workspace, platform="prestashop")
    with scope(workspace=workspace):
        ShopConnection.objects.update(platform="acme")

    assert owner_client.get(SHOPS + address.format(pk=shop.pk)).status_code == 200
