"""Whatever a provider answers or calls us with, an adapter judges it; it never breaks."""

import json

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.gateways.answers import international, moment_of
from integrations.gateways.base import (
    Accepted,
    BadWebhook,
    DeliveryReport,
    IncomingMessage,
    Outgoing,
    Rejected,
    Unknown,
    WebhookCall,
)
from integrations.gateways.registry import gateway_class, gateway_classes
from tests.factories import TUESDAY
from tests.integrations.providers.rehearsals import GOOD, REHEARSALS

NAMES = ["ids", "invalidReceivers", "errorCode", "message", "messageId", "code", "status", "messages", "error", "event"]
CALLED = [
    "id",
    "ptt",
    "date",
    "senderid",
    "number",
    "msg_status",
    "to",
    "reply",
    "state",
    "msisdn",
    "body",
    "reference",
]
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES + CALLED), inner, max_size=5),
    max_leaves=12,
)
ANSWERS = st.dictionaries(st.sampled_from(NAMES), TREES, min_size=1, max_size=6) | TREES
STATUSES = st.just(200) | st.sampled_from([200, 201, 204, 302, 400, 401, 402, 403, 404, 422, 429, 500, 503])
HTTP_GATEWAYS = sorted(slug for slug in gateway_classes() if REHEARSALS[slug].provider)


def make(slug: str):
    return gateway_class(slug)(REHEARSALS[slug].credentials, account_id="x", webhook_secret="s")


@pytest.mark.parametrize("slug", HTTP_GATEWAYS)
@settings(max_examples=150, deadline=None)
@given(said=ANSWERS, status=STATUSES)
def test_any_answer_is_judged(slug, said, status):
    answer = httpx.Response(status, content=json.dumps(said).encode())

    result = make(slug)._result(answer, Outgoing("a-1", GOOD, "LAMBERT", "Bonjour", True))

    assert isinstance(result, Accepted | Rejected | Unknown)
    if isinstance(result, Accepted):
        assert status < 300
        assert all(isinstance(each, str) and each for each in result.provider_ids)
        assert result.provider_ids
    if isinstance(result, Rejected):
        assert status < 500
        assert len(result.detail) <= 200


@pytest.mark.parametrize("ids", [5, True, "26929925", {"id": 1}, [None], [[]], [""], [1, {}]])
def test_ids_that_are_none_prove_nothing(ids):
    answer = httpx.Response(200, content=json.dumps({"ids": ids, "invalidReceivers": ["+33"]}).encode())

    result = make("ovh")._result(answer, Outgoing("a-1", GOOD, "LAMBERT", "Bonjour", True))

    assert result == Unknown("200 without ids")


@pytest.mark.parametrize("slug", sorted(gateway_classes()))
@settings(max_examples=100, deadline=None)
@given(
    query=st.dictionaries(st.sampled_from(CALLED), st.text(max_size=12), max_size=6),
    said=st.dictionaries(st.sampled_from(CALLED), TREES, max_size=6) | TREES,
    raw=st.none() | st.binary(max_size=30),
)
def test_any_call_is_news_or_unreadable(slug, query, said, raw):
    gateway = make(slug)
    body = json.dumps(said).encode() if raw is None else raw
    call = WebhookCall("POST", query, {"webhook-id": "c"}, body, secrets=("s",), received_at=TUESDAY)

    for kind in gateway.webhook_kinds:
        gateway.verify(kind, call)
        assert 0 < len(gateway.dedup_key(kind, call)) <= 200
        try:
            news = gateway.parse(kind, call)
        except BadWebhook:
            continue
        assert all(isinstance(each, DeliveryReport | IncomingMessage) for each in news)
        assert all(each.occurred_at.tzinfo for each in news if isinstance(each, DeliveryReport))


@given(st.text(max_size=20))
def test_any_time_is_a_moment(said):
    assert moment_of(said, TUESDAY).tzinfo


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("33639980001", GOOD),
        ("0033639980001", GOOD),
        ("+33 6 39 98 00 01", GOOD),
        ("0639980001", "0639980001"),
        ("", "+"),
    ],
)
def test_a_number_is_read_as_providers_write_it(written, number):
    assert international(written) == number
