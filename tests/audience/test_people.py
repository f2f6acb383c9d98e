"""The screens of contacts: list, page, form, many at once, and as a file."""

import csv
import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_scopes import scope
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Role
from audience.cells import RUN_AS_FORMULA, harmless
from audience.models import Attribute, AudienceSettings, AuditEntry, Contact, ContactList, Tag, Tagging
from audience.services import record_opt_out
from tests.factories import TUESDAY, make_contact, make_list, make_member

PHONE = "+33639980001"


def at(path):
    return f"/admin/audience/contacts/{path}"


@pytest.fixture
def zoe(workspace):
    return make_contact(workspace, PHONE, first_name="Zoé", last_name="Lambert", city="Nantes")


@pytest.fixture
def analyst_client(workspace):
    client = Client()
    client.force_login(make_member(workspace, Role.ANALYST))
    return client


@pytest.fixture
def marketer_client(workspace):
    client = Client()
    client.force_login(make_member(workspace, Role.MARKETER))
    return client


def log(workspace):
    with scope(workspace=workspace):
        return list(AuditEntry.objects.order_by("pk").values_list("action", "count", "reason"))


# The list -------------------------------------------------------------------------------------------


def found(client, **query):
    page = client.get(at("results/"), query).text
    return {name for name in ("Agnès", "Oscar", "Simon", "Nora") if name in page}


def test_the_list_is_narrowed_by_list_tag_standing_and_activity(workspace, owner_client):
    now = timezone.now()
    agnes = make_contact(workspace, "+33639980011", first_name="Agnès")
    make_contact(workspace, "+33639980012", first_name="Oscar")
    make_contact(workspace, "+33639980013", first_name="Simon", consents=False)
    nora = make_contact(workspace, "+33639980014", first_name="Nora", consents=False)
    record_opt_out(workspace=workspace, phone="+33639980012", scope="marketing", source="STOP", now=TUESDAY)
    readers = make_list(workspace, agnes, name="Readers")
    with scope(workspace=workspace):
        tag = Tag.objects.create(workspace=workspace, name="VIP")
        Tagging.objects.create(workspace=workspace, tag=tag, contact=nora)
        Contact.objects.exclude(pk=nora.pk).update(created_at=now - timedelta(days=400))
        Contact.objects.filter(pk=agnes.pk).update(last_active_at=now - timedelta(days=3))

    assert found(owner_client) == {"Agnès", "Oscar", "Simon", "Nora"}
    assert found(owner_client, lists=readers.pk) == {"Agnès"}
    assert found(owner_client, tags=tag.pk) == {"Nora"}
    assert found(owner_client, standing="agreed") == {"Agnès"}
    assert found(owner_client, standing="opted_out") == {"Oscar"}
    assert found(owner_client, standing="silent") == {"Simon", "Nora"}
    assert found(owner_client, lifecycle="new") == {"Nora"}
    assert found(owner_client, lifecycle="active") == {"Agnès"}
    assert found(owner_client, lifecycle="dormant") == {"Oscar", "Simon"}


def test_lists_and_tags_of_another_workspace_are_no_filters(workspace, other_workspace, owner_client):
    make_list(other_workspace, make_contact(other_workspace), name="Their list")
    with scope(workspace=other_workspace):
        Tag.objects.create(workspace=other_workspace, name="Their tag")

    page = owner_client.get(at("")).text

    assert "Their" not in page


# The page of one ------------------------------------------------------------------------------------


def test_the_page_says_who_may_be_written_to_and_why(workspace, owner_client, zoe):
    asked = owner_client.get(at(f"inspect/{zoe.pk}/")).context["standing"]
    record_opt_out(workspace=workspace, phone=PHONE, scope="marketing", source="STOP by SMS", now=TUESDAY)
    refused = owner_client.get(at(f"inspect/{zoe.pk}/")).context["standing"]

    assert (asked.may, "test form" in asked.why) == (True, True)
    assert (refused.may, "STOP by SMS" in refused.why) == (False, True)


def test_nobody_reads_a_whole_number_on_the_page(owner_client, analyst_client, zoe):
    for client in (owner_client, analyst_client):
        page = client.get(at(f"inspect/{zoe.pk}/")).text
        assert "+33 6 •• •• •• 01" in page
        assert PHONE not in page
        assert PHONE[3:] not in page


