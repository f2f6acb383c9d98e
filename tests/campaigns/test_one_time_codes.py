"""One-time codes: first in the queue, at any hour, once, in time, and kept nowhere."""

import json
import logging
from datetime import timedelta

import pytest
from django.apps import apps
from django.db import connection, models
from django.utils import timezone

from accounts.fields import SealedBytesField, SealedJSONField, SealedTextField
from audience.models import Contact, OptOutScope
from audience.services.exports import export_person
from campaigns import decided
from campaigns.models import Decision, Occasion
from campaigns.services.calls import forget_expired_codes
from integrations.models import InboundDelivery
from integrations.services import inbox
from integrations.services.sources import make_source
from messaging import deliver
from messaging.models import Attempt, Lane, Message
from messaging.services.opt_out import opt_out
from tests.campaigns.test_signed_calls import make_answer
from tests.factories import TUESDAY
from tests.integrations.test_calls import tell
from tests.messaging.helpers import run_step

# Long enough to be in no clock, no id and no seal by chance.
CODE = "739164258035"
CALL = {"event": "login", "id": "42", "phone": "06 39 98 12 34", "code": CODE}
SEALED = (SealedTextField, SealedJSONField, SealedBytesField)
NIGHT = TUESDAY + timedelta(hours=13)


@pytest.fixture
def source(in_workspace):
    return make_source(workspace=in_workspace, name="Shop")


@pytest.fixture
def automation(source):
    fields = {"trigger": "one_time_code", "event_name": "login", "event_fields": [], "text": "Code {code}, bonjour"}
    return make_answer(source.workspace, **fields)


@pytest.fixture
def told(client, source, automation, monkeypatch):
    """A function that has the program ask, at a moment."""

    def tell_at(moment, **changes):
        monkeypatch.setattr(timezone, "now", lambda: moment)
        return tell(client, source, {**CALL, **changes}, at=moment)

    return tell_at


def work_on(moment):
    for delivery in InboundDelivery.objects.filter(state=InboundDelivery.State.NEW):
        inbox.work(delivery_id=delivery.pk, now=moment)


