import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.gateways.base import (
    Accepted,
    Balance,
    Connected,
    ErrorClass,
    Outgoing,
    Rejected,
    StopHandling,
    Unknown,
)
from integrations.gateways.generic_form import GenericHttpForm
from integrations.gateways.generic_http import GenericHttpGateway
from integrations.gateways.templates import (
    BadTemplate,
    at_path,
    fill_form,
    fill_json,
    fill_line,
    fill_url,
    names_in,
    pairs,
)
from tests.integrations.providers.rehearsals import GENERIC, GOOD, ResellerProvider, json_answer, place_reseller
from tests.integrations.providers.stage import on_stage

NASTY = 'Dis "oui" {to} {key} \\ & = % é 🎁\n{'
VALUES = {"to": GOOD, "text": NASTY, "key": "secret", "is_marketing": True, "is_unicode": False}


def gateway_of(**changes) -> GenericHttpGateway:
    return GenericHttpGateway({**GENERIC.credentials, **changes}, account_id="x", webhook_secret="s")


def outgoing(text="Bonjour", is_marketing=False):
    return Outgoing("a-1", GOOD, "LAMBERT", text, is_marketing)


def test_values_stay_values_whatever_they_hold():
    tree = json.loads(
        fill_json('{"a": ["{text}"], "b": "<{to}>", "c": "{is_marketing}", "d": "m={is_marketing}"}', VALUES)
    )

    assert tree == {"a": [NASTY], "b": f"<{GOOD}>", "c": True, "d": "m=1"}
    assert fill_form("msg = {text}\nuni={is_unicode}", VALUES).count(b"&") == 1
    assert fill_url("https://x.example/?t={text}", VALUES).count("&") == 0
    assert "{" not in fill_url("https://x.example/?t={text}", VALUES)
    assert fill_line("Bearer {text}", {"text": "a\r\nX: b"}) == "Bearer a X: b"


@given(st.text(max_size=60))
def test_any_text_comes_out_of_json_as_it_went_in(text):
    assert json.loads(fill_json('{"{text}": "{text}", "x": 1}', {"text": text})) == {"{text}": text, "x": 1}


@pytest.mark.parametrize(
    ("path", "found"),
    [("a.0.id", "7"), ("a.1.id", ""), ("a.x", ""), ("b", "true"), ("c", ""), ("", ""), ("a", ""), ("a.-1.id", "")],
)
def test_a_place_in_an_answer_is_a_simple_value_or_nothing(path, found):
    assert at_path({"a": [{"id": 7}], "b": True, "c": None}, path) == found


def test_pairs_are_read_line_by_line():
    assert pairs("A: b=c\n\n x = y ") == [("A", "b=c"), ("x", "y")]
    with pytest.raises(BadTemplate):
        pairs("no sign")


def test_names_are_known_ones():
    assert names_in("{to} {text} {not this}") == {"to", "text"}
    with pytest.raises(BadTemplate):
        names_in("{phone}")


def form(**changes):
    return GenericHttpForm({**GENERIC.credentials, **changes})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("url", "ftp://x.example/"),
        ("url", "https://{to}.example/"),
        ("url", "https://x.example:99999/"),
        ("url", "https://[::1/"),
        ("url", "nonsense"),
        ("headers", "Authorization {key}"),
        ("headers", "X-To: {to}"),
        ("headers", "X: {phone}"),
        ("template", '{"to": {to}}'),
        ("template", '{"to": "{to}"}'),
        ("template", '{"to": "{to}", "t": "{text}", "p": "{phone}"}'),
        ("api_key", "two\nlines"),
        ("success_statuses", "all"),
        ("errors_map", "42 = pigeon"),
        ("errors_map", "42"),
        ("statuses_map", "X = read"),
        ("appended_stop_clause", "STOP 36180 ✋"),
        ("balance_url", "https://x.example/{to}"),
    ],
)
def test_what_cannot_work_is_refused_before_it_is_stored(field, value):
    assert field in form(**{field: value}).errors


def test_everything_may_stand_in_the_address():
    assert form(body="none", template="", url="https://x.example/?to={to_digits}&m={text}&k={key}").is_valid()


@pytest.fixture
def provider(monkeypatch):
    provider = ResellerProvider()
    with on_stage(provider) as address:
        provider.address = address
        provider.placed = place_reseller(monkeypatch, {}, address)
        yield provider


def test_a_get_with_everything_in_its_address(provider):
    provider.is_submission = lambda request: request.path == "/send"
    provider.answer = lambda _request: json_answer(200, status="ok", messages=[{"id": "m-1"}])
    gateway = gateway_of(
        method="GET", body="none", url=provider.placed["url"] + "?to={to_digits}&m={text}&k={key}&r={report_url}"
    )

    assert gateway.send([outgoing(NASTY)]) == [Accepted(("m-1",))]
    query = provider.submissions[0].query
    assert (query["to"], query["m"], query["k"]) == (GOOD[1:], NASTY, "very-secret-key")


def test_form_fields_keep_their_text(provider):
    gateway = gateway_of(**provider.placed, body="form", template="to={to}\nmsg={text}")
    provider.answer = lambda _request: json_answer(200, status="ok", messages=[{"id": 1}])

    gateway.send([outgoing("a&b=c + é")])

    assert provider.submissions[0].body == b"to=%2B33639980001&msg=a%26b%3Dc+%2B+%C3%A9"
    assert provider.submissions[0].headers["content-type"] == "application/x-www-form-urlencoded"


def test_success_without_the_id_it_promised_is_unknown_and_without_a_promise_our_reference_serves(provider):
    provider.answer = lambda _request: json_answer(200, status="ok")

    assert isinstance(gateway_of(**provider.placed).send([outgoing()])[0], Unknown)
    assert gateway_of(**provider.placed, id_path="").send([outgoing()]) == [Accepted(("a-1",))]


def test_a_private_address_gets_nothing_unless_it_is_allowed(provider, settings):
    settings.PRIVATE_NETWORKS = []

    results = gateway_of(**provider.placed).send([outgoing()])

    assert results == [Rejected(ErrorClass.AUTH, "private_host")]
    assert gateway_of(**provider.placed).check() == Rejected(ErrorClass.AUTH, "private_host")
    assert provider.submissions == []


def test_a_trial_asks_for_the_balance_or_whether_the_machine_is_there(provider):
    told = gateway_of(**provider.placed).check()
    there = gateway_of(**{**provider.placed, "balance_url": ""}).check()

    assert (type(told.balance), str(told.balance.amount)) == (Balance, "812.5")
    assert isinstance(there, Connected)
    assert (there.balance, len(there.advice)) == (None, 1)


@pytest.mark.parametrize("stop", StopHandling)
def test_who_takes_stop_is_what_the_operator_says(stop):
    capabilities = gateway_of(stop=stop.value, appended_stop_clause="STOP 36180").capabilities

    assert (capabilities.stop, capabilities.appended_stop_clause) == (stop, " STOP 36180")
    assert GenericHttpGateway.capabilities.stop == StopHandling.NONE


def test_accounts_at_one_host_are_told_apart_by_their_secret():
    same = gateway_of(url="https://SMS.reseller.example/other").identity

    assert same == gateway_of().identity
    assert gateway_of(api_key="another").identity != same
    assert gateway_of(api_key="", template="{}").identity != gateway_of(api_key="").identity
