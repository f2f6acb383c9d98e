"""The laws that every registered gateway keeps. A gateway brings a `Rehearsal`: how to stage its provider."""

import json
import logging
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from django.test import Client
from django_scopes import scope

from integrations import http
from integrations.addresses import webhook_path
from integrations.gateways.base import (
    Accepted,
    BadWebhook,
    Connected,
    DeliveryReport,
    ErrorClass,
    Found,
    Gateway,
    IncomingMessage,
    Outgoing,
    Rejected,
    Undecidable,
    Unknown,
    WebhookCall,
)
from integrations.gateways.registry import gateway_class, gateway_classes, gateway_of
from integrations.models import InboundDelivery
from integrations.services import inbox
from messaging.models import InboundMessage, ReportEvent
from tests.factories import TUESDAY, make_account
from tests.integrations.providers import stage as faults
from tests.integrations.providers.rehearsals import GOOD, REFUSED, REHEARSALS, UNCERTAIN, Rehearsal
from tests.integrations.providers.stage import Answer, Provider, on_stage

SECRET = "the webhook secret of this account"
ACCOUNT_ID = "7b1c1f5e-0000-4000-8000-00000000abcd"
HTTP_GATEWAYS = sorted(slug for slug in gateway_classes() if REHEARSALS[slug].provider)


def make_gateway(slug: str, credentials) -> Gateway:
    return gateway_class(slug)(
        credentials, account_id=ACCOUNT_ID, webhook_secret=SECRET, address_of="https://sms.example/{}/".format
    )


def provided(request, monkeypatch):
    """The gateway, with its provider on stage where it has one of its own."""
    stage = REHEARSALS[request.param]
    if stage.provider is None:
        yield make_gateway(request.param, stage.credentials)
        return
    provider = stage.provider()
    with on_stage(provider) as address:
        provider.address = address
        gateway = make_gateway(request.param, stage.place(monkeypatch, stage.credentials, address))
        gateway.provider = provider
        yield gateway


@pytest.fixture(params=sorted(gateway_classes()))
def gateway(request, monkeypatch):
    yield from provided(request, monkeypatch)


@pytest.fixture(params=HTTP_GATEWAYS)
def http_gateway(request, monkeypatch):
    yield from provided(request, monkeypatch)


@pytest.fixture
def provider(http_gateway) -> Provider:
    return http_gateway.provider


@pytest.fixture
def stage(request) -> Rehearsal:
    name = "http_gateway" if "http_gateway" in request.fixturenames else "gateway"
    return REHEARSALS[request.getfixturevalue(name).slug]


def outgoing(reference: str, to: str, text: str = "Bonjour", is_marketing: bool = False) -> Outgoing:
    return Outgoing(reference=reference, to=to, sender="LAMBERT", text=text, is_marketing=is_marketing)


def calls_of(stage: Rehearsal, secret: str = SECRET, call_id: str = "call-1"):
    for kind, staged in stage.calls.items():
        yield kind, staged, replace(staged.make(secret, call_id), secrets=("an old one", SECRET))


# What it is ---------------------------------------------------------------------------------------


def test_every_gateway_is_named_like_itself(gateway):
    assert gateway_classes()[gateway.slug] is type(gateway)
    assert str(gateway.label)
    assert len(gateway.slug) <= 40


def test_its_form_takes_its_own_credentials(gateway, stage):
    form = gateway.config_form(dict(gateway.credentials))

    assert form.errors == {}
    if gateway.config_form.base_fields:
        assert not gateway.config_form({}).is_valid()


def test_a_real_account_has_an_identity_that_spelling_does_not_change(http_gateway, stage):
    same = make_gateway(http_gateway.slug, dict(http_gateway.credentials))

    assert http_gateway.identity == same.identity
    assert http_gateway.identity


def test_real_credentials_are_not_those_of_a_simulator(gateway):
    assert gateway.capabilities.is_simulator == (REHEARSALS[gateway.slug].provider is None)


# Handing over -------------------------------------------------------------------------------------


