import csv
import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django_scopes import scope
from kombu.exceptions import ChannelError, OperationalError

from accounts.models import Role
from audience.models import AuditEntry, ColumnMeaning, Consent, Contact, ContactImport, ContactList, ImportPiece
from audience.services import record_opt_out
from audience.services.imports import keep_file
from audience.tasks import import_contacts
from tests.factories import TUESDAY, make_contact, make_list, make_member

PROOF = {
    "consent_source": "till",
    "consent_on": "2026-01-02",
    "consent_wording": "I agree to receive offers by SMS.",
    "collected_by": "Lucie",
    "attested": "on",
}
SHOP = "Téléphone;Nom;Ville\n06 39 98 00 01;Ana;Nantes\n0240123456;Béa;Rezé\n639980003;Cid;Nantes\n"


def upload(client, content=SHOP, name="customers.csv"):
    content = content.encode() if isinstance(content, str) else content
    return client.post("/admin/audience/imports/new/", {"file": SimpleUploadedFile(name, content)})


def draft_of(workspace):
    with scope(workspace=workspace):
        return ContactImport.objects.latest("pk")


def plan(client, draft, **fields):
    return client.post(f"/admin/audience/imports/plan/{draft.pk}/", fields)


@pytest.fixture
def draft(workspace, owner_client):
    upload(owner_client)
    return draft_of(workspace)


def test_a_file_leads_to_its_columns_and_verdicts(workspace, owner_client):
    response = upload(owner_client)

    draft = draft_of(workspace)
    page = owner_client.get(response.url).text
    assert response.url == f"/admin/audience/imports/plan/{draft.pk}/"
    assert (draft.state, draft.columns, draft.lines_total) == ("draft", ["phone", "last_name", "city"], 3)
    for words in ("06 39 98 00 03?", "This is a landline", "3 lines, 1 contact"):
        assert words in page


def test_nothing_is_written_before_the_import_is_started(workspace, owner_client, draft):
    owner_client.get(f"/admin/audience/imports/plan/{draft.pk}/")

    with scope(workspace=workspace):
        assert (Contact.objects.count(), Consent.objects.count()) == (0, 0)


def test_a_started_import_runs_and_its_result_is_shown(
    workspace, owner_client, draft, django_capture_on_commit_callbacks
):
    response = plan(owner_client, draft, new_list="Customers", **PROOF, **{"action-launch": "1"})
    running = owner_client.get(response.url).text
    import_contacts(draft.pk)
    done = owner_client.get(response.url).text
    download = owner_client.post(f"/admin/audience/imports/refused/{draft.pk}/").getvalue().decode("utf-8-sig")

    assert "data-every" in running
    assert "data-every" not in done
    assert list(csv.reader(io.StringIO(download), delimiter=";"))[1:] == [
        ["3", "0240123456", "This is a landline: SMS go to mobile numbers only.", "0240123456", "Béa", "Rezé"],
        ["4", "639980003", "The zero in front is missing.", "639980003", "Cid", "Nantes"],
    ]
    with scope(workspace=workspace):
        assert [contact.last_name for contact in ContactList.objects.get().contacts.all()] == ["Ana"]
        consent = Consent.objects.get()
        assert (consent.collected_by, consent.evidence.content["box_not_ticked_beforehand"]) == ("Lucie", True)
        assert list(AuditEntry.objects.values_list("action", "count", "reason")) == [
            ("list_exported", 2, f"refused lines of import {draft.pk}")
        ]


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.parametrize("trouble", [OperationalError("away"), ChannelError("no folder"), PermissionError("no folder")])
def test_without_a_queue_nothing_starts_nothing_is_lost_and_the_screen_says_so(
    workspace, owner_client, draft, monkeypatch, trouble
):
    def away(import_id):
        raise trouble

    decided = {"new_list": "Customers", "tags": "till", **PROOF, "action-launch": "1"}
    with monkeypatch.context() as patch:
        patch.setattr(import_contacts, "delay", away)
        answer = plan(owner_client, draft, **decided)
    waiting = draft_of(workspace)
    chosen = answer.context["form"].initial
    again = plan(owner_client, draft, **(decided | {"new_list": "", "contact_list": chosen["contact_list"]}))
    import_contacts(draft.pk)

    assert (answer.status_code, "has not started" in answer.text, waiting.state) == (200, True, "draft")
    assert (chosen["consent_source"], chosen["tags"], waiting.started_at) == ("till", "till", None)
    assert again.url == f"/admin/audience/imports/inspect/{draft.pk}/"
    with scope(workspace=workspace):
        assert [contact.last_name for contact in ContactList.objects.get().contacts.all()] == ["Ana"]


