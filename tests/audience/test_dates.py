"""Dates of contacts, where reminders find them: whoever writes attributes keeps them."""

import pytest
from django_scopes import scope

from audience.models import Attribute, Contact, ContactDate
from audience.services import add_contact
from audience.services.contacts import save_contact
from audience.services.dates import keep_dates
from audience.services.erasure import erase_contact
from audience.services.merging import merge_contacts
from tests.audience.bringing import bring
from tests.factories import TUESDAY, make_contact

Kind = Attribute.Kind
VISIT, RENEWAL = "2026-12-01T14:30", "2027-01-31"


@pytest.fixture
def dated(in_workspace):
    for label, slug, kind in (
        ("RDV", "rdv", Kind.DATE_TIME),
        ("Renewal", "renewal", Kind.DATE),
        ("Size", "size", Kind.TEXT),
    ):
        Attribute.objects.create(workspace=in_workspace, label=label, slug=slug, kind=kind)
    return in_workspace


def kept():
    rows = ContactDate.objects.order_by("contact", "attribute__slug").values_list("contact", "attribute__slug", "value")
    return list(rows)


def test_a_contact_brings_its_dates_and_nothing_else(dated):
    contact = add_contact(
        workspace=dated,
        phone="0639981234",
        source="test",
        attributes={"rdv": VISIT, "renewal": RENEWAL, "size": "2026-12-01"},
    )

    assert kept() == [(contact.pk, "rdv", VISIT), (contact.pk, "renewal", RENEWAL)]


def test_a_date_that_moves_is_news_and_one_that_is_taken_away_is_an_empty_one(dated):
    contact = add_contact(
        workspace=dated, phone="0639981234", source="test", attributes={"rdv": VISIT, "renewal": RENEWAL}
    )
    ContactDate.objects.update(news_at=None)

    contact.attributes = {"rdv": "2026-12-02T09:00"}
    save_contact(contact=contact)

    assert kept() == [(contact.pk, "rdv", "2026-12-02T09:00"), (contact.pk, "renewal", "")]
    assert not ContactDate.objects.filter(news_at=None).exists()


def test_what_did_not_change_is_no_news(dated):
    contact = add_contact(workspace=dated, phone="0639981234", source="test", attributes={"rdv": VISIT})
    ContactDate.objects.update(news_at=None)

    save_contact(contact=contact)

    assert list(ContactDate.objects.values_list("value", "news_at")) == [(VISIT, None)]


def test_a_value_of_another_shape_is_not_looked_for(dated):
    contact = make_contact(dated)
    Contact.objects.filter(pk=contact.pk).update(attributes={"rdv": "soon", "renewal": 12})

    keep_dates(workspace=dated, contacts=[contact.pk])

    assert kept() == []


def test_an_import_brings_dates_of_new_and_known_people(dated):
    known = make_contact(dated, "+33639981235")
    lines = "Mobile;RDV\n06 39 98 12 34;01/12/2026 14h30\n06 39 98 12 35;2026-12-02T09:00\n06 39 98 12 36;\n"

    bring(dated, lines, columns=["phone", "attribute:rdv"])

    new = Contact.objects.get(phone_hint__endswith="34")
    assert sorted(kept()) == sorted([(new.pk, "rdv", VISIT), (known.pk, "rdv", "2026-12-02T09:00")])


def test_two_who_are_one_have_one_date(dated):
    one = add_contact(workspace=dated, phone="0639981234", source="test", attributes={"renewal": RENEWAL})
    other = add_contact(
        workspace=dated, phone="0639981235", source="test", attributes={"rdv": VISIT, "renewal": "2028-01-01"}
    )

    merge_contacts(kept=one, gone=other, by=None, now=TUESDAY)

    assert kept() == [(one.pk, "rdv", VISIT), (one.pk, "renewal", RENEWAL)]


def test_who_is_forgotten_has_no_date(dated):
    contact = add_contact(workspace=dated, phone="0639981234", source="test", attributes={"rdv": VISIT})

    erase_contact(contact=contact, by=None, now=TUESDAY)

    assert kept() == []


def test_another_workspaces_attribute_of_the_same_name_is_not_this_one(dated, other_workspace):
    with scope(workspace=other_workspace):
        add_contact(workspace=other_workspace, phone="0639981234", source="test", attributes={"rdv": VISIT})

    assert kept() == []
