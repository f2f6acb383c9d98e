import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_scopes import scope

from accounts.models import Role
from audience.models import Consent, Contact, ContactImport, ContactList
from audience.services import add_contact, record_opt_out
from tests.factories import TUESDAY, make_contact, make_list, make_member

LISTS = ["/admin/audience/contacts/", "/admin/audience/lists/", "/admin/audience/imports/"]


def errors_of(response):
    form = response.context["form"]
    return {name: [str(error) for error in errors] for name, errors in form.errors.items()}


@pytest.mark.parametrize("address", LISTS)
def test_lists_say_what_to_do_when_they_are_empty(owner_client, address):
    assert f"{address}new/" in owner_client.get(address).text


@pytest.mark.parametrize("address", LISTS)
def test_lists_use_the_same_number_of_queries_for_one_row_and_for_more(workspace, owner_client, address):
    def rows(*phones):
        for phone in phones:
            contact_list = make_list(workspace, make_contact(workspace, phone), name=phone)
            with scope(workspace=workspace):
                ContactImport.objects.create(
                    workspace=workspace, contact_list=contact_list, file_name="a.csv", file_hash=b""
                )

    rows("+33639980001")
    owner_client.get(address)
    with CaptureQueriesContext(connection) as one:
        owner_client.get(address)
    rows("+33639980002", "+33639980003", "+33639980004")
    with CaptureQueriesContext(connection) as many:
        owner_client.get(address)

    assert len(one) == len(many)


def test_contacts_are_listed_with_masked_number_lists_and_standing(workspace, owner_client):
    make_list(workspace, make_contact(workspace, "+33639980001", first_name="Ana"))
    make_contact(workspace, "+33639980002", first_name="Béa", consents=False)
    make_contact(workspace, "+33639980003", first_name="Cid")
    record_opt_out(workspace=workspace, phone="+33639980003", scope="marketing", source="STOP", now=TUESDAY)

    page = owner_client.get("/admin/audience/contacts/").text

    assert "+33639980001" not in page
    for words in ("+33 6 •• •• •• 01", "Customers", "agreed", "opted out", "no consent"):
        assert words in page


@pytest.mark.parametrize(("words", "found"), [("Ana", True), ("06 39 98 00 01", True), ("lou 0639980001", False)])
def test_contacts_are_found_by_name_or_by_full_number(workspace, owner_client, words, found):
    make_contact(workspace, "+33639980001", first_name="Ana")
    make_contact(workspace, "+33639980002", first_name="Béa")

    page = owner_client.get("/admin/audience/contacts/results/", {"q": words}).text

    assert ("•• 01" in page, "•• 02" in page) == (found, False)


def test_a_contact_is_added_with_lists_and_without_consent(workspace, owner_client):
    contact_list = make_list(workspace)

    owner_client.post(
        "/admin/audience/contacts/new/",
        {"number": "06 39 98 00 01", "first_name": "Zoé", "lists": [contact_list.pk]},
    )

    with scope(workspace=workspace):
        contact = Contact.objects.get()
        assert (contact.phone, contact.first_name, list(contact.lists.all())) == ("+33639980001", "Zoé", [contact_list])
        assert Consent.objects.count() == 0


def test_what_has_nothing_to_choose_from_is_not_asked(workspace, owner_client):
    make_list(workspace)

    fields = owner_client.get("/admin/audience/contacts/new/").context["form"].fields

    assert ("lists" in fields, "tags" in fields) == (True, False)


@pytest.mark.parametrize("number", ["", "0142685300", "06 39 98 00 01", "6.4E+08"])
def test_a_landline_a_known_number_and_a_spoiled_one_are_refused(workspace, owner_client, number):
    make_contact(workspace, "+33639980001")

    response = owner_client.post("/admin/audience/contacts/new/", {"number": number})

    assert list(errors_of(response)) == ["number"]


def test_editing_a_contact_changes_facts_and_lists_but_never_the_number(workspace, owner_client):
    contact = make_contact(workspace, "+33639980001")
    make_list(workspace, contact, name="Old")
    new = make_list(workspace, name="New")

    response = owner_client.post(
        f"/admin/audience/contacts/edit/{contact.pk}/",
        {"number": "0639980002", "first_name": "Léa", "language": "fr", "lists": [new.pk]},
    )

    assert response.status_code == 302
    with scope(workspace=workspace):
        contact.refresh_from_db()
        assert (contact.phone, contact.first_name, list(contact.lists.all())) == ("+33639980001", "Léa", [new])
    assert "test form" in owner_client.get(f"/admin/audience/contacts/inspect/{contact.pk}/").text


def test_a_list_of_another_workspace_is_not_found(workspace, other_workspace, owner_client):
    theirs = make_list(other_workspace, name="Theirs")

    assert owner_client.get(f"/admin/audience/lists/edit/{theirs.pk}/").status_code == 404


def test_an_analyst_looks_and_changes_nothing(workspace):
    analyst = Client()
    analyst.force_login(make_member(workspace, Role.ANALYST))
    contact = add_contact(workspace=workspace, phone="0639980001", source="till")

    assert analyst.get("/admin/audience/contacts/").status_code == 200
    assert analyst.get("/admin/audience/imports/new/").status_code in {302, 403}
    assert analyst.post(f"/admin/audience/contacts/delete/{contact.pk}/").status_code in {302, 403}
    with scope(workspace=workspace):
        assert (Contact.objects.count(), ContactList.objects.count()) == (1, 0)
