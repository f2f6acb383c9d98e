"""Signed calls of a program: whatever comes is stored once, or refused with a reason; never a 5xx."""

import base64
import hashlib
import hmac
import json
import subprocess
import urllib.request
from datetime import timedelta
from io import BytesIO
from urllib.parse import urlsplit

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrations.calls import BadCall, read_call, read_stored
from integrations.examples import examples
from integrations.models import EventSource, InboundDelivery
from integrations.queries import event_address
from integrations.services.sources import make_source, rotate_secret, secret_to_show
from tests.factories import TUESDAY

CALL = {
    "event": "appointment_booked",
    "id": "42",
    "phone": "06 39 98 12 34",
    "fields": {"service": "coupe", "price": 35},
}
WITHOUT_ID = {"event": "booked", "phone": "+33639981234", "first_name": "Zoé d'Or", "fields": {"place": "l'Étoile"}}
LINES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=20), inner, max_size=4),
    max_leaves=12,
)


@pytest.fixture
def source(in_workspace):
    return make_source(workspace=in_workspace, name="Agenda")


def headers_of(body, secret, at=None, event_id="msg_1"):
    stamp = str(int((at or timezone.now()).timestamp()))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signature = hmac.digest(key, f"{event_id}.{stamp}.".encode() + body, hashlib.sha256)
    return {
        "webhook-id": event_id,
        "webhook-timestamp": stamp,
        "webhook-signature": "v1," + base64.b64encode(signature).decode(),
    }


def tell(client, source, body, **signed):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = signed.pop("headers", None) or headers_of(content, source.credentials["secret"], **signed)
    path = urlsplit(event_address(source)).path
    return client.post(path, content, content_type="application/json", headers=headers)


def test_a_call_is_kept_once_and_the_same_id_is_a_repeat(client, source):
    answers = [tell(client, source, CALL) for _ in range(2)]

    assert [(each.status_code, each.json()["repeated"]) for each in answers] == [(202, False), (202, True)]
    told = read_stored(InboundDelivery.objects.get().body)
    assert (told.event, told.phone, told.fields) == (
        "appointment_booked",
        "+33639981234",
        {"service": "coupe", "price": "35"},
    )


def test_what_is_not_signed_by_the_source_is_refused(client, source):
    other = make_source(workspace=source.workspace, name="Other")
    body = json.dumps(CALL).encode()
    wrong = [
        {"headers": headers_of(body, other.credentials["secret"])},
        {"headers": {**headers_of(body, source.credentials["secret"]), "webhook-signature": "v1,"}},
        {"headers": {"webhook-id": "x"}},
        {"at": timezone.now() - timedelta(minutes=6)},
        {"at": timezone.now() + timedelta(minutes=6)},
    ]

    answers = [tell(client, source, CALL, **each).status_code for each in wrong]
    changed = tell(
        client, source, {**CALL, "phone": "0639981235"}, headers=headers_of(body, source.credentials["secret"])
    )

    source.refresh_from_db()
    assert ([*answers, changed.status_code], source.refused_webhooks) == ([401] * 6, 6)
    assert InboundDelivery.objects.count() == 0


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "not JSON"),
        (b'{"event": "a"', "not JSON"),
        (b"[" * 50_000, "not JSON"),
        (b"[]", "object"),
        ({}, "event"),
        ({**CALL, "event": "två ord"}, "event"),
        ({**CALL, "id": None}, "id"),
        ({**CALL, "id": "x" * 81}, "id"),
        ({**CALL, "phone": None}, "phone is missing"),
        ({**CALL, "phone": "01 99 00 12 34"}, "phone can't be used"),
        ({**CALL, "phone": "0800 123 456"}, "phone can't be used"),
        ({**CALL, "phone": {"number": "0639981234"}}, "phone"),
        ({**CALL, "occurred_at": "yesterday"}, "occurred_at"),
        ({**CALL, "occurred_at": "2099-01-01T00:00:00Z"}, "future"),
        ({**CALL, "fields": []}, "object"),
        ({**CALL, "fields": {"Service": "x"}}, "name in fields"),
        ({**CALL, "fields": {"code": "x"}}, "name in fields"),
        ({**CALL, "fields": {"service": ["x"]}}, "fields.service"),
        ({**CALL, "fields": {"service": "x" * 201}}, "fields.service"),
        ({**CALL, "fields": {f"f{number}": 1 for number in range(21)}}, "more than 20"),
    ],
)
def test_what_can_not_be_used_is_refused_with_its_reason(client, source, body, words):
    answer = tell(client, source, body)

    source.refresh_from_db()
    assert (answer.status_code, words in answer.json()["problem"], words in source.trouble) == (422, True, True)
    assert InboundDelivery.objects.count() == 0


