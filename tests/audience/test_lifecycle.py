"""New, active, dormant; what counts as activity; who is forgotten, and which facts are not kept."""

from datetime import UTC, datetime, timedelta

import pytest
from django_scopes import scope
from hypothesis import given
from hypothesis import strategies as st

from audience.lifecycle import Lifecycle, state_of
from audience.models import Attribute, AudienceSettings, AuditEntry, Contact
from audience.queries import in_lifecycle, settings_of
from audience.segments.reading import contacts_matching, parse_for
from audience.services import note_activity
from audience.services.minimisation import forget_attributes, forget_unkept, save_settings
from audience.services.retention import apply_retention, months_before, switch_retention
from audience.tasks import forget_dropped_attribute, retain
from landing.services import record_conversion
from messaging.models import InboundMessage
from messaging.queries import clickers
from messaging.services.batches import add_recipients
from messaging.signals import reply_received
from shortlinks.signals import link_clicked
from tests.factories import (
    TUESDAY,
    make_account,
    make_batch,
    make_click,
    make_contact,
    make_link,
    make_list,
    make_sender,
)

DAY = timedelta(days=1)
LONG_AGO = TUESDAY - 1200 * DAY


def age(contact, created_at, last_active_at=None):
    with scope(workspace=contact.workspace):
        Contact.objects.filter(pk=contact.pk).update(created_at=created_at, last_active_at=last_active_at)


def last_active(contact):
    with scope(workspace=contact.workspace):
        return Contact.objects.get(pk=contact.pk).last_active_at


# Lifecycle ------------------------------------------------------------------------------------------


@given(
    created=st.integers(0, 400),
    active=st.none() | st.integers(0, 400),
    days=st.tuples(st.integers(1, 90), st.integers(1, 365)),
)
def test_every_contact_is_in_one_state_and_the_query_agrees_with_the_page(created, active, days):
    settings = AudienceSettings(new_days=days[0], active_days=days[1])
    contact = Contact(
        created_at=TUESDAY - created * DAY, last_active_at=None if active is None else TUESDAY - active * DAY
    )

    state = state_of(contact, settings, TUESDAY)

    is_new = created < days[0]
    is_active = active is not None and active < days[1]
    assert state == (Lifecycle.NEW if is_new else Lifecycle.ACTIVE if is_active else Lifecycle.DORMANT)


def test_states_share_out_all_contacts_at_the_very_border_too(workspace):
    ages = [(30, None), (31, 179), (31, 180), (31, None), (29, 1), (500, 500)]
    for number, (created, active) in enumerate(ages):
        contact = make_contact(workspace, f"+3363998001{number}", consents=False)
        age(contact, TUESDAY - created * DAY, TUESDAY - active * DAY if active is not None else None)

    with scope(workspace=workspace):
        everybody = Contact.objects.order_by("pk")
        by_query = {
            state.value: [contact.pk for contact in in_lifecycle(everybody, state, TUESDAY)] for state in Lifecycle
        }
        by_page = {state.value: [] for state in Lifecycle}
        for contact in everybody:
            by_page[state_of(contact, settings_of(workspace), TUESDAY)].append(contact.pk)

    assert by_query == by_page
    assert sum(map(len, by_query.values())) == len(ages)


@pytest.mark.parametrize(("match", "found"), [("all", {"+33639980013"}), ("none", {"+33639980012", "+33639980014"})])
def test_segments_ask_for_a_state_and_for_anything_else(workspace, match, found):
    ages = {"+33639980012": None, "+33639980013": 3, "+33639980014": 300}
    for phone, active in ages.items():
        contact = make_contact(workspace, phone, consents=False)
        age(contact, TUESDAY - 400 * DAY, None if active is None else TUESDAY - active * DAY)
    written = {"match": match, "rules": [{"about": "lifecycle", "is": "equals", "value": "active"}]}

    with scope(workspace=workspace):
        rules = parse_for(workspace, written)
        contacts = list(contacts_matching(rules, workspace=workspace, now=TUESDAY))

    assert {contact.phone for contact in contacts} == found


def test_each_workspace_has_days_of_its_own(workspace, other_workspace):
    for here in (workspace, other_workspace):
        age(make_contact(here, consents=False), TUESDAY - 10 * DAY)
    with scope(workspace=other_workspace):
        save_settings(workspace=other_workspace, new_days=5)

    states = []
    for here in (workspace, other_workspace):
        with scope(workspace=here):
            states.append(in_lifecycle(Contact.objects.all(), "new", TUESDAY).count())

    assert states == [1, 0]


# Activity -------------------------------------------------------------------------------------------


def test_activity_never_goes_backwards_and_may_be_told_twice(workspace):
    contact = make_contact(workspace, consents=False)

    with scope(workspace=workspace):
        told = [note_activity(moments={contact.pk: TUESDAY + hours * timedelta(hours=1)}) for hours in (5, 5, 2, 5, 7)]

    assert told == [1, 0, 0, 0, 1]
    assert last_active(contact) == TUESDAY + timedelta(hours=7)


@pytest.fixture
def opened(workspace):
    """Two recipients; the first one tapped, a bot looked at the second one's link."""
    people = [make_contact(workspace, f"+3363998002{number}", consents=False) for number in range(2)]
    link = make_link(workspace)
    with scope(workspace=workspace):
        batch = make_batch(make_sender(make_account(workspace)), "Bonjour {link}", links={"link": link})
        contacts = make_list(workspace, *people).contacts.order_by("pk")
        add_recipients(batch=batch, contacts=contacts, due_at=TUESDAY, now=TUESDAY)
    clicks = [make_click(link, 0), make_click(link, 1, verdict="bot"), make_click(link, None)]
    return people, clicks


