from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_scopes import scope
from hypothesis import given
from hypothesis import strategies as st

from audience import tasks
from audience.csvfile import UnreadableFile, read_csv
from audience.models import Consent, Contact, ContactImport, ContactList
from audience.queries import Reach, reachable
from audience.services import MissingProof, add_contact, record_opt_out
from audience.services import imports as import_services
from audience.services.imports import Proof, run_import, start_import
from tests.factories import TUESDAY, make_contact, make_list

PROOF = Proof(
    source="paper card at the till",
    wording="I agree to receive offers by SMS.",
    occurred_at=TUESDAY,
    collected_by="Lucie",
)
CUSTOMERS = """Prénom;Nom;Téléphone mobile;Ville
Hélène;Façade;06 39 98 00 01;Nantes
Zoé;;0639980002;Rezé
"""


def bring(workspace, content, *, proof=None, name="Customers", run=True):
    content = content.encode() if isinstance(content, str) else content
    contact_list, _ = ContactList.objects.get_or_create(workspace=workspace, name=name)
    contact_import = start_import(
        workspace=workspace,
        contact_list=contact_list,
        file_name="customers.csv",
        content=content,
        proof=proof,
        now=TUESDAY,
    )
    return run_import(contact_import=contact_import, now=TUESDAY) if run else contact_import


def counts(contact_import):
    contact_import.refresh_from_db()
    return {
        name: getattr(contact_import, name)
        for name in ("state", "added", "known", "rejected", "consented", "opted_out")
    }


@pytest.mark.parametrize(
    ("encode", "encoding"),
    [
        (lambda text: text.encode(), "utf-8"),
        (lambda text: text.encode("utf-8-sig"), "utf-8"),
        (lambda text: text.encode("cp1252"), "windows-1252"),
        (lambda text: text.encode("utf-16"), "utf-16"),
    ],
)
@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_encoding_delimiter_and_columns_are_found_out(encode, encoding, delimiter, line_end):
    text = CUSTOMERS.replace(";", delimiter).replace("\n", line_end)

    csv_file = read_csv(encode(text), "FR")

    assert (csv_file.encoding, csv_file.delimiter) == (encoding, delimiter)
    assert csv_file.columns == {"first_name": 0, "last_name": 1, "phone": 2, "city": 3}
    assert [record.cell(0) for record in csv_file.records()] == ["Hélène", "Zoé"]


def test_a_mobile_column_goes_before_a_telephone_column():
    assert read_csv(b"phone,phone_mobile,firstname\n1,2,3", "FR").columns == {"phone": 1, "first_name": 2}


def test_a_bare_column_of_numbers_needs_no_header():
    assert [record.line for record in read_csv(b"\n0639980001\n0639980002\n", "FR").records()] == [2, 3]


def test_the_separator_line_of_excel_is_passed_over():
    assert [record.line for record in read_csv(b"sep=;\nmobile;nom\n0639980001;A", "FR").records()] == [3]


@pytest.mark.parametrize(
    "content", [b"", b"\n \n", b"sep=;\n", b"PK\x03\x04rest", b"nom;ville\nLambert;Nantes\n", b"\xff\xfe"]
)
def test_a_file_without_numbers_is_refused_with_what_to_do(content):
    with pytest.raises(UnreadableFile) as refusal:
        read_csv(content, "FR")

    assert str(refusal.value.reason)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_by_name(content):
    try:
        records = list(read_csv(b"mobile\n" + content, "FR").records())
    except UnreadableFile:
        return
    assert all(record.line > 1 for record in records)


def test_an_open_quotation_mark_costs_its_own_line_only():
    text = 'mobile;nom\n0639980001;"Lambert\n0639980002;Breton\n0639980003;"Le ""Grand"""\n0639980004;"two\nlines"\n'

    read = [(record.line, bool(record.error)) for record in read_csv(text.encode(), "FR").records()]

    assert read == [(2, True), (3, False), (4, False), (5, False)]


def test_good_rows_come_in_and_the_others_are_listed_with_line_and_reason(in_workspace):
    text = CUSTOMERS + "Ana;X;0142685300;Nantes\nBéa;Y\n;;;\nCid;Z;06 39 98 00 01;Nantes\nDoe;W;6.4E+08;Nantes\n"

    contact_import = bring(in_workspace, text)

    assert counts(contact_import) == {
        "state": "done",
        "added": 2,
        "known": 0,
        "rejected": 4,
        "consented": 0,
        "opted_out": 0,
    }
    assert [reject["line"] for reject in contact_import.rejects] == [4, 5, 7, 8]
    assert all(reject["reason"] for reject in contact_import.rejects)
    assert contact_import.rejects[2]["cells"] == ["Cid", "Z", "06 39 98 00 01", "Nantes"]
    assert contact_import.content is None