def test_a_body_in_another_encoding_is_refused_or_understood(client, source):
    latin = json.dumps({**CALL, "first_name": "Zoé"}, ensure_ascii=False).encode("latin-1")

    assert tell(client, source, latin).status_code == 401


def test_five_megabytes_are_not_read(client, source):
    assert tell(client, source, b" " * 5_000_000).status_code == 413


def test_a_source_that_is_switched_off_and_one_that_never_was(client, source):
    EventSource.objects.update(is_enabled=False)
    off = tell(client, source, CALL)
    source.public_id = "00000000-0000-4000-8000-000000000000"

    assert (off.status_code, tell(client, source, CALL).status_code) == (410, 404)


def test_a_new_secret_is_shown_once_and_the_one_before_counts_until_the_next(client, source):
    first = source.credentials["secret"]
    shown = [secret_to_show(source=source) for _ in range(2)]

    second = rotate_secret(source=source)
    after_one = (
        tell(client, second, {**CALL, "id": "2"}, headers=None),
        tell(client, second, CALL, headers=headers_of(json.dumps(CALL).encode(), first)),
    )
    rotate_secret(source=second)
    after_two = tell(client, second, CALL, headers=headers_of(json.dumps(CALL).encode(), first))

    assert shown == [first, ""]
    assert ([each.status_code for each in after_one], after_two.status_code) == ([202, 202], 401)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200) | LINES.map(lambda value: json.dumps(value).encode()))
def test_any_body_is_a_call_or_a_refusal(body):
    try:
        told = read_call(body, country="FR", now=TUESDAY)
    except BadCall as refusal:
        assert str(refusal)
        return
    assert read_stored(told.written()) == told


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(["event", "id", "phone", "external_id", "occurred_at", "first_name", "fields"]), LINES)
def test_any_value_in_any_place_is_a_call_or_a_refusal(name, value):
    try:
        told = read_call(json.dumps({**CALL, name: value}).encode(), country="FR", now=TUESDAY)
    except BadCall as refusal:
        assert str(refusal)
        return
    assert read_stored(told.written()) == told


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=60),
    st.dictionaries(st.sampled_from(["webhook-id", "webhook-timestamp", "webhook-signature"]), st.text(max_size=30)),
)
def test_any_headers_are_refused_without_a_crash(client, source, body, headers):
    printable = {
        name: value.encode("ascii", "ignore").decode().translate({10: None, 13: None})
        for name, value in headers.items()
    }

    assert tell(client, source, body, headers=printable or {"webhook-id": "x"}).status_code == 401


def test_the_shell_example_is_signed_as_it_must_be(client, source, tmp_path):
    stub = tmp_path / "curl"
    stub.write_text('#!/bin/sh\nfor each in "$@"; do printf "%s\\0" "$each"; done\n')
    stub.chmod(0o755)
    script = examples(source, WITHOUT_ID, source.credentials["secret"])["curl"]

    ran = subprocess.run(["sh", "-c", f"PATH={tmp_path}:$PATH; {script}"], capture_output=True, check=True, timeout=20)
    given = ran.stdout.decode().split("\0")
    signed = dict(each.split(": ", 1) for each in given if each.startswith("webhook-"))
    body = given[given.index("--data-binary") + 1].encode()

    assert tell(client, source, body, headers=signed).status_code == 202


def test_the_python_example_is_signed_as_it_must_be(client, source, monkeypatch):
    asked = []
    monkeypatch.setattr(urllib.request, "urlopen", lambda request: asked.append(request) or BytesIO())

    exec(examples(source, WITHOUT_ID, source.credentials["secret"])["Python"], {})

    [request] = asked
    signed = {name.lower(): value for name, value in request.header_items() if name.lower().startswith("webhook-")}
    assert tell(client, source, request.data, headers=signed).status_code == 202
