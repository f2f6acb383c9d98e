"""A program tells an event; automations of that name answer it."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone
from django_scopes import scope

from accounts.models import Role
from audience.models import Contact
from audience.services.erasure import erase_contact
from audience.services.merging import merge_contacts
from campaigns import decided
from campaigns.models import Automation, Decision, Occasion
from campaigns.services import resolve_due
from integrations.models import EventSource, InboundDelivery, SourcePerson
from integrations.services import inbox
from integrations.services.sources import make_source
from messaging.models import Message
from tests.factories import make_account, make_automation, make_contact, make_member, make_sender
from tests.integrations.test_calls import CALL, tell


@pytest.fixture
def source(in_workspace):
    return make_source(workspace=in_workspace, name="Agenda")


def make_answer(workspace, **fields):
    defaults = {
        "trigger": "signed_call",
        "event_name": "appointment_booked",
        "event_fields": ["service", "place"],
        "text": "Votre {service|rendez-vous} est noté, {place|chez nous}.",
        "page": None,
    }
    if "sender" not in fields:
        defaults["sender"] = make_sender(make_account(workspace))
    return make_automation(workspace, **(defaults | fields))


def work_off():
    inbox.sweep(now=timezone.now())
    return list(InboundDelivery.objects.order_by("pk").values_list("state", "outcome"))


def test_an_event_becomes_one_message_with_its_fields(client, source):
    make_answer(source.workspace)

    tell(client, source, CALL)
    outcomes = work_off()

    message = Message.objects.get()
    assert outcomes in ([("done", decided.SENT)], [("done", decided.DEFERRED)])
    assert (message.merge_values, message.contact.phone) == ({"service": "coupe"}, "+33639981234")
    assert InboundDelivery.objects.get().body == b""


def test_a_repeat_sends_nothing_twice_even_after_the_inbox_was_purged(client, source):
    make_answer(source.workspace)
    tell(client, source, CALL)
    work_off()
    InboundDelivery.objects.all().delete()

    tell(client, source, CALL)
    work_off()

    assert (Message.objects.count(), Decision.objects.count()) == (1, 1)


def test_an_event_that_nobody_waits_for_is_said_and_makes_no_contact(client, source):
    make_answer(source.workspace, event_name="other")

    tell(client, source, CALL)

    assert (work_off(), Contact.objects.count()) == ([("done", decided.NOBODY_WAITS)], 0)


def test_somebody_is_known_by_the_sources_own_id_once_the_phone_was_given(client, source):
    make_answer(source.workspace)
    stranger = {**CALL, "phone": None, "external_id": "c-7"}

    tell(client, source, stranger)
    unknown = work_off()
    tell(client, source, {**CALL, "id": "43", "external_id": "c-7"})
    tell(client, source, {**stranger, "id": "44"})
    work_off()

    assert unknown == [("dead", decided.STRANGER)]
    assert (Contact.objects.count(), Message.objects.count()) == (1, 2)


def test_what_happened_yesterday_is_too_old(client, source):
    make_answer(source.workspace)
    long_ago = (timezone.now() - timedelta(hours=25)).isoformat()

    tell(client, source, {**CALL, "occurred_at": long_ago})

    assert work_off() == [("done", decided.TOO_OLD)]


def test_a_delay_is_waited_for(client, source):
    make_answer(source.workspace, delay_minutes=60)

    tell(client, source, CALL)
    before = work_off(), Message.objects.count()
    resolve_due(now=timezone.now() + timedelta(minutes=61))

    assert (before, Message.objects.count()) == (([("done", decided.WAITS)], 0), 1)


def test_two_sources_with_the_same_ids_are_two(client, source):
    make_answer(source.workspace)
    other = make_source(workspace=source.workspace, name="Other")

    for each in (source, other):
        tell(client, each, CALL)
    work_off()

    assert Message.objects.count() == 2


def test_a_source_of_one_workspace_wakes_no_automation_of_another(client, source, other_workspace):
    with scope(workspace=other_workspace):
        make_answer(other_workspace)

    tell(client, source, CALL)

    assert work_off() == [("done", decided.NOBODY_WAITS)]


def test_who_is_forgotten_leaves_neither_words_nor_ids(client, source):
    make_answer(source.workspace)
    tell(client, source, {**CALL, "external_id": "c-7"})
    work_off()

    erase_contact(contact=Contact.objects.get(), by=None, now=timezone.now())

    occasion = Occasion.objects.get()
    assert (occasion.values, occasion.name, SourcePerson.objects.count()) == ({}, "", 0)


def test_two_who_are_one_keep_the_sources_id(client, source):
    make_answer(source.workspace)
    tell(client, source, {**CALL, "external_id": "c-7"})
    work_off()
    kept = make_contact(source.workspace, "+33639981299")

    merge_contacts(kept=kept, gone=Contact.objects.exclude(pk=kept.pk).get(), by=None, now=timezone.now())

    assert (SourcePerson.objects.get().contact, Occasion.objects.get().contact) == (kept, kept)


def test_the_form_keeps_event_and_fields_and_asks_for_words_without_them(workspace, owner_client):
    with scope(workspace=workspace):
        sender = make_sender(make_account(workspace))
    typed = {
        "name": "RDV", "trigger": "signed_call", "sender": sender.pk, "cap_days": 7, "event_name": "booked",
        "event_fields": "service, place", "text": "{service|Votre rendez-vous} est noté",
    }  # fmt: skip

    answer = owner_client.post("/admin/automations/new/", typed)
    refusals = [
        owner_client.post("/admin/automations/new/", typed | wrong).text
        for wrong in (
            {"event_name": ""},
            {"event_name": "two words"},
            {"text": "{service} noté"},
            {"text": "{other|x}"},
        )
    ]

    with scope(workspace=workspace):
        made = Automation.objects.get()
    assert (answer.status_code, made.event_name, made.event_fields) == (302, "booked", ["service", "place"])
    for refusal, words in zip(
        refusals, ["Say which event", "event_name", "needs words", "There is no field"], strict=True
    ):
        assert words in refusal


def test_the_page_shows_address_example_and_what_came_of_calls(client, workspace, owner_client):
    owner_client.post("/admin/integrations/sources/new/", {"name": "Agenda"})
    with scope(workspace=workspace):
        source = EventSource.objects.get()
        tell(client, source, CALL)
        work_off()

    page = owner_client.get(f"/admin/integrations/sources/inspect/{source.pk}/").text

    assert str(source.public_id) in page
    assert source.credentials["secret"] not in page
    assert "not used: no automation answers this event" in page
    assert "appointment_booked" in page


def test_the_secret_is_shown_once_to_an_owner_and_to_nobody_else(workspace, owner_client, client):
    with scope(workspace=workspace):
        source = make_source(workspace=workspace, name="Agenda")
    address = f"/admin/integrations/sources/secret/{source.pk}/"
    make_member(workspace, Role.MARKETER, "marketer@example.com")

    looked = owner_client.get(address).status_code
    shown = [source.credentials["secret"] in owner_client.post(address, follow=True).text for _ in range(2)]
    renewed = owner_client.post(address, {"new": "1"}).text
    source.refresh_from_db()

    assert (looked, shown) == (405, [True, False])
    assert source.credentials["secret"] in renewed
    assert json.dumps(source.credentials["previous_secret"]) not in renewed