def test_without_proof_contacts_arrive_and_nothing_is_granted(in_workspace):
    bring(in_workspace, CUSTOMERS)

    assert Consent.objects.count() == 0
    assert reachable(ContactList.objects.get().contacts.all()) == Reach(
        total=2, reachable=0, opted_out=0, without_proof=2
    )


def test_with_proof_every_new_contact_gets_a_ledger_row_with_evidence(in_workspace):
    contact_import = bring(in_workspace, CUSTOMERS, proof=PROOF)

    consent = Consent.objects.order_by("pk").first()
    assert (consent.source, consent.wording, consent.collected_by) == (PROOF.source, PROOF.wording, "Lucie")
    assert {name: consent.evidence.content[name] for name in ("file", "sha256", "line")} == {
        "file": "customers.csv",
        "sha256": contact_import.file_hash.hex(),
        "line": 2,
    }
    assert counts(contact_import)["consented"] == 2


@pytest.mark.parametrize("hole", [{"source": ""}, {"wording": ""}, {"occurred_at": None}])
def test_half_a_proof_is_refused(in_workspace, hole):
    with pytest.raises(MissingProof):
        bring(in_workspace, CUSTOMERS, proof=Proof(**{**PROOF.__dict__, **hole}))


def test_known_contacts_keep_what_is_known_and_the_same_file_twice_changes_nothing(in_workspace):
    add_contact(workspace=in_workspace, phone="0639980001", source="till", first_name="Léna")
    bring(in_workspace, CUSTOMERS, proof=PROOF)

    again = bring(in_workspace, CUSTOMERS, proof=PROOF)

    assert counts(again) == {"state": "done", "added": 0, "known": 2, "rejected": 0, "consented": 0, "opted_out": 0}
    assert list(Contact.objects.order_by("pk").values_list("first_name", "city")) == [
        ("Léna", "Nantes"),
        ("Zoé", "Rezé"),
    ]


def test_an_import_lifts_no_opposition(in_workspace):
    for phone in ("0639980001", "0639980002"):
        record_opt_out(workspace=in_workspace, phone=phone, scope="marketing", source="STOP", now=TUESDAY)

    contact_import = bring(in_workspace, CUSTOMERS, proof=PROOF)

    assert counts(contact_import)["opted_out"] == 2
    assert counts(contact_import)["consented"] == 0
    assert reachable(ContactList.objects.get().contacts.all()) == Reach(
        total=2, reachable=0, opted_out=2, without_proof=0
    )


def test_an_import_stays_in_its_workspace(workspace, other_workspace):
    make_list(other_workspace, make_contact(other_workspace, "+33639980001"))
    with scope(workspace=workspace):
        contact_import = bring(workspace, CUSTOMERS)
        assert counts(contact_import)["added"] == 2

    with scope(workspace=other_workspace):
        assert Contact.objects.count() == 1


def many(number):
    return "mobile;prénom\n" + "".join(f"06399{80000 + at};Contact {at}\n" for at in range(number))


def test_queries_do_not_grow_with_the_rows_of_a_chunk(in_workspace):
    used = []
    for name, number in (("three", 3), ("thirty", 30)):
        contact_import = bring(in_workspace, many(number), proof=PROOF, name=name, run=False)
        Contact.objects.all().delete()
        with CaptureQueriesContext(connection) as queries:
            run_import(contact_import=contact_import, now=TUESDAY)
        used.append(len(queries))

    assert used[0] == used[1]


def test_an_interrupted_import_goes_on_behind_its_last_stored_line(in_workspace, monkeypatch):
    monkeypatch.setattr(import_services, "CHUNK", 10)
    contact_import = bring(in_workspace, many(25), proof=PROOF, run=False)
    store, seen = import_services._store, []

    def store_then_die(*args):
        store(*args)
        seen.append(args[1].last_line)
        if len(seen) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(import_services, "_store", store_then_die)
    with pytest.raises(KeyboardInterrupt):
        run_import(contact_import=contact_import, now=TUESDAY)
    monkeypatch.setattr(import_services, "_store", store)
    ContactImport.objects.update(touched_at=TUESDAY - timedelta(days=400))

    tasks.import_contacts(contact_import.pk)

    assert seen == [11, 21]
    assert counts(contact_import) == {
        "state": "done",
        "added": 25,
        "known": 0,
        "rejected": 0,
        "consented": 25,
        "opted_out": 0,
    }


def test_a_second_worker_on_the_same_file_leaves(in_workspace):
    contact_import = bring(in_workspace, CUSTOMERS, run=False)
    late = ContactImport.objects.get(pk=contact_import.pk)
    run_import(contact_import=contact_import, now=TUESDAY)

    with pytest.raises(import_services.ImportTakenOver):
        run_import(contact_import=late, now=TUESDAY)

    assert counts(contact_import)["added"] == 2
