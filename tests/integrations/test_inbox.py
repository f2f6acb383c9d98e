import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from integrations.addresses import webhook_path
from integrations.gateways.base import DeliveryReport, ReportStatus
from integrations.models import GatewayAccount, InboundDelivery
from integrations.services import inbox
from integrations.signals import delivery_reported, message_received
from integrations.simulator.news import sign
from tests.factories import TUESDAY, make_account

REPORT = {"id": "sim-1", "reference": "a-1", "status": "delivered", "code": "", "at": TUESDAY.isoformat()}
MESSAGE = {"id": "sim-2", "from": "+33639980001", "text": "STOP", "at": TUESDAY.isoformat()}
BODY = json.dumps({"reports": [REPORT], "messages": [MESSAGE]})


@pytest.fixture
def account(workspace):
    return make_account(workspace)


@pytest.fixture
def heard():
    """What the receivers were told, and a way to make the first of them fail."""
    news = []

    def on_report(account, reports, **_):
        if news and news[0] == "fail":
            raise RuntimeError("room on fire")
        news.append((account.pk, reports))

    def on_message(account, messages, **_):
        news.append((account.pk, messages))

    delivery_reported.connect(on_report)
    message_received.connect(on_message)
    yield news
    delivery_reported.disconnect(on_report)
    message_received.disconnect(on_message)


def call(account, body=BODY, call_id="call-1", path="", secret="", **headers):
    signed = sign(secret or account.webhook_secret, call_id, body)
    client = Client(enforce_csrf_checks=True)
    return client.post(
        path or webhook_path(account, "events"), body, content_type="application/json", headers={**signed, **headers}
    )


def deliveries():
    with scopes_disabled():
        return list(InboundDelivery.objects.all())


def refused(account):
    with scopes_disabled():
        return GatewayAccount.objects.get(pk=account.pk).refused_webhooks


def test_a_signed_call_is_stored_sealed_and_answered(account):
    response = call(account)

    (delivery,) = deliveries()
    assert (response.status_code, response.content) == (200, b"")
    assert (delivery.workspace_id, delivery.gateway_account_id) == (account.workspace_id, account.pk)
    assert (delivery.topic, delivery.state, delivery.body) == ("events", "new", BODY.encode())
    assert delivery.purge_at - delivery.received_at == timedelta(days=30)
    assert "webhook-signature" not in delivery.context["headers"]


def test_a_repeated_call_is_answered_and_stored_once(account):
    answers = [call(account).status_code for _ in range(3)]

    assert answers == [200, 200, 200]
    assert len(deliveries()) == 1


def test_the_same_call_id_at_two_accounts_is_two_calls(account, other_workspace):
    other = make_account(other_workspace)

    call(account)
    call(other)

    assert sorted(each.workspace_id for each in deliveries()) == sorted([account.workspace_id, other.workspace_id])


@pytest.mark.parametrize(
    "wrong",
    [
        {"secret": "another secret"},
        {"webhook-signature": "v1,bm90IHRoaXM="},
        {"webhook-signature": "garbage"},
        {"webhook-signature": ""},
        {"webhook-timestamp": "1700000000"},
        {"webhook-timestamp": "soon"},
        {"webhook-id": "another"},
    ],
)
def test_a_wrong_signature_leaves_nothing_but_a_count(account, wrong):
    response = call(account, **wrong)

    assert response.status_code == 401
    assert deliveries() == []
    assert refused(account) == 1


def test_a_wrong_address_leaves_nothing_but_a_count(account):
    path = webhook_path(account, "events").replace("/events/", "x/events/")

    assert call(account, path=path).status_code == 401
    assert (deliveries(), refused(account)) == ([], 1)


def test_the_address_of_one_account_does_not_open_another(account, other_workspace):
    other = make_account(other_workspace)

    response = call(account, path=webhook_path(other, "events"))

    assert response.status_code == 401
    assert (deliveries(), refused(account), refused(other)) == ([], 0, 1)


def test_an_unknown_account_is_refused_and_an_unknown_kind_not_found(account):
    unknown = webhook_path(account, "events").replace(str(account.public_id), "00000000-0000-4000-8000-000000000000")

    assert call(account, path=unknown).status_code == 401
    assert call(account, path=webhook_path(account, "else")).status_code == 404
    assert deliveries() == []