def test_the_file_of_refused_lines_comes_in_once_they_are_mended(workspace, owner_client, draft):
    plan(owner_client, draft, new_list="Customers", **{"action-bare": "1"})
    import_contacts(draft.pk)
    refused = owner_client.post(f"/admin/audience/imports/refused/{draft.pk}/").getvalue().decode("utf-8-sig")

    upload(owner_client, refused.replace("0240123456", "0639980002").replace("639980003", "0639980003"), "refused.csv")
    mended = draft_of(workspace)
    plan(owner_client, mended, tags="mended", **{"action-bare": "1"})
    import_contacts(mended.pk)

    with scope(workspace=workspace):
        mended.refresh_from_db()
        assert (mended.added, mended.rejected) == (2, 0)
        assert sorted(Contact.objects.values_list("last_name", "city")) == [
            ("Ana", "Nantes"),
            ("Béa", "Rezé"),
            ("Cid", "Nantes"),
        ]


def test_lost_zeros_are_put_back_only_when_somebody_says_so(workspace, owner_client, draft):
    plan(owner_client, draft, new_list="Customers", repairs_zeros="on", **{"action-bare": "1"})
    import_contacts(draft.pk)

    with scope(workspace=workspace):
        assert sorted(Contact.objects.values_list("last_name", flat=True)) == ["Ana", "Cid"]
        assert Consent.objects.count() == 0


@pytest.mark.parametrize(
    ("hole", "words"),
    [
        ("consent_source", "Say where the consent was given."),
        ("consent_on", "Say when the consent was given."),
        ("consent_wording", "Give the exact words that people agreed to."),
        ("collected_by", "Say who collected the consent."),
        ("attested", "Certify that the box was not ticked beforehand."),
    ],
)
def test_half_a_proof_starts_nothing_and_says_what_is_missing(workspace, owner_client, draft, hole, words):
    response = plan(owner_client, draft, new_list="Customers", **(PROOF | {hole: ""}), **{"action-launch": "1"})

    draft.refresh_from_db()
    assert words in response.text
    assert draft.state == "draft"


def test_two_columns_of_one_meaning_are_named_and_start_nothing(workspace, owner_client, draft):
    header = draft.header
    fields = {"column-1": "phone", "new_list": "Customers", "action-launch": "1"}

    response = plan(owner_client, draft, **PROOF, **fields)

    draft.refresh_from_db()
    assert f"Two columns have the same meaning, ignore one: {header[0]}, {header[1]}." in response.text
    assert draft.state == "draft"


def test_the_day_of_a_consent_is_a_field_of_the_browser(owner_client, draft):
    page = owner_client.get(f"/admin/audience/imports/plan/{draft.pk}/").text

    assert '<input type="date" name="consent_on"' in page


@pytest.mark.parametrize("day", ["2999-01-01", "1989-12-31"])
def test_a_proof_of_the_future_or_of_long_ago_is_none(workspace, owner_client, draft, day):
    plan(owner_client, draft, new_list="Customers", **(PROOF | {"consent_on": day}), **{"action-launch": "1"})

    draft.refresh_from_db()
    assert draft.state == "draft"


def test_a_change_of_the_reading_answers_the_parts_of_the_page(workspace, owner_client, draft):
    answer = owner_client.post(
        f"/admin/audience/imports/plan/{draft.pk}/",
        {"encoding": "cp1252", "delimiter": ";", "has_header": "True"},
        headers={"X-Requested-With": "XMLHttpRequest"},
    )

    draft.refresh_from_db()
    assert draft.encoding == "cp1252"
    assert "TÃ©lÃ©phone" in answer.text
    assert "<html" not in answer.text


