import base64
import hashlib
import hmac
from datetime import timedelta

import httpx
import pytest
from django_scopes import scope

from integrations import http
from integrations.models import InboundDelivery
from integrations.services import inbox, pulling
from integrations.services.shops import receive_shop_call
from integrations.shops.registry import shop_of
from tests.factories import TUESDAY, make_shop
from tests.integrations.shop_calls import payload, signed_call

URL = "https://maison-lambert.example/index.php?fc=module&module=chappe&controller=health"
LATER = TUESDAY + timedelta(minutes=6)


@pytest.fixture
def calls(monkeypatch) -> list[http.Call]:
    made: list[http.Call] = []

    def request_all(calls, *, deadline_seconds):
        made.extend(calls)
        return [httpx.Response(200), *[http.NoAnswer("ReadTimeout")] * (len(calls) - 1)]

    monkeypatch.setattr(pulling, "request_all", request_all)
    return made


def silent(workspace, **fields):
    return make_shop(workspace, **{"wake_url": URL, "last_delivery_at": TUESDAY, **fields})


def test_hello_says_where_the_shop_is_woken(workspace):
    shop = make_shop(workspace)
    call = signed_call(shop_of(shop), payload("prestashop", "hello"))
    receive_shop_call(public_id=shop.public_id, call=call, now=TUESDAY)

    with scope(workspace=workspace):
        inbox.work(delivery_id=InboundDelivery.objects.get().pk, now=TUESDAY)

    shop.refresh_from_db()
    assert shop.wake_url == URL


def test_silent_shops_of_every_workspace_are_asked(workspace, other_workspace, calls):
    silent(workspace)
    silent(other_workspace, wake_url="https://other.example/")

    assert pulling.wake_shops(now=LATER) == 1
    assert [(call.url, call.only_public) for call in calls] == [(URL, True), ("https://other.example/", True)]


@pytest.mark.parametrize(
    "fields",
    [{"is_enabled": False}, {"wake_url": ""}, {"last_delivery_at": LATER}, {"last_delivery_at": None}],
    ids=["switched off", "no address", "just heard of", "never heard of"],
)
def test_others_are_left_alone(workspace, calls, fields):
    silent(workspace, **fields)

    assert (pulling.wake_shops(now=LATER), calls) == (0, [])


def test_shop_of_another_platform_is_left_alone(workspace, calls):
    silent(workspace, platform="shopify")

    assert (pulling.wake_shops(now=LATER), calls) == (0, [])


def test_call_is_signed_for_the_shop_and_with_no_key_that_signs_for_us(workspace, calls):
    shop = silent(workspace)
    pulling.wake_shops(now=LATER)

    headers = calls[0].options["headers"]
    secret = base64.b64decode(shop.credentials["secret"].removeprefix("whsec_"))
    key = hmac.digest(secret, b"to the shop", hashlib.sha256)
    signed = f"{headers['webhook-id']}.{int(LATER.timestamp())}.".encode()
    assert headers["webhook-timestamp"] == str(int(LATER.timestamp()))
    assert headers["webhook-signature"] == "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