def test_results_come_one_for_each_message_in_order(gateway):
    batch = [outgoing("a-1", GOOD), outgoing("a-2", REFUSED), outgoing("a-3", GOOD)]

    results = gateway.send(batch)

    assert [type(result) for result in results] == [Accepted, Rejected, Accepted]
    assert results[1].error == ErrorClass.RECIPIENT
    assert all(result.provider_ids for result in results if isinstance(result, Accepted))
    assert gateway.send([]) == []


def test_ids_of_two_messages_are_different(gateway):
    first, second = gateway.send([outgoing("a-1", GOOD), outgoing("a-2", GOOD)])

    assert not set(first.provider_ids) & set(second.provider_ids)


def test_what_cannot_be_proven_is_unknown_and_reconciled(gateway):
    (result,) = gateway.send([outgoing("a-1", UNCERTAIN)])

    assert isinstance(result, Unknown)
    found = gateway.reconcile("a-1", UNCERTAIN)
    if gateway.capabilities.can_reconcile:
        assert isinstance(found, Found)
        assert found.provider_ids
    else:
        assert found == Undecidable()


def test_a_message_never_sent_is_absent_only_where_that_is_certain(gateway, stage):
    assert gateway.reconcile("never", GOOD) == stage.never_sent


def test_the_connection_can_be_tried(gateway):
    assert isinstance(gateway.check(), Connected)