def test_what_a_column_was_is_remembered_for_the_next_file(workspace, other_workspace, owner_client):
    upload(owner_client, "Contact;Surnom\n0639980001;Ana\n")
    draft = draft_of(workspace)
    plan(owner_client, draft, new_list="One", **{"column-0": "phone", "column-1": "first_name", "action-bare": "1"})

    upload(owner_client, "Surnom;Contact\nBéa;0639980002\n")

    assert draft_of(workspace).columns == ["first_name", "phone"]
    with scope(workspace=other_workspace):
        assert ColumnMeaning.objects.count() == 0


def test_a_running_import_is_stopped_by_a_post_and_keeps_what_is_in(workspace, owner_client, draft):
    plan(owner_client, draft, new_list="Customers", **{"action-bare": "1"})
    owner_client.get(f"/admin/audience/imports/cancel/{draft.pk}/")
    draft.refresh_from_db()
    assert draft.state == "running"

    owner_client.post(f"/admin/audience/imports/cancel/{draft.pk}/")
    import_contacts(draft.pk)

    draft.refresh_from_db()
    assert draft.state == "cancelled"
    with scope(workspace=workspace):
        assert (Contact.objects.count(), ImportPiece.objects.count()) == (0, 0)


def test_somebody_who_said_stop_is_shown_and_kept_so(workspace, owner_client):
    make_contact(workspace, "+33639980001")
    record_opt_out(workspace=workspace, phone="+33639980001", scope="marketing", source="STOP", now=TUESDAY)

    page = owner_client.get(upload(owner_client).url).text

    assert "STOP kept" in page


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", b"mobile;nom\n", "no line below them"),
        ("a.csv", b"\n \n", "empty"),
        ("a.csv", b"%PDF-1.7\n" + bytes(range(256)) * 20, "not a table"),
        ("a.csv", b"x" * 70_000 + b"\n0639980001\n", "not a table"),
        ("a.csv", b"mobile" + b";" * 1_000 + b"\n0639980001\n", "1,000 columns"),
        ("a.xlsx", b"PK\x03\x04rest", "damaged"),
        ("a.xls", b"\xd0\xcf\x11\xe0rest", "old Excel"),
    ],
)
def test_what_can_not_be_read_is_refused_on_the_first_step(workspace, owner_client, name, content, words):
    response = upload(owner_client, content, name)

    assert words in str(response.context["form"].errors["file"])
    with scope(workspace=workspace):
        assert (ContactImport.objects.count(), ImportPiece.objects.count()) == (0, 0)


def test_a_file_over_the_limit_is_refused_and_never_lies_on_a_disk(workspace, owner_client, monkeypatch, settings):
    for room in ("uploads", "import_forms"):
        monkeypatch.setattr(f"audience.{room}.MOST_BYTES", 1000)
    settings.FILE_UPLOAD_TEMP_DIR = "/nowhere"
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 10

    small, large = upload(owner_client), upload(owner_client, "mobile\n" + "0639980001\n" * 100)

    assert small.status_code == 302
    assert "50 MB" in str(large.context["form"].errors["file"])


def test_an_analyst_brings_nothing_and_sees_no_value_of_a_refused_line(workspace, owner_client, draft):
    analyst = Client()
    analyst.force_login(make_member(workspace, Role.ANALYST))
    plan(owner_client, draft, new_list="Customers", **{"action-bare": "1"})
    import_contacts(draft.pk)

    assert analyst.get(f"/admin/audience/imports/plan/{draft.pk}/").status_code in {302, 403}
    assert analyst.post(f"/admin/audience/imports/refused/{draft.pk}/").status_code in {302, 403}
    assert "0240123456" not in analyst.get(f"/admin/audience/imports/inspect/{draft.pk}/").text


def test_imports_of_another_workspace_are_not_found(workspace, other_workspace, owner_client):
    make_list(other_workspace)
    with scope(workspace=other_workspace):
        theirs = keep_file(workspace=other_workspace, file_name="a.csv", content=SHOP.encode(), now=TUESDAY)

    for address in (f"inspect/{theirs.pk}/", f"plan/{theirs.pk}/"):
        assert owner_client.get(f"/admin/audience/imports/{address}").status_code == 404
    assert owner_client.post(f"/admin/audience/imports/refused/{theirs.pk}/").status_code == 404
    assert theirs.purge_at == TUESDAY + timedelta(days=7)