def test_the_page_takes_as_many_queries_for_a_long_life_as_for_a_short_one(workspace, owner_client, zoe):
    owner_client.get(at(f"inspect/{zoe.pk}/"))
    with CaptureQueriesContext(connection) as short:
        owner_client.get(at(f"inspect/{zoe.pk}/"))
    with scope(workspace=workspace):
        for day in range(4):
            zoe.consents.create(
                workspace=workspace, number_hash=b"x", purpose="tracking", act="granted", source=f"form {day}",
                occurred_at=TUESDAY, recorded_at=TUESDAY,
            )  # fmt: skip
    with CaptureQueriesContext(connection) as long:
        page = owner_client.get(at(f"inspect/{zoe.pk}/")).text

    assert "form 3" in page
    assert len(long) == len(short)


# The form -------------------------------------------------------------------------------------------


@pytest.fixture
def attributes(workspace):
    with scope(workspace=workspace):
        kinds = [("Size", "number"), ("Member", "yes_no"), ("Since", "date"), ("Colour", "choice"), ("Note", "text")]
        for label, kind in kinds:
            Attribute.objects.create(
                workspace=workspace, label=label, slug=label.lower(), kind=kind, choices=["Red", "Blue"]
            )


def test_typed_attributes_and_tags_are_edited(workspace, owner_client, zoe, attributes):
    with scope(workspace=workspace):
        tag = Tag.objects.create(workspace=workspace, name="VIP")
        Contact.objects.filter(pk=zoe.pk).update(attributes={"note": "old", "other": 1})

    response = owner_client.post(
        at(f"edit/{zoe.pk}/"),
        {
            "first_name": "Zoé",
            "birth_date": "1990-12-31",
            "country": "fr",
            "attribute_size": "38,5",
            "attribute_member": "yes",
            "attribute_since": "2020-05-01",
            "attribute_colour": "Red",
            "attribute_note": "",
            "tags": [tag.pk],
        },
    )

    assert response.status_code == 302
    with scope(workspace=workspace):
        contact = Contact.objects.get()
        assert contact.attributes == {"size": 38.5, "member": True, "since": "2020-05-01", "colour": "Red", "other": 1}
        assert (str(contact.birth_date), contact.country, list(contact.tags.all())) == ("1990-12-31", "FR", [tag])


def test_a_value_of_the_wrong_kind_is_refused_at_its_field(owner_client, zoe, attributes):
    response = owner_client.post(at(f"edit/{zoe.pk}/"), {"attribute_size": "big", "country": "France"})

    assert set(response.context["form"].errors) >= {"attribute_size", "country"}


def test_a_field_that_is_not_kept_is_neither_shown_nor_taken(workspace, owner_client, zoe):
    with scope(workspace=workspace):
        AudienceSettings.objects.create(workspace=workspace, kept_fields=["first_name"])

    page = owner_client.get(at(f"edit/{zoe.pk}/")).text
    owner_client.post(at(f"edit/{zoe.pk}/"), {"first_name": "Zoé", "birth_date": "1990-12-31"})

    assert 'name="birth_date"' not in page
    with scope(workspace=workspace):
        assert Contact.objects.get().birth_date is None


def test_a_postcode_overseas_moves_the_clock_and_back(workspace, owner_client, zoe):
    zones = []
    for postcode in ("97400", "44000"):
        owner_client.post(at(f"edit/{zoe.pk}/"), {"postcode": postcode})
        zoe.refresh_from_db()
        zones.append((zoe.territory, zoe.time_zone))

    assert zones == [("FR", "Indian/Reunion"), ("FR", "Europe/Paris")]


def test_a_new_number_takes_every_no_along(workspace, owner_client, zoe):
    record_opt_out(workspace=workspace, phone=PHONE, scope="marketing", source="STOP", now=TUESDAY)

    owner_client.post(at(f"edit/{zoe.pk}/"), {"new_number": "0692 12 34 56"})

    with scope(workspace=workspace):
        contact = Contact.objects.get()
        assert (contact.phone, contact.territory, contact.time_zone) == ("+262692123456", "RE", "Indian/Reunion")
        assert sorted(contact.opt_outs.values_list("source", flat=True)) == ["STOP", "new number"]


def test_a_new_number_that_somebody_has_is_refused(workspace, owner_client, zoe):
    make_contact(workspace, "+33639980002")

    response = owner_client.post(at(f"edit/{zoe.pk}/"), {"new_number": "0639980002"})

    assert list(response.context["form"].errors) == ["new_number"]


# Many at once ---------------------------------------------------------------------------------------