def test_a_human_click_is_activity_and_a_bots_is_not(workspace, opened):
    people, clicks = opened

    with scope(workspace=workspace):
        link_clicked.send(sender=None, clicks=clicks)

    assert [last_active(contact) for contact in people] == [TUESDAY, None]


def test_clicks_of_many_are_told_apart_in_one_question_a_batch(workspace, opened, django_assert_num_queries):
    """Which batches these are is one more; of links that no batch uses nothing is asked."""
    people, clicks = opened
    elsewhere = [make_click(make_link(workspace), position) for position in range(3)]

    with scope(workspace=workspace), django_assert_num_queries(2):
        found = clickers(clicks * 3 + elsewhere)

    assert found == {people[0].pk: TUESDAY}


def test_a_reply_and_a_form_are_activity(workspace):
    writer, visitor = (make_contact(workspace, f"+3363998003{number}", consents=False) for number in range(2))
    with scope(workspace=workspace):
        reply = InboundMessage(contact=writer, text="Bonjour", received_at=TUESDAY)
        reply_received.send(sender=None, message=reply)
        reply_received.send(sender=None, message=InboundMessage(text="Merci", received_at=TUESDAY))
        record_conversion(workspace=workspace, goal="form", dedup_key="f", now=TUESDAY, contact=visitor)

    assert (last_active(writer), last_active(visitor)) == (TUESDAY, TUESDAY)


# Retention ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "months", "before"),
    [
        (datetime(2026, 11, 24, 9, tzinfo=UTC), 36, datetime(2023, 11, 24, 9, tzinfo=UTC)),
        (datetime(2026, 1, 15, tzinfo=UTC), 1, datetime(2025, 12, 15, tzinfo=UTC)),
        (datetime(2024, 2, 29, tzinfo=UTC), 12, datetime(2023, 3, 1, tzinfo=UTC)),
    ],
)
def test_months_are_counted_on_the_calendar(now, months, before):
    assert months_before(now, months) == before


@pytest.fixture
def silent_and_heard(workspace):
    silent = make_contact(workspace, "+33639980041", consents=False)
    heard = make_contact(workspace, "+33639980042", consents=False)
    newcomer = make_contact(workspace, "+33639980043", consents=False)
    age(silent, LONG_AGO, LONG_AGO + DAY)
    age(heard, LONG_AGO, TUESDAY - 10 * DAY)
    age(newcomer, TUESDAY - DAY)
    return silent, heard, newcomer


def left(workspace):
    with scope(workspace=workspace):
        return set(Contact.objects.values_list("pk", flat=True))


def test_nobody_is_forgotten_before_an_owner_has_switched_it_on(workspace, silent_and_heard):
    forgotten = apply_retention(workspace=workspace, now=TUESDAY)

    assert (forgotten, len(left(workspace))) == (0, 3)


def test_who_has_been_silent_for_36_months_is_forgotten_and_counted(workspace, other_workspace, silent_and_heard):
    _silent, heard, newcomer = silent_and_heard
    age(make_contact(other_workspace, consents=False), LONG_AGO)
    with scope(workspace=workspace):
        switch_retention(workspace=workspace, is_on=True, by=None, now=TUESDAY)

    retain()

    assert left(workspace) == {heard.pk, newcomer.pk}
    assert len(left(other_workspace)) == 1
    with scope(workspace=workspace):
        entries = list(AuditEntry.objects.order_by("pk").values_list("action", "count", "contact_number"))
    assert entries == [("retention", 0, None), ("retention", 1, None)]


def test_the_list_is_seen_before_anything_happens(workspace, owner_client, silent_and_heard):
    address = "/admin/audience/retention/"
    silent, _heard, _newcomer = silent_and_heard

    before = owner_client.get(address)
    owner_client.post(address, {"is_on": "1"})
    after = owner_client.get(address)

    assert [contact.pk for contact in before.context["contacts"]] == [silent.pk]
    assert [page.context["settings"].retention_is_on for page in (before, after)] == [False, True]
    assert len(left(workspace)) == 3


# Minimisation ---------------------------------------------------------------------------------------


def test_a_field_that_is_switched_off_is_emptied_for_everybody_here(workspace, other_workspace):
    for here in (workspace, other_workspace):
        make_contact(here, consents=False, birth_date="1990-12-31", city="Nantes", language="en")
    with scope(workspace=workspace):
        save_settings(workspace=workspace, kept_fields=["first_name", "city"])

    emptied = forget_unkept(workspace=workspace)

    rows = []
    for here in (workspace, other_workspace):
        with scope(workspace=here):
            contact = Contact.objects.get()
            rows.append((contact.first_name, contact.birth_date is None, contact.city, contact.language))
    assert rows == [("Camille", True, "Nantes", "fr"), ("Camille", False, "Nantes", "en")]
    assert emptied == 2


def test_the_values_of_a_deleted_attribute_go_from_every_contact(workspace, owner_client):
    with scope(workspace=workspace):
        kept = Attribute.objects.create(workspace=workspace, label="Kept", slug="kept")
        make_contact(workspace, consents=False, attributes={"kept": "a", "gone": "b"})

        assert forget_attributes(workspace=workspace, slugs=["kept", "gone"]) == 1
        assert Contact.objects.get().attributes == {"kept": "a"}

    owner_client.post(f"/admin/audience/attributes/delete/{kept.pk}/")
    forget_dropped_attribute(workspace.pk, "kept")

    with scope(workspace=workspace):
        assert (Attribute.objects.count(), Contact.objects.get().attributes) == (0, {})