def everything_stored():
    """Each value of each table that may hold text, as the database has it."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            for row in cursor.fetchall():
                yield from (value for value in row if isinstance(value, str | bytes | memoryview | dict | list))


def is_stored(code):
    values = (value if isinstance(value, str | dict | list) else bytes(value) for value in everything_stored())
    return any(code.encode() in (each if isinstance(each, bytes) else json.dumps(each).encode()) for each in values)


def is_kept_under_seal(code):
    """Whether anybody with the keys would find it."""
    columns = [(model, one) for model in apps.get_models() for one in model._meta.concrete_fields]
    sealed = [(model, one.attname) for model, one in columns if isinstance(one, SEALED)]
    return any(
        code in str(value) for model, name in sealed for value in models.QuerySet(model).values_list(name, flat=True)
    )


def test_a_code_leaves_at_once_at_night_and_before_all_others(told, automation, monkeypatch):
    texts, send = [], deliver.send

    def listen(account, batch):
        texts.extend(each.text for each in batch)
        return send(account, batch)

    monkeypatch.setattr(deliver, "send", listen)

    answer = told(NIGHT)
    work_on(NIGHT)
    message = Message.objects.get()
    run_step(automation.sender.account, NIGHT)

    message.refresh_from_db()
    assert (answer.status_code, message.lane, message.batch.purpose) == (202, Lane.CODES, "service")
    assert (texts, message.submitted_at) == ([f"Code {CODE}, bonjour"], NIGHT)


def test_a_code_is_in_no_table_in_clear_at_any_moment(told, automation, caplog):
    caplog.set_level(logging.DEBUG)
    seen = []

    told(TUESDAY)
    seen.append(is_stored(CODE))
    work_on(TUESDAY)
    seen.append(is_stored(CODE))
    run_step(automation.sender.account, TUESDAY)
    seen.append(is_stored(CODE))
    export = export_person(contact=Contact.objects.get(), by=None, now=TUESDAY)

    assert (seen, CODE in caplog.text, CODE in json.dumps(export)) == ([False] * 3, False, False)
    assert Attempt.objects.get().body == "Code ••••••, bonjour"


def test_after_its_life_a_code_is_not_even_under_seal(told, automation):
    told(TUESDAY)
    work_on(TUESDAY)
    run_step(automation.sender.account, TUESDAY)
    while_it_lives = is_kept_under_seal(CODE)

    forgotten = forget_expired_codes(now=TUESDAY + timedelta(minutes=61))

    assert (while_it_lives, forgotten, is_kept_under_seal(CODE)) == (True, 1, False)
    assert forget_expired_codes(now=TUESDAY + timedelta(minutes=62)) == 0


def test_the_call_is_empty_once_it_was_worked_on(told):
    told(TUESDAY)
    work_on(TUESDAY)

    delivery = InboundDelivery.objects.get()
    assert (delivery.body, delivery.purge_at - delivery.received_at) == (b"", timedelta(hours=1))


def test_the_same_id_sends_nothing_twice(told):
    for _time in range(2):
        told(TUESDAY)
        work_on(TUESDAY)
    InboundDelivery.objects.all().delete()
    told(TUESDAY)
    work_on(TUESDAY)

    assert (Message.objects.count(), Decision.objects.count()) == (1, 1)


def test_a_code_that_nobody_could_work_on_in_time_is_not_sent(told):
    told(TUESDAY, occurred_at=(TUESDAY - timedelta(minutes=11)).isoformat())
    work_on(TUESDAY)

    assert (Decision.objects.get().outcome, Message.objects.count()) == (decided.EXPIRED, 0)


def test_a_code_that_waited_longer_than_it_lives_does_not_leave(told, automation):
    told(TUESDAY, occurred_at=(TUESDAY - timedelta(minutes=4)).isoformat())
    work_on(TUESDAY)

    run_step(automation.sender.account, TUESDAY + timedelta(minutes=6, seconds=1))

    message = Message.objects.get()
    assert (message.state, message.reason) == (Message.State.SUPPRESSED, "too_old")


def test_it_needs_no_consent_but_a_stop_to_service_messages_holds(told, automation, source):
    opt_out(workspace=source.workspace, phone="+33639981234", scope=OptOutScope.MARKETING, source="t", now=TUESDAY)
    told(TUESDAY)
    work_on(TUESDAY)
    run_step(automation.sender.account, TUESDAY)
    opt_out(workspace=source.workspace, phone="+33639981234", scope=OptOutScope.SERVICE, source="t", now=TUESDAY)
    told(TUESDAY, id="43")
    work_on(TUESDAY)
    run_step(automation.sender.account, TUESDAY)

    sent, kept_back = Message.objects.order_by("pk")
    assert sent.submitted_at == TUESDAY
    assert (kept_back.state, kept_back.reason) == (Message.State.SUPPRESSED, "opted_out")


@pytest.mark.parametrize("code", ["123", 123456, "1" * 13, "12 34!", "", None, {"a": 1}, ["1234"]])
def test_what_is_no_code_is_refused_and_not_repeated(told, code):
    answer = told(TUESDAY, code=code)

    is_refused = answer.status_code == 422 and answer.json()["problem"].startswith("code is not")
    assert is_refused or code is None


def test_a_code_among_the_fields_is_refused(told):
    answer = told(TUESDAY, code=None, fields={"code": CODE})

    assert (answer.status_code, CODE in answer.text) == (422, False)


def test_an_event_without_a_code_does_not_wake_an_automation_for_codes(told):
    told(TUESDAY, code=None)
    work_on(TUESDAY)

    assert (InboundDelivery.objects.get().outcome, Occasion.objects.count()) == (decided.NOBODY_WAITS, 0)
