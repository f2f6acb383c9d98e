"""The laws that every registered gateway keeps. A gateway brings a `Rehearsal`: how to stage its provider."""

import json
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from integrations.gateways.base import (
    Absent,
    Accepted,
    BadWebhook,
    DeliveryReport,
    Found,
    Gateway,
    IncomingMessage,
    Outgoing,
    Rejected,
    Undecidable,
    Unknown,
    WebhookCall,
)
from integrations.gateways.registry import UnknownGateway, gateway_class, gateway_classes, gateway_of
from integrations.simulator.news import sign
from tests.factories import TUESDAY, make_account

SECRET = "the webhook secret of this account"
ACCOUNT_ID = "7b1c1f5e-0000-4000-8000-00000000abcd"


@dataclass(frozen=True)
class Rehearsal:
    """A provider on stage: its credentials, numbers with a known fate, and calls it would make."""

    credentials: dict[str, str]
    good_number: str
    refused_number: str
    uncertain_number: str
    # Signs a body as the provider does: (secret, body, id of the call) to headers.
    sign: Callable[[str, bytes, str], dict[str, str]]
    # A body for each kind of webhook, with what it means: (reports, incoming messages).
    calls: dict[str, tuple[bytes, int, int]]


REPORT = {"id": "sim-1", "reference": "a-1", "status": "delivered", "code": "", "at": TUESDAY.isoformat()}
MESSAGE = {"id": "sim-2", "from": "+33639980001", "text": "Arrêt œ", "at": TUESDAY.isoformat()}
REHEARSALS = {
    "simulator": Rehearsal(
        credentials={},
        good_number="+33639980001",
        refused_number="+33639980106",
        uncertain_number="+33639980150",
        sign=lambda secret, body, call_id: sign(secret, call_id, body.decode()),
        calls={"events": (json.dumps({"reports": [REPORT, REPORT], "messages": [MESSAGE]}).encode(), 2, 1)},
    ),
}


@pytest.fixture(params=sorted(gateway_classes()))
def gateway(request) -> Gateway:
    return gateway_class(request.param)(REHEARSALS[request.param].credentials, account_id=ACCOUNT_ID)


@pytest.fixture
def stage(gateway) -> Rehearsal:
    return REHEARSALS[gateway.slug]


def outgoing(reference: str, to: str) -> Outgoing:
    return Outgoing(reference=reference, to=to, sender="LAMBERT", text="Bonjour", is_marketing=False)


def signed_calls(gateway: Gateway, stage: Rehearsal, secret: str = SECRET, call_id: str = "call-1"):
    for kind, (body, _, _) in stage.calls.items():
        yield kind, WebhookCall("POST", {}, stage.sign(secret, body, call_id), body, secrets=("an old one", SECRET))


def test_every_gateway_is_named_like_itself(gateway):
    assert gateway_classes()[gateway.slug] is type(gateway)
    assert str(gateway.label)
    assert len(gateway.slug) <= 40
    assert gateway.config_form().fields is not None


def test_results_come_one_for_each_message_in_order(gateway, stage):
    batch = [
        outgoing("a-1", stage.good_number),
        outgoing("a-2", stage.refused_number),
        outgoing("a-3", stage.good_number),
    ]

    results = gateway.send(batch)

    assert [type(result) for result in results] == [Accepted, Rejected, Accepted]
    assert all(result.provider_ids for result in results if isinstance(result, Accepted))
    assert gateway.send([]) == []


def test_ids_of_two_messages_are_different(gateway, stage):
    first, second = gateway.send([outgoing("a-1", stage.good_number), outgoing("a-2", stage.good_number)])

    assert not set(first.provider_ids) & set(second.provider_ids)


def test_what_cannot_be_proven_is_unknown_and_reconciled(gateway, stage):
    (result,) = gateway.send([outgoing("a-1", stage.uncertain_number)])

    assert isinstance(result, Unknown)
    found = gateway.reconcile("a-1", stage.uncertain_number)
    if gateway.capabilities.can_reconcile:
        assert isinstance(found, Found)
        assert found.provider_ids
    else:
        assert found == Undecidable()


def test_a_message_never_sent_is_absent_or_undecidable(gateway, stage):
    expected = Absent() if gateway.capabilities.can_reconcile else Undecidable()

    assert gateway.reconcile("never", stage.good_number) == expected


def test_its_own_signature_is_accepted_even_by_the_older_of_two_secrets(gateway, stage):
    assert all(gateway.verify(kind, call) for kind, call in signed_calls(gateway, stage))


def test_every_kind_of_webhook_is_rehearsed(gateway, stage):
    assert set(stage.calls) == set(gateway.webhook_kinds)


def test_a_foreign_signature_is_refused(gateway, stage):
    for kind, call in signed_calls(gateway, stage, secret="somebody else's"):
        assert gateway.verify(kind, call) is False


def test_an_altered_body_is_refused(gateway, stage):
    for kind, call in signed_calls(gateway, stage):
        altered = WebhookCall("POST", {}, call.headers, call.body + b" ", secrets=call.secrets)
        assert gateway.verify(kind, altered) is False


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"{}"])
def test_a_call_without_signature_is_refused(gateway, body):
    for kind in gateway.webhook_kinds:
        assert gateway.verify(kind, WebhookCall("POST", {}, {}, body, secrets=(SECRET,))) is False


def test_the_same_news_has_the_same_key(gateway, stage):
    keys = [gateway.dedup_key(kind, call) for _ in range(2) for kind, call in signed_calls(gateway, stage)]
    other = [gateway.dedup_key(kind, call) for kind, call in signed_calls(gateway, stage, call_id="call-2")]

    assert keys[: len(stage.calls)] == keys[len(stage.calls) :]
    assert not set(keys) & set(other)
    assert all(0 < len(key) <= 200 for key in keys)


def test_a_call_is_parsed_into_a_list_of_news(gateway, stage):
    for kind, call in signed_calls(gateway, stage):
        news = gateway.parse(kind, call)

        reports = [each for each in news if isinstance(each, DeliveryReport)]
        messages = [each for each in news if isinstance(each, IncomingMessage)]
        assert (len(reports), len(messages)) == stage.calls[kind][1:]
        assert all(each.occurred_at.tzinfo for each in reports)
        assert all(each.reference or each.provider_id for each in reports)
        assert all(each.received_at.tzinfo and each.provider_id for each in messages)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'"x"', b'{"reports": [{}], "messages": []}', b"\xff"])
def test_an_unreadable_body_says_so(gateway, body):
    for kind in gateway.webhook_kinds:
        with pytest.raises(BadWebhook):
            gateway.parse(kind, WebhookCall("POST", {}, {}, body))


def test_secrets_show_nowhere(gateway, stage):
    credentials = {"api_key": "very-secret", **stage.credentials}
    shown = repr(type(gateway)(credentials, account_id=ACCOUNT_ID)) + "".join(
        repr(call) for _, call in signed_calls(gateway, stage)
    )

    assert "very-secret" not in shown
    assert SECRET not in shown


def test_an_account_finds_its_gateway(workspace):
    account = make_account(workspace)

    gateway = gateway_of(account)

    assert (gateway.slug, gateway.account_id) == ("simulator", str(account.public_id))


def test_a_gateway_that_is_not_installed_is_named():
    with pytest.raises(UnknownGateway, match="carrier-pigeon"):
        gateway_class("carrier-pigeon")