ANSWERS = {
    "nothing": (Answer(200), None),
    "HTML": (Answer(200, b"<!doctype html><p>Maintenance", {"content-type": "text/html"}), None),
    "half an answer": (Answer(200, b'{"ids": [269', {"content-type": "application/json"}), None),
    "a list": (Answer(200, b"[]", {"content-type": "application/json"}), None),
    "nested too deeply": (Answer(200, b"[" * 100_000, {"content-type": "application/json"}), None),
    "elsewhere": (Answer(307, b"", {"location": "/elsewhere"}), None),
    "their fault": (Answer(500, b'{"message": "credit sender receiver", "code": "x"}'), None),
    "a bad gateway": (Answer(502, b"<html>"), None),
    "too slow": (Answer(408, b"{}"), None),
    "who are you": (Answer(401, b"{}"), Rejected(ErrorClass.AUTH)),
    "you may not": (Answer(403, b"{}"), Rejected(ErrorClass.AUTH)),
    "pay first": (Answer(402, b"{}"), Rejected(ErrorClass.CREDIT)),
    "slower": (Answer(429, b"{}"), Rejected(ErrorClass.THROTTLED)),
    "slower, for 7 s": (Answer(429, b"", {"retry-after": "7"}), Rejected(ErrorClass.THROTTLED, retry_after_seconds=7)),
    "slower, in nonsense": (Answer(429, b"", {"retry-after": "soon"}), Rejected(ErrorClass.THROTTLED)),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_is_judged_by_what_it_proves(http_gateway, provider, name):
    answer, expected = ANSWERS[name]
    provider.faults.append(answer)

    (result,) = http_gateway.send([outgoing("a-1", GOOD)])

    if expected is None:
        assert isinstance(result, Unknown)
    else:
        assert replace(result, code="", detail="") == expected
    assert len(provider.submissions) == 1


@pytest.mark.parametrize("fault", [faults.say_nothing, faults.close, faults.reset, faults.half_a_body, faults.babble])
def test_a_line_that_breaks_leaves_it_unknown_and_nothing_is_repeated(http_gateway, provider, fault, monkeypatch):
    monkeypatch.setattr(http, "DEADLINE_SECONDS", 0.7 if fault is faults.say_nothing else 5)
    http_gateway.check()  # whatever it wants to know first, it knows
    provider.submissions.clear()
    provider.faults.append(fault)

    (result,) = http_gateway.send([outgoing("a-1", GOOD)])

    assert isinstance(result, Unknown)
    assert len(provider.submissions) == 1


def test_one_broken_line_of_several_breaks_one_message(http_gateway, provider):
    provider.faults.append(faults.close)

    results = http_gateway.send([outgoing("a-1", GOOD), outgoing("a-2", GOOD), outgoing("a-3", GOOD)])

    assert sorted(type(result).__name__ for result in results) == ["Accepted", "Accepted", "Unknown"]


def test_a_closed_port_means_that_nothing_was_sent(http_gateway, stage, monkeypatch):
    gone = make_gateway(http_gateway.slug, stage.place(monkeypatch, stage.credentials, "http://127.0.0.1:9"))

    assert gone.send([outgoing("a-1", GOOD)])[0].error == ErrorClass.GATEWAY_DOWN


@pytest.mark.parametrize("slug", HTTP_GATEWAYS)
def test_a_certificate_that_nobody_vouches_for_gets_nothing(slug, monkeypatch, tmp_path):
    stage = REHEARSALS[slug]
    provider = stage.provider()
    with on_stage(provider, folder=tmp_path) as address:
        gateway = make_gateway(slug, stage.place(monkeypatch, stage.credentials, address))

        (result,) = gateway.send([outgoing("a-1", GOOD)])

    assert isinstance(result, Rejected)
    assert result.error == ErrorClass.GATEWAY_DOWN
    assert provider.submissions == []


@pytest.mark.parametrize(
    ("slug", "position"), [(slug, place) for slug in HTTP_GATEWAYS for place in range(len(REHEARSALS[slug].refusals))]
)
def test_every_refusal_of_its_table_has_its_class(slug, position, monkeypatch):
    stage = REHEARSALS[slug]
    answer, expected = stage.refusals[position]
    provider = stage.provider()
    provider.faults.append(answer)
    with on_stage(provider) as address:
        provider.address = address
        (result,) = make_gateway(slug, stage.place(monkeypatch, stage.credentials, address)).send(
            [outgoing("a-1", GOOD)]
        )

    assert isinstance(result, Rejected)
    assert result.error == expected


def test_neither_secrets_nor_numbers_show_in_results_logs_or_repr(http_gateway, provider, caplog):
    caplog.set_level(logging.DEBUG)
    secrets = [http_gateway.credentials[name] for name in http_gateway.secret_names()]
    quoted = json.dumps({"code": "invalid_parameter", "message": f"phone {GOOD}: keys {secrets} {SECRET} bad"})
    shown = []
    for fault in (Answer(400, quoted.encode()), Answer(429, quoted.encode()), faults.close, Answer(200, b"<p>")):
        provider.faults.append(fault)
        shown += http_gateway.send([outgoing("a-1", GOOD)])

    said = caplog.text + repr(shown) + repr(http_gateway)
    assert [secret for secret in (*secrets, SECRET, GOOD) if secret in said] == []


# Their calls --------------------------------------------------------------------------------------


def test_every_kind_of_webhook_is_rehearsed(gateway, stage):
    assert set(stage.calls) == set(gateway.webhook_kinds)
    assert set(gateway.pasted_kinds) <= set(gateway.webhook_kinds)


def test_its_own_call_is_accepted_even_by_the_older_of_two_secrets(gateway, stage):
    assert all(gateway.verify(kind, call) for kind, _staged, call in calls_of(stage))


def test_whoever_does_not_know_the_secret_is_refused(gateway, stage):
    for kind, staged, call in calls_of(stage):
        assert not any(gateway.verify(kind, forge(call)) for forge in staged.forgeries)
    for kind, staged, call in calls_of(stage, secret="somebody else's"):
        assert gateway.verify(kind, call) is (not staged.forgeries)


def test_the_same_news_has_the_same_key_and_other_news_another(gateway, stage):
    keys = [gateway.dedup_key(kind, call) for _ in range(2) for kind, _staged, call in calls_of(stage)]
    other = [gateway.dedup_key(kind, call) for kind, _staged, call in calls_of(stage, call_id="another call")]

    assert keys[: len(stage.calls)] == keys[len(stage.calls) :]
    assert not set(keys) & set(other)
    assert all(0 < len(key) <= 200 and GOOD[1:] not in key for key in keys)


def test_a_call_is_parsed_into_a_list_of_news(gateway, stage):
    for kind, staged, call in calls_of(stage):
        news = gateway.parse(kind, call)

        reports = [each for each in news if isinstance(each, DeliveryReport)]
        messages = [each for each in news if isinstance(each, IncomingMessage)]
        assert (len(reports), len(messages)) == (staged.reports, staged.messages)
        assert all(each.occurred_at.tzinfo for each in reports)
        assert all(each.reference or each.provider_id for each in reports)
        assert all(each.sender == GOOD and each.received_at.tzinfo for each in messages)
        assert all(0 < len(each.provider_id) <= 120 and GOOD[1:] not in each.provider_id for each in messages)


def test_who_says_stop_at_the_provider_says_stop_to_us(gateway, stage):
    if "stop" in stage.calls:
        (stop,) = gateway.parse("stop", stage.calls["stop"].make(SECRET, "call-1"))

        assert (stop.sender, stop.text) == (GOOD, "STOP")


def test_a_status_that_is_in_no_table_changes_nothing(http_gateway, stage):
    kind = http_gateway.webhook_kinds[0]
    known = stage.calls[kind].make(SECRET, "call-1")

    assert http_gateway.parse(kind, known) != []
    assert http_gateway.parse(kind, stage.unlisted(known)) == []


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'"x"', b'{"reports": [{}], "messages": []}', b"\xff", b"[" * 99_999]
)
def test_an_unreadable_body_says_so(gateway, body):
    for kind in gateway.webhook_kinds:
        with pytest.raises(BadWebhook):
            gateway.parse(kind, WebhookCall("POST", {}, {}, body))