def test_ticked_contacts_join_a_list_after_a_second_question(workspace, other_workspace, marketer_client, zoe):
    readers = make_list(workspace, name="Readers")
    stranger = make_contact(other_workspace)
    act = {"act": f"list:{readers.pk}", "contact": [zoe.pk, stranger.pk]}

    question = marketer_client.post(at("many/"), act).text
    with scope(workspace=workspace):
        before = readers.contacts.count()
    marketer_client.post(at("many/"), {**act, "confirm": "1"})

    assert "Readers" in question
    with scope(workspace=workspace):
        assert (before, list(readers.contacts.all())) == (0, [zoe])


def test_all_that_a_search_finds_is_tagged_and_untagged(workspace, owner_client, zoe):
    make_contact(workspace, "+33639980002", first_name="Léo", city="Nantes")
    make_contact(workspace, "+33639980003", first_name="Max", city="Lyon")
    with scope(workspace=workspace):
        tag = Tag.objects.create(workspace=workspace, name="VIP")
    act = {"all": "1", "query": "q=nantes", "confirm": "1"}

    owner_client.post(at("many/"), {**act, "act": f"tag:{tag.pk}"})
    with scope(workspace=workspace):
        tagged = sorted(tag.contacts.values_list("first_name", flat=True))
    owner_client.post(at("many/"), {**act, "act": f"untag:{tag.pk}"})

    with scope(workspace=workspace):
        assert (tagged, tag.contacts.count()) == (["Léo", "Zoé"], 0)


def test_many_contacts_never_join_a_list_of_another_workspace(other_workspace, owner_client, zoe):
    theirs = make_list(other_workspace, name="Theirs")

    response = owner_client.post(at("many/"), {"act": f"list:{theirs.pk}", "contact": [zoe.pk], "confirm": "1"})

    assert response.status_code == 404
    with scope(workspace=other_workspace):
        assert ContactList.objects.get().contacts.count() == 0


@pytest.mark.parametrize("act", ["", "drop:1", "list:x"])
def test_an_act_that_does_not_exist_does_nothing(owner_client, zoe, act):
    assert owner_client.post(at("many/"), {"act": act, "contact": [zoe.pk]}).status_code == 302


def test_an_analyst_changes_and_unmasks_nothing(analyst_client, zoe):
    for path in ("many/", f"number/{zoe.pk}/", f"merge/{zoe.pk}/", f"export/{zoe.pk}/", f"delete/{zoe.pk}/", "csv/"):
        assert analyst_client.post(at(path), {"reason": "because", "confirm": "1"}).status_code in {302, 403}


# Files ----------------------------------------------------------------------------------------------


def take_csv(client, query=""):
    response = client.post(at("csv/"), {"query": query, "reason": "print shop"})
    return list(csv.reader(io.StringIO(response.getvalue().decode("utf-8-sig")), delimiter=";"))


def test_an_owner_takes_the_list_as_a_file_that_no_spreadsheet_runs(workspace, other_workspace, owner_client, zoe):
    make_contact(other_workspace, "+33639980009", first_name="Stranger")
    make_contact(workspace, "+33639980002", first_name="=cmd|'/c calc'!A1", city="@SUM(1)")

    header, *rows = take_csv(owner_client)

    assert header[:3] == ["mobile", "first_name", "last_name"]
    assert [row[:2] for row in rows] == [["'+33639980001", "Zoé"], ["'+33639980002", "'=cmd|'/c calc'!A1"]]
    assert not [cell for row in rows for cell in row if cell[:1] in RUN_AS_FORMULA]
    assert log(workspace) == [("list_exported", 2, "print shop")]


def test_the_file_holds_what_the_search_shows(workspace, owner_client, zoe):
    make_contact(workspace, "+33639980002", first_name="Léo", city="Lyon")

    rows = take_csv(owner_client, "q=lyon")

    assert [row[1] for row in rows[1:]] == ["Léo"]


def test_a_file_needs_a_reason(workspace, owner_client, zoe):
    response = owner_client.post(at("csv/"), {"query": "", "reason": ""})

    assert list(response.context["form"].errors) == ["reason"]
    assert log(workspace) == []


def test_a_marketer_takes_no_file(marketer_client, zoe):
    assert marketer_client.post(at("csv/"), {"query": "", "reason": "x"}).status_code in {302, 403}


@given(st.text())
def test_no_cell_begins_like_a_formula(text):
    assert harmless(text)[:1] not in RUN_AS_FORMULA
    assert harmless(text).removeprefix("'") == text.removeprefix("'")
