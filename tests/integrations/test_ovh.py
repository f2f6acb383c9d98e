import json
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from integrations.gateways import ovh
from integrations.gateways.base import (
    Absent,
    Accepted,
    Balance,
    DeliveryReport,
    ErrorClass,
    Outgoing,
    Rejected,
    ReportStatus,
    Undecidable,
    WebhookCall,
)
from integrations.gateways.ovh import OvhGateway, job_of, tag_of
from tests.factories import TUESDAY
from tests.integrations.providers.rehearsals import GOOD, OVH, OvhProvider, place_ovh
from tests.integrations.providers.stage import Answer, on_stage

REFERENCE = "0192f0a1-5b7c-7000-8000-0123456789ab"


@pytest.fixture
def provider(monkeypatch):
    provider = OvhProvider()
    with on_stage(provider) as address:
        provider.address = address
        place_ovh(monkeypatch, OVH.credentials, address)
        yield provider


@pytest.fixture
def gateway(provider):
    return OvhGateway(OVH.credentials, account_id="x", address_of="https://sms.example/{}/".format)


def outgoing(text="Bonjour", is_marketing=False):
    return Outgoing(REFERENCE, GOOD, "LAMBERT", text, is_marketing)


@pytest.mark.parametrize(
    ("text", "is_marketing", "coding", "has_no_clause"),
    [("Soldes à 8 €", True, "7bit", False), ("Bientôt Noël", True, "8bit", False), ("Votre code", False, "7bit", True)],
)
def test_a_job_says_coding_and_purpose_and_never_pops_up(text, is_marketing, coding, has_no_clause):
    assert job_of(outgoing(text, is_marketing), takes_answers=False) == {
        "charset": "UTF-8",
        "class": "phoneDisplay",
        "coding": coding,
        "message": text,
        "noStopClause": has_no_clause,
        "priority": "medium",
        "receivers": [GOOD],
        "tag": tag_of(REFERENCE),
        "validityPeriod": 2880,
        "sender": "LAMBERT",
        "senderForResponse": False,
    }


def test_texts_that_can_be_answered_come_from_a_short_number():
    job = job_of(outgoing(), takes_answers=True)

    assert (job["senderForResponse"], "sender" in job) == (True, False)


def test_a_tag_is_short_and_each_reference_has_its_own():
    assert len(tag_of(REFERENCE)) == 20
    assert tag_of(REFERENCE) != tag_of(REFERENCE[:-1] + "c")


def test_a_signature_carries_their_time_and_the_clock_is_asked_once(gateway, provider):
    results = [gateway.send([outgoing()])[0] for _ in range(2)]

    assert [type(result) for result in results] == [Accepted, Accepted]
    assert json.loads(provider.submissions[0].body)["tag"] == tag_of(REFERENCE)


def test_without_their_clock_nothing_is_handed_over(gateway, provider, monkeypatch):
    monkeypatch.setattr(provider, "answer", lambda _request: Answer(503, b"<html>"))

    assert gateway.send([outgoing()]) == [Rejected(ErrorClass.GATEWAY_DOWN, "clock")]
    assert provider.submissions == []


def test_a_clock_that_was_wrong_is_measured_anew(gateway, provider):
    gateway.send([outgoing()])
    provider.AHEAD = 900

    late, next_one = gateway.send([outgoing()])[0], gateway.send([outgoing()])[0]

    assert late == Rejected(ErrorClass.GATEWAY_DOWN, "QUERY_TIME_OUT", "Query out of time")
    assert isinstance(next_one, Accepted)


@pytest.mark.parametrize(
    ("there", "is_marketing", "is_held"),
    [
        ("2026-11-24 21:59", True, False),
        ("2026-11-24 22:00", True, True),
        ("2026-11-25 07:59", True, True),
        ("2026-11-25 08:00", True, False),
        ("2026-11-28 12:00", True, True),  # a Saturday
        ("2026-11-24 23:00", False, False),
    ],
)
def test_marketing_at_night_and_on_weekends_is_held_by_the_provider(gateway, monkeypatch, there, is_marketing, is_held):
    now = datetime.fromisoformat(there).replace(tzinfo=ZoneInfo("Europe/Paris"))
    monkeypatch.setattr(ovh.timezone, "now", lambda: now)

    (result,) = gateway.send([outgoing(is_marketing=is_marketing)])

    assert result.is_held is is_held


def test_what_may_wait_for_the_morning_is_not_declared_absent(gateway, provider):
    provider.waiting = {7: "0033639980001"}

    assert gateway.reconcile(REFERENCE, GOOD) == Undecidable()
    assert gateway.reconcile(REFERENCE, "+33639980002") == Absent()


@pytest.mark.parametrize("answer", [Answer(404), Answer(200, b"{}"), Answer(200, b"<p>"), Answer(500)])
def test_a_waiting_job_that_cannot_be_looked_at_may_be_this_one(gateway, provider, monkeypatch, answer):
    honest, provider.waiting = provider.answer, {7: "0033639980002"}
    monkeypatch.setattr(provider, "answer", lambda each: answer if each.path.endswith("/jobs/7") else honest(each))

    assert gateway.reconcile(REFERENCE, GOOD) == Undecidable()


def test_a_trial_tells_the_balance_and_what_is_still_to_be_pasted(gateway):
    tried = gateway.check()

    assert tried.balance == Balance(tried.balance.amount)
    assert str(tried.balance.amount) == "1204.5"
    assert len(tried.advice) == 2


@pytest.mark.parametrize(
    ("ptt", "status"),
    [("3", ReportStatus.SENT), ("4", ReportStatus.DELIVERED), ("5", ReportStatus.UNDELIVERED)],
)
def test_a_report_says_what_became_of_it_at_their_time(gateway, ptt, status):
    call = WebhookCall("GET", {"id": "26929925", "ptt": ptt, "date": "20261124103005"}, {}, b"", received_at=TUESDAY)

    (report,) = gateway.parse("dlr", call)

    at = datetime(2026, 11, 24, 10, 30, 5, tzinfo=ZoneInfo("Europe/Paris"))
    assert report == DeliveryReport(status, at, provider_id="26929925", code=ptt)


@pytest.mark.parametrize("ptt", ["1", "2", "6", "999", "-1"])
def test_reports_that_say_nothing_yet_change_nothing(gateway, ptt):
    assert gateway.parse("dlr", WebhookCall("GET", {"id": "1", "ptt": ptt}, {}, b"")) == []


@pytest.mark.parametrize(
    "query", [{"number": "0033639980001"}, {"whoever": "33639980001"}, {"senderid": "+33639980001", "id": "4"}]
)
def test_a_stop_is_heard_whatever_its_parameters_are_called(gateway, query):
    (stop,) = gateway.parse("stop", WebhookCall("GET", query, {}, b"", received_at=TUESDAY))

    assert (stop.sender, stop.text, stop.received_at) == (GOOD, "STOP", TUESDAY)


def test_the_blacklist_is_read(gateway):
    assert gateway.oppositions() == [GOOD]
