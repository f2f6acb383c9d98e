"""What one person may ask for, who may do it, and what the audit log keeps of it; and how contacts are set up."""

import json

import pytest
from django.test import Client
from django_scopes import scope

from accounts.models import Role
from audience.models import Attribute, AuditEntry, Contact, Topic
from audience.services import record_opt_out
from audience.services.blocks import block_number
from audience.services.exports import export_person
from audience.services.preferences import choose_frequency, choose_topics
from tests.factories import TUESDAY, make_contact, make_member

PHONE = "+33639980001"


def at(path):
    return f"/admin/audience/contacts/{path}"


@pytest.fixture
def zoe(workspace):
    return make_contact(workspace, PHONE, first_name="Zoé", last_name="Lambert", city="Nantes")


@pytest.fixture
def marketer_client(workspace):
    client = Client()
    client.force_login(make_member(workspace, Role.MARKETER))
    return client


def log(workspace):
    with scope(workspace=workspace):
        return list(AuditEntry.objects.order_by("pk").values_list("action", "count", "reason"))


# Rights ---------------------------------------------------------------------------------------------


def test_a_number_is_shown_to_who_says_why(workspace, marketer_client, zoe):
    asked = marketer_client.get(at(f"number/{zoe.pk}/"))
    silent = marketer_client.post(at(f"number/{zoe.pk}/"), {"reason": " "})
    shown = marketer_client.post(at(f"number/{zoe.pk}/"), {"reason": "called back"})

    assert [PHONE in response.text for response in (asked, silent, shown)] == [False, False, True]
    assert "no-store" in shown.headers["Cache-Control"]
    assert log(workspace) == [("number_shown", 1, "called back")]


def test_a_person_is_exported_as_page_and_as_json(workspace, owner_client, zoe):
    page = owner_client.post(at(f"export/{zoe.pk}/"), {"reason": "letter", "as": "page"})
    file = owner_client.post(at(f"export/{zoe.pk}/"), {"reason": "letter", "as": "json"})

    assert "Lambert" in page.text
    assert json.loads(file.content)["contact"]["mobile_number"] == PHONE
    assert log(workspace) == [("person_exported", 1, "letter")] * 2


def test_an_erasure_is_asked_once_more_and_is_an_owners(workspace, owner_client, marketer_client, zoe):
    refused = marketer_client.post(at(f"delete/{zoe.pk}/"), {"reason": "letter"})
    question = owner_client.get(at(f"delete/{zoe.pk}/"))
    with scope(workspace=workspace):
        assert Contact.objects.count() == 1
    owner_client.post(at(f"delete/{zoe.pk}/"), {"reason": "letter"})

    assert (refused.status_code in {302, 403}, question.status_code) == (True, 200)
    with scope(workspace=workspace):
        assert Contact.objects.count() == 0
    assert log(workspace) == [("erased", 1, "letter")]


def test_two_contacts_are_merged_after_a_preview(workspace, marketer_client, zoe):
    other = make_contact(workspace, "+33639980002", first_name="Zoe", consents=False)
    asked = {"other": "06 39 98 00 02", "keep": "this"}

    preview = marketer_client.post(at(f"merge/{zoe.pk}/"), asked)
    with scope(workspace=workspace):
        assert Contact.objects.count() == 2
    marketer_client.post(at(f"merge/{zoe.pk}/"), {**asked, "confirm": "1", "from_gone": ["first_name"]})

    assert [each.name for each in preview.context["differences"]] == ["first_name"]
    with scope(workspace=workspace):
        merged = Contact.objects.get()
    assert (merged.pk, merged.first_name, merged.city) == (zoe.pk, "Zoe", "Nantes")
    assert other.pk != merged.pk


@pytest.mark.parametrize("number", [PHONE, "06 39 98 00 09", "hello"])
def test_who_is_merged_with_is_another_contact_of_this_workspace(other_workspace, marketer_client, zoe, number):
    make_contact(other_workspace, "+33639980009")

    response = marketer_client.post(at(f"merge/{zoe.pk}/"), {"other": number, "keep": "this"})

    assert list(response.context["form"].errors) == ["other"]


def test_an_export_tells_wishes_oppositions_and_blocks(workspace, zoe):
    said = {"workspace": workspace, "phone": zoe.phone, "now": TUESDAY}
    record_opt_out(**said, scope="marketing", source="SMS")
    block_number(**said, kind="manual", source="call")
    with scope(workspace=workspace):
        choose_frequency(contact=zoe, frequency="weekly", now=TUESDAY)
        choose_topics(contact=zoe, refused=[Topic.objects.create(workspace=workspace, name="Wine").pk], now=TUESDAY)

        told = export_person(contact=zoe, by=None, now=TUESDAY)["preferences"]

    assert {name: told[name] for name in ("frequency", "refused_topics")} == {
        "frequency": "weekly",
        "refused_topics": ["Wine"],
    }
    assert [row["scope"] for row in told["oppositions"]] == ["marketing"]
    assert [row["kind"] for row in told["blocks"]] == ["manual"]


# Set-up ---------------------------------------------------------------------------------------------


def test_an_attribute_gets_a_key_of_its_label_that_never_changes(workspace, owner_client):
    address = "/admin/audience/attributes/"
    owner_client.post(f"{address}new/", {"label": "Shoe size", "kind": "choice", "choices": "38\n39\n38\n"})
    again = owner_client.post(f"{address}new/", {"label": "shoe-size", "kind": "text"})
    with scope(workspace=workspace):
        attribute = Attribute.objects.get()
    owner_client.post(f"{address}edit/{attribute.pk}/", {"label": "Size", "kind": "text", "choices": "40"})

    attribute.refresh_from_db()
    assert (attribute.label, attribute.slug, attribute.kind, attribute.choices) == (
        "Size",
        "shoe_size",
        "choice",
        ["40"],
    )
    assert list(again.context["form"].errors) == ["label"]


def test_the_audit_log_is_for_owners_and_never_changes(workspace, owner_client, marketer_client, zoe):
    marketer_client.post(at(f"number/{zoe.pk}/"), {"reason": "called back"})

    page = owner_client.get("/admin/audience/audit/").text

    assert "called back" in page
    assert marketer_client.get("/admin/audience/audit/").status_code in {302, 403}
    assert owner_client.get("/admin/audience/audit/new/").status_code == 404


@pytest.mark.parametrize(
    ("keep", "words"),
    [
        ("this", "The number that is kept has agreed to marketing itself: that stays."),
        ("other", "Only the number that goes has agreed to marketing."),
    ],
)
def test_a_preview_says_whose_consent_holds(workspace, marketer_client, zoe, keep, words):
    make_contact(workspace, "+33639980002", first_name="Zoe", consents=False)

    preview = marketer_client.post(
        at(f"merge/{zoe.pk}/"), {"other": "06 39 98 00 02", "keep": keep}, headers={"accept-language": "en"}
    )

    assert words in preview.text
