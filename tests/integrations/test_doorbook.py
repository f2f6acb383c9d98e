"""What the door remembers of a shop for a second lets calls in; it never turns one away."""

import time
import uuid
from types import SimpleNamespace

import pytest
from django.urls import reverse
from django_scopes import scope

from integrations import doorbook
from integrations.models import InboundDelivery, ShopConnection
from integrations.shops.registry import shop_of
from tests.factories import TUESDAY, make_shop
from tests.integrations.shop_calls import payload, signed_call


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr("integrations.views.timezone.now", lambda: TUESDAY)


@pytest.fixture
def later(monkeypatch):
    """Lets seconds pass."""
    begun, passed = time.monotonic(), []
    monkeypatch.setattr(doorbook, "time", SimpleNamespace(monotonic=lambda: begun + sum(passed)))
    return passed.append


@pytest.fixture
def shop(workspace, client):
    """It has said which one it is, and has just called."""
    shop = make_shop(workspace)
    shop.shop_key = "6f1d3c1e-6f0c-4f5e-9a55-0d6c1f6b2a10/1"
    shop.save()
    assert knock(client, shop) == 200
    return shop


def knock(client, shop) -> int:
    """The answer to a call of its own."""
    body = payload("prestashop", "order_test").replace(b"-000000000", uuid.uuid4().hex[:10].encode())
    headers = dict(signed_call(shop_of(shop), body).headers)
    path = reverse("integrations:shop_webhook", args=[shop.public_id])
    return client.post(path, body, content_type=headers.pop("content-type"), headers=headers).status_code


def change_elsewhere(shop, **values) -> None:
    """As another process does it: nothing here hears of it."""
    with scope(workspace=shop.workspace):
        ShopConnection.objects.filter(pk=shop.pk).update(**values)


def stored(shop) -> int:
    with scope(workspace=shop.workspace):
        return InboundDelivery.objects.count()


def test_next_call_asks_the_database_for_a_place_only(client, shop, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert knock(client, shop) == 200

    assert stored(shop) == 2


def test_after_a_second_the_shop_is_read_again(client, shop, later, django_assert_num_queries):
    later(doorbook.KEPT_SECONDS)

    with django_assert_num_queries(2):
        assert knock(client, shop) == 200


def test_secret_that_another_process_has_renewed_counts_at_once(client, shop):
    shop.credentials = shop_of(shop).new_credentials()
    change_elsewhere(shop, credentials=shop.credentials)

    assert knock(client, shop) == 200


def test_shop_switched_off_by_another_process_is_let_in_for_a_second_at_most(client, shop, later):
    change_elsewhere(shop, is_enabled=False)

    at_once = knock(client, shop)
    later(doorbook.KEPT_SECONDS)

    assert (at_once, knock(client, shop)) == (200, 410)


def test_shop_switched_off_here_is_turned_away_at_once(client, shop):
    shop.is_enabled = False
    shop.save()

    assert knock(client, shop) == 410


def test_shop_switched_on_by_another_process_is_let_in_at_once(client, shop, later):
    change_elsewhere(shop, is_enabled=False)
    later(doorbook.KEPT_SECONDS)
    turned_away = knock(client, shop)
    change_elsewhere(shop, is_enabled=True)

    assert (turned_away, knock(client, shop)) == (410, 200)


def test_neighbour_of_another_workspace_is_not_taken_for_it(client, shop, other_workspace):
    """Its calls are signed with its own secret."""
    neighbour = make_shop(other_workspace)
    mixed = make_shop(other_workspace)
    mixed.public_id = shop.public_id

    assert (knock(client, mixed), knock(client, neighbour)) == (401, 200)
    assert (stored(shop), stored(neighbour)) == (1, 1)


def test_shop_that_has_not_said_which_one_it_is_is_read_each_time(client, workspace, django_assert_num_queries):
    shop = make_shop(workspace)
    knock(client, shop)

    with django_assert_num_queries(2):
        knock(client, shop)


def test_a_stranger_s_address_is_not_remembered(client, db):
    assert doorbook.shop_now(public_id=uuid.UUID(int=7)) is None
    assert doorbook.remembered_shop(public_id=uuid.UUID(int=7)) is None


def test_few_shops_are_remembered_at_a_time(client, shop, monkeypatch):
    monkeypatch.setattr(doorbook, "MOST_SHOPS", 1)
    neighbour = make_shop(shop.workspace)
    neighbour.shop_key = "1/1"
    neighbour.save()

    doorbook.shop_now(public_id=neighbour.public_id)

    assert list(doorbook._kept) == [neighbour.public_id]
