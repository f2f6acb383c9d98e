"""Calls of machines go past what only people need."""

from types import SimpleNamespace

from django.conf import settings
from django.db import connection
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone, translation
from django_scopes import scope

from chappe import middleware
from chappe.middleware import MACHINES, TRUSTED_SECONDS, MachineDoorMiddleware
from integrations.models import InboundDelivery
from integrations.shops.registry import shop_of
from integrations.views import shops
from tests.factories import make_shop
from tests.integrations.shop_calls import payload, signed_call


def knock(client: Client, shop, **headers: str):
    call = signed_call(shop_of(shop), payload("prestashop", "order_test"), now=timezone.now())
    told = {name: value for name, value in call.headers.items() if name != "content-type"}
    path = reverse("integrations:shop_webhook", args=[shop.public_id])
    assert path.startswith(MACHINES)
    return client.post(path, call.body, content_type="application/json", headers=told | headers)


def test_a_call_asks_the_database_for_the_shop_and_for_a_place_and_nothing_else(
    owner_client, workspace, monkeypatch, django_assert_num_queries
):
    """Although it comes with the cookie of somebody who is signed in."""
    shop = make_shop(workspace)
    monkeypatch.setattr(shops, "_note_call", lambda shop, now: None)

    with django_assert_num_queries(2):
        answer = knock(owner_client, shop)

    assert (answer.status_code, answer.cookies) == (200, {})
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Length"] == str(len(answer.content))
    with scope(workspace=workspace):
        assert InboundDelivery.objects.count() == 1


def test_nobody_s_language_counts_at_a_machine_s_door(client, workspace, monkeypatch):
    spoken = []
    monkeypatch.setattr(shops, "_note_call", lambda shop, now: spoken.append(translation.get_language()))
    shop = make_shop(workspace)

    with translation.override("en"):
        knock(client, shop, **{"accept-language": "en"})

    assert spoken == [settings.LANGUAGE_CODE] != ["en"]


def test_what_goes_wrong_behind_the_door_is_an_answer_all_the_same(workspace, monkeypatch):
    def fail(shop, now):
        raise ZeroDivisionError

    monkeypatch.setattr(shops, "_note_call", fail)
    client = Client(raise_request_exception=False)

    assert knock(client, make_shop(workspace)).status_code == 500


def test_there_is_no_other_door(client, db):
    assert client.get(f"{MACHINES}nothing/").status_code == 404


def test_connection_that_served_within_the_second_is_not_asked_whether_it_works(monkeypatch):
    """Refusals may have asked the database for nothing."""
    answers = iter([200, 405, 200, 200])
    behind = SimpleNamespace(func=lambda request: HttpResponse(status=next(answers)), args=(), kwargs={})
    monkeypatch.setattr(middleware, "resolve", lambda path: behind)
    now = [0.0]
    monkeypatch.setattr(middleware, "time", SimpleNamespace(monotonic=lambda: now[0]))
    door = MachineDoorMiddleware(lambda request: HttpResponse())
    asked = []
    for moment in (10, 10 + TRUSTED_SECONDS / 2, 10 + TRUSTED_SECONDS, 10 + TRUSTED_SECONDS * 1.5):
        now[0], connection.health_check_done = moment, False
        door(RequestFactory().post(f"{MACHINES}shops/"))
        asked.append(not connection.health_check_done)

    assert asked == [True, False, True, False]
