from datetime import timedelta
from urllib.parse import urlsplit

import httpx
import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from integrations import http
from integrations.models import InboundDelivery, Order
from integrations.queries import shop_webhook_url
from integrations.services import inbox, replay
from tests.factories import make_shop
from tests.integrations.shop_calls import PAYLOADS

NUMBER = "+33639980007"
SHOPIFY = PAYLOADS / "shopify" / "webhook_orders-create.json"
PRESTASHOP = PAYLOADS / "prestashop" / "order_placed.json"


@pytest.fixture
def site(settings, monkeypatch):
    """The site answers without a socket, and a worker looks whenever the command waits."""

    def request(method: str, url: str, *, content: bytes, headers: dict[str, str]) -> httpx.Response:
        address = urlsplit(url)
        if address.hostname != "testserver":
            raise http.NotSent
        content_type = headers.pop("Content-Type")
        answer = Client().post(address.path, content, content_type=content_type, headers=headers)
        return httpx.Response(answer.status_code, content=answer.content)

    monkeypatch.setattr(http, "request", request)
    monkeypatch.setattr(replay, "sleep", worker)
    monkeypatch.setattr(replay, "PATIENCE", timedelta(seconds=1))


def worker(seconds: float) -> None:
    inbox.sweep(now=timezone.now() + timedelta(seconds=1))


def run(capsys, *arguments: object) -> str:
    call_command("replay_webhook", *map(str, arguments))
    return capsys.readouterr().out.strip()


@pytest.fixture
def shopify(site, workspace):
    return make_shop(workspace, "shopify", connected_at=timezone.now() - timedelta(days=1))


@pytest.fixture
def prestashop(site, workspace):
    return make_shop(workspace, connected_at=timezone.now() - timedelta(days=1))


def test_payload_as_it_is_says_why_nothing_was_sent(shopify, capsys):
    assert run(capsys, "shopify", SHOPIFY) == "not sent: test order"


def test_repeating_it_says_the_same_and_stores_nothing(shopify, capsys):
    answers = [run(capsys, "shopify", SHOPIFY) for _ in range(2)]

    assert answers == ["not sent: test order"] * 2
    with scope(workspace=shopify.workspace):
        assert InboundDelivery.objects.count() == 1


@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        ("webhook_orders-create", "noted: order placed"),
        ("rest-2026-07_order", "noted: order placed; noted: order paid"),
    ],
)
def test_fresh_shopify_order_reaches_the_number(shopify, capsys, sample, expected):
    path = PAYLOADS / "shopify" / f"{sample}.json"

    assert run(capsys, shopify.pk, path, "--fresh", "--phone", NUMBER) == expected

    with scope(workspace=shopify.workspace):
        assert Order.objects.get().contact.phone == NUMBER


def test_fresh_order_without_a_mobile_says_so(shopify, capsys):
    assert run(capsys, "shopify", SHOPIFY, "--fresh") == "not sent: no mobile"


def test_old_order_says_so(shopify, capsys):
    assert run(capsys, "shopify", PAYLOADS / "shopify" / "rest-2026-07_order.json") == "not sent: too old"


def test_fresh_prestashop_order_reaches_the_number(prestashop, capsys):
    assert run(capsys, prestashop.name, PRESTASHOP, "--fresh", "--phone", NUMBER) == "noted: order placed"

    with scope(workspace=prestashop.workspace):
        assert Order.objects.get().contact.phone == NUMBER


def test_two_shops_of_a_platform_ask_for_an_id(prestashop, other_workspace):
    other = make_shop(other_workspace)

    with pytest.raises(CommandError, match=f"{prestashop.pk} .*{other.pk}"):
        call_command("replay_webhook", "prestashop", str(PRESTASHOP))


def test_site_that_refuses_is_named(prestashop, other_workspace):
    stranger = make_shop(other_workspace)

    with pytest.raises(CommandError, match="401"):
        call_command("replay_webhook", str(prestashop.pk), str(PRESTASHOP), "--url", shop_webhook_url(stranger))
    with scopes_disabled():
        assert not InboundDelivery.objects.exists()


def test_site_that_is_not_running_is_named(prestashop):
    with pytest.raises(CommandError, match="Nothing answers"):
        call_command("replay_webhook", "prestashop", str(PRESTASHOP), "--url", "http://127.0.0.1:9/")


@pytest.mark.parametrize(("content", "expected"), [(None, "can't be read"), ("[", "is not JSON")])
def test_file_that_is_no_payload_is_named(prestashop, tmp_path, content, expected):
    path = tmp_path / "order.json"
    if content:
        path.write_text(content)

    with pytest.raises(CommandError, match=expected):
        call_command("replay_webhook", "prestashop", str(path), "--fresh")


def test_without_a_worker_the_wait_ends(prestashop, monkeypatch):
    monkeypatch.setattr(replay, "sleep", id)

    with pytest.raises(CommandError, match="no worker"):
        call_command("replay_webhook", "prestashop", str(PRESTASHOP))