def test_a_body_over_the_limit_is_refused_unread(account):
    assert call(account, body="x" * (256 * 1024)).status_code == 200
    assert call(account, body="x" * (256 * 1024 + 1), call_id="call-2").status_code == 413
    assert len(deliveries()) == 1


def test_other_methods_are_refused(account):
    assert Client().put(webhook_path(account, "events")).status_code == 405


def test_the_webhook_secret_is_not_in_the_address(account):
    assert account.webhook_secret not in webhook_path(account, "events")


def test_work_tells_the_rooms_and_is_done(account, heard):
    call(account)

    done = inbox.work(delivery_id=deliveries()[0].pk, now=timezone.now())

    assert (done.state, done.outcome, done.attempts, done.next_attempt_at) == ("done", "1 reports, 1 messages", 1, None)
    assert [(pk, len(news)) for pk, news in heard] == [(account.pk, 1), (account.pk, 1)]
    assert heard[1][1] == [DeliveryReport(ReportStatus.DELIVERED, TUESDAY, provider_id="sim-1", reference="a-1")]
    assert inbox.work(delivery_id=done.pk, now=timezone.now()) is None


def test_a_failing_room_keeps_no_other_from_hearing_and_is_told_again(account, heard):
    heard.append("fail")
    call(account)
    pk = deliveries()[0].pk
    now = timezone.now()

    failed = inbox.work(delivery_id=pk, now=now)

    assert (failed.state, failed.outcome, failed.attempts) == ("new", "ReceiverFailed", 1)
    assert failed.next_attempt_at == now + inbox.RETRY_AFTER[0]
    assert inbox.work(delivery_id=pk, now=now) is None
    assert inbox.sweep(now=now) == 0
    heard[0] = "mended"
    assert inbox.sweep(now=now + inbox.RETRY_AFTER[0]) == 1
    assert deliveries()[0].state == "done"


def test_messages_are_announced_even_when_reports_are_not_taken(account, heard):
    heard.append("fail")
    call(account)

    inbox.sweep(now=timezone.now())

    assert [news for news in heard if news != "fail"] == [(account.pk, heard[-1][1])]
    assert heard[-1][1][0].text == "STOP"


def test_after_eight_failures_a_call_is_dead(account, heard):
    heard.append("fail")
    call(account)
    now = timezone.now()

    for _ in range(20):
        inbox.sweep(now=now)
        now += timedelta(days=1)

    assert [(each.state, each.attempts, each.next_attempt_at) for each in deliveries()] == [("dead", 8, None)]


def test_a_worker_that_dies_every_time_makes_no_endless_loop(account):
    call(account)
    with scopes_disabled():
        InboundDelivery.objects.update(attempts=8)

    inbox.sweep(now=timezone.now())

    assert [(each.state, each.outcome) for each in deliveries()] == [("dead", "given up: a worker died every time")]


def test_an_unreadable_body_is_dead_at_once(account):
    call(account, body='{"reports": 12}')

    inbox.sweep(now=timezone.now())

    assert [(each.state, each.attempts) for each in deliveries()] == [("dead", 1)]


def test_a_claimed_call_is_not_worked_on_twice(account, heard):
    call(account)
    now = timezone.now()

    with scopes_disabled():
        first, second = inbox._claim(deliveries()[0].pk, now), inbox._claim(deliveries()[0].pk, now)

    assert (first.attempts, second) == (1, None)


def test_a_delivery_wakes_a_worker_when_it_is_committed(account, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as callbacks:
        call(account)
        call(account)

    assert len(callbacks) == 1


def test_purge_deletes_what_is_over(account):
    call(account)
    call(account, call_id="call-2")
    now = timezone.now()

    assert inbox.purge(now=now + timedelta(days=29)) == 0
    assert inbox.purge(now=now + timedelta(days=31)) == 2
    assert deliveries() == []


def test_a_handler_works_inside_the_workspace(account, heard):
    call(account)
    seen = []
    message_received.connect(lambda **_: seen.append(GatewayAccount.objects.count()), weak=False, dispatch_uid="seen")

    inbox.sweep(now=timezone.now())

    message_received.disconnect(dispatch_uid="seen")
    with scope(workspace=account.workspace):
        assert seen == [1]
