import json
import logging
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

import pytest

from integrations import http
from integrations.gateways import brevo
from integrations.gateways.base import (
    Connected,
    DeliveryReport,
    ErrorClass,
    IncomingMessage,
    Outgoing,
    Rejected,
    ReportStatus,
    WebhookCall,
)
from integrations.gateways.brevo import BrevoGateway
from tests.factories import TUESDAY
from tests.integrations.providers.rehearsals import BREVO, GOOD, BrevoProvider, json_answer, payload, place_brevo
from tests.integrations.providers.stage import Answer, on_stage


@pytest.fixture
def provider(monkeypatch):
    provider = BrevoProvider()
    with on_stage(provider) as address:
        place_brevo(monkeypatch, BREVO.credentials, address)
        yield provider


@pytest.fixture
def gateway(provider):
    return BrevoGateway(
        BREVO.credentials, account_id="x", webhook_secret="s", address_of="https://sms.example/{}/".format
    )


def outgoing(text="Bonjour", is_marketing=False):
    return Outgoing("a-1", GOOD, "LAMBERT", text, is_marketing)


@pytest.mark.parametrize(
    ("text", "is_marketing", "content", "kind", "is_unicode"),
    [
        ("Soldes à 8 €", True, "Soldes à 8 € STOP [STOP_CODE]", "marketing", False),
        ("Bientôt Noël", True, "Bientôt Noël STOP [STOP_CODE]", "marketing", True),
        ("Votre colis", False, "Votre colis", "transactional", False),
        ("Reçu 🎁", False, "Reçu 🎁", "transactional", True),
    ],
)
def test_a_message_says_its_type_and_its_alphabet(gateway, provider, text, is_marketing, content, kind, is_unicode):
    gateway.send([outgoing(text, is_marketing)])

    said = json.loads(provider.submissions[0].body)
    web_url = urlsplit(said.pop("webUrl"))
    assert said == {
        "sender": "LAMBERT",
        "recipient": "33639980001",
        "content": content,
        "type": kind,
        "tag": "a-1",
        "unicodeEnabled": is_unicode,
    }
    query = dict(parse_qsl(web_url.query))
    assert gateway.verify("events", WebhookCall("POST", query, {}, b"", secrets=("s",)))


def test_a_stop_code_in_the_text_itself_never_leaves(gateway, provider):
    results = gateway.send([outgoing("Votre colis [STOP_CODE]"), outgoing()])

    assert results[0] == Rejected(ErrorClass.CONTENT, "[STOP_CODE]")
    assert len(results) == 2
    assert len(provider.submissions) == 1


def test_throttling_says_until_when_in_brevos_own_header(gateway, provider):
    provider.faults.append(Answer(429, b"{}", {"x-sib-ratelimit-limit": "150", "x-sib-ratelimit-reset": "12"}))

    (result,) = gateway.send([outgoing()])

    assert (result.error, result.retry_after_seconds) == (ErrorClass.THROTTLED, 12)


def test_a_report_is_of_the_message_whose_address_it_came_to(gateway):
    call = WebhookCall("POST", {"reference": "a-1"}, {}, payload("brevo/report_delivered.json"))

    (report,) = gateway.parse("events", call)

    at = datetime(2026, 11, 24, 10, 30, 5, tzinfo=ZoneInfo("Europe/Paris"))
    assert report == DeliveryReport(ReportStatus.DELIVERED, at, "1511882900176220", "a-1", "delivered")


def test_an_address_that_everybody_may_know_tells_no_reports(gateway):
    assert gateway.parse("answers", WebhookCall("POST", {}, {}, payload("brevo/report_delivered.json"))) == []


@pytest.mark.parametrize("kind", ["events", "answers"])
@pytest.mark.parametrize(("name", "text"), [("unsubscribed", "STOP"), ("replied", "Arrêt œ")])
def test_unsubscribing_and_replying_are_messages_of_theirs(gateway, kind, name, text):
    (message,) = gateway.parse(kind, WebhookCall("POST", {}, {}, payload(f"brevo/{name}.json")))

    assert isinstance(message, IncomingMessage)
    assert (message.sender, message.text) == (GOOD, text)


def test_a_status_that_says_nothing_is_logged_without_its_number(gateway, caplog):
    caplog.set_level(logging.WARNING)
    body = json.dumps({"msg_status": f"odd {GOOD}", "to": GOOD}).encode()

    assert gateway.parse("events", WebhookCall("POST", {}, {}, body)) == []
    assert GOOD not in caplog.text


def test_seconds_since_1970_are_utc(gateway):
    body = json.dumps({"msg_status": "sent", "messageId": 1, "ts_event": 1795512605}).encode()

    (report,) = gateway.parse("events", WebhookCall("POST", {"reference": "a-1"}, {}, body, received_at=TUESDAY))

    assert report.occurred_at == datetime.fromtimestamp(1795512605, UTC)


def test_a_trial_tells_the_credits_for_texts(gateway, provider, monkeypatch):
    assert str(gateway.check().balance.amount) == "82.85"

    monkeypatch.setattr(provider, "answer", lambda _request: json_answer(200, plan=[{"type": "free", "credits": 300}]))
    tried = gateway.check()
    assert isinstance(tried, Connected)
    assert (tried.balance, len(tried.advice)) == (None, 1)


def test_unsubscriptions_are_asked_for_page_by_page(gateway, provider, monkeypatch):
    monkeypatch.setattr(brevo, "PAGE", 2)
    pages = [[{"phoneNumber": "+33639980001"}, {"phoneNumber": "33639980002"}], [{"phoneNumber": "+33639980001"}]]
    monkeypatch.setattr(
        provider, "answer", lambda request: json_answer(200, events=pages[int(request.query["offset"]) // 2])
    )

    assert gateway.oppositions() == ["+33639980001", "+33639980002"]


def test_a_list_that_cannot_be_read_is_no_empty_list(gateway, provider, monkeypatch):
    monkeypatch.setattr(provider, "answer", lambda _request: Answer(200, b"<html>"))

    with pytest.raises(http.NoAnswer):
        gateway.oppositions()