# Their calls at our door --------------------------------------------------------------------------


@pytest.fixture
def account(gateway, workspace):
    return make_account(workspace, gateway=gateway.slug, credentials=dict(gateway.credentials))


def ring(path: str, call: WebhookCall) -> int:
    query = f"?{urlencode(call.query)}" if call.query else ""
    headers = {name: value for name, value in call.headers.items() if name != "content-type"}
    kind = "application/json" if call.body[:1] in b"{[" else "application/x-www-form-urlencoded"
    ask = Client().get if call.method == "GET" else Client().post
    body = {} if call.method == "GET" else {"data": call.body, "content_type": kind}
    return ask(path + query, headers=headers, **body).status_code


def test_the_same_call_five_times_is_one_piece_of_news_and_an_unknown_id_waits_for_its_message(account, stage):
    kind = next(iter(stage.calls))
    call = stage.calls[kind].make(account.webhook_secret, "call-1")

    statuses = [ring(webhook_path(account, kind), call) for _ in range(5)]
    inbox.sweep(now=TUESDAY.replace(year=2100))

    with scope(workspace=account.workspace):
        delivery = InboundDelivery.objects.get()
        orphans = ReportEvent.objects.filter(attempt=None).count()
    assert statuses == [200] * 5
    assert delivery.outcome == f"{stage.calls[kind].reports} reports, {stage.calls[kind].messages} messages"
    assert orphans == 1


def test_what_people_say_counts_when_their_call_is_answered(
    account, gateway, stage, django_capture_on_commit_callbacks
):
    only_words = sorted(kind for kind, staged in stage.calls.items() if staged.messages and not staged.reports)

    with django_capture_on_commit_callbacks(execute=True):
        for kind in only_words:
            ring(webhook_path(account, kind), stage.calls[kind].make(account.webhook_secret, f"call-{kind}"))

    with scope(workspace=account.workspace):
        assert list(InboundDelivery.objects.values_list("state", flat=True)) == ["done"] * len(only_words)
        assert InboundMessage.objects.count() == sum(stage.calls[kind].messages for kind in only_words)
    assert sorted(gateway.spoken_kinds) == only_words


def test_the_secret_of_another_account_opens_nothing(account, stage, other_workspace):
    other = make_account(other_workspace, gateway=account.gateway, credentials=account.credentials)

    for kind, staged in stage.calls.items():
        theirs = webhook_path(other, kind).replace(str(other.public_id), str(account.public_id))
        assert ring(theirs, staged.make(account.webhook_secret, "call-1")) == 401
        if staged.forgeries:
            assert ring(webhook_path(account, kind), staged.make(other.webhook_secret, "call-1")) == 401

    account.refresh_from_db()
    with scope(workspace=account.workspace):
        assert InboundDelivery.objects.count() == 0
    assert account.refused_webhooks == len(stage.calls) + sum(bool(each.forgeries) for each in stage.calls.values())


def test_an_account_finds_its_gateway(account, gateway):
    found = gateway_of(account)

    assert (found.slug, found.account_id) == (gateway.slug, str(account.public_id))
    assert found.address_of("x").endswith("/x/")
