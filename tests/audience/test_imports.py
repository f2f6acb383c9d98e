from datetime import timedelta

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from django_scopes import scope

from audience import tasks
from audience.models import AudienceSettings, ColumnMeaning, Consent, Contact, ContactImport, ContactList
from audience.queries import Reach, reachable
from audience.services import MissingProof, add_contact, record_opt_out
from audience.services.imports import (
    ImportTakenOver,
    Proof,
    WrongState,
    cancel_import,
    propose_columns,
    refused_lines,
    run_import,
    running,
    start_import,
)
from tests.factories import TUESDAY, make_contact, make_list

PROOF = Proof(
    source="paper card at the till",
    wording="I agree to receive offers by SMS.",
    occurred_at=TUESDAY - timedelta(days=30),
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
        for name in ("state", "added", "known", "duplicates", "rejected", "consented", "opted_out")
    }


def test_good_rows_come_in_and_the_others_are_listed_with_line_and_reason(in_workspace):
    text = CUSTOMERS + "Ana;X;0142685300;Nantes\nBéa;Y\n;;;\nCid;Z;06 39 98 00 01;Nantes\nDoe;W;6.4E+08;Nantes\n"

    contact_import = bring(in_workspace, text)

    assert counts(contact_import) == {
        "state": "done",
        "added": 2,
        "known": 0,
        "duplicates": 1,
        "rejected": 3,
        "consented": 0,
        "opted_out": 0,
    }
    rejects = [(reject["line"], reject["code"], reject["cell"]) for reject in refused_lines(contact_import)]
    assert rejects == [(4, "landline", 2), (5, "too_few_cells", None), (8, "digits_lost", 2)]
    assert contact_import.reasons == {"landline": 1, "too_few_cells": 1, "digits_lost": 1}
    assert set(contact_import.pieces.values_list("kind", flat=True)) == {"rejects"}


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
        bring(in_workspace, CUSTOMERS, proof=PROOF._replace(**hole))


def test_known_contacts_keep_what_is_known_and_the_same_file_twice_changes_nothing(in_workspace):
    add_contact(workspace=in_workspace, phone="0639980001", source="till", first_name="Léna")
    bring(in_workspace, CUSTOMERS, proof=PROOF)

    again = bring(in_workspace, CUSTOMERS, proof=PROOF)

    assert counts(again) == {
        "state": "done",
        "added": 0,
        "known": 2,
        "duplicates": 0,
        "rejected": 0,
        "consented": 0,
        "opted_out": 0,
    }
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
    monkeypatch.setattr(running, "CHUNK", 10)
    contact_import = bring(in_workspace, many(25), proof=PROOF, run=False)
    store, seen = running._store, []

    def store_then_die(*args):
        store(*args)
        seen.append(args[1].last_line)
        if len(seen) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(running, "_store", store_then_die)
    with pytest.raises(KeyboardInterrupt):
        run_import(contact_import=contact_import, now=TUESDAY)
    monkeypatch.setattr(running, "_store", store)
    ContactImport.objects.update(touched_at=TUESDAY - timedelta(days=400))

    tasks.import_contacts(contact_import.pk)

    assert seen == [11, 21]
    assert counts(contact_import) == {
        "state": "done",
        "added": 25,
        "known": 0,
        "duplicates": 0,
        "rejected": 0,
        "consented": 25,
        "opted_out": 0,
    }


def test_a_second_worker_on_the_same_file_leaves(in_workspace):
    contact_import = bring(in_workspace, CUSTOMERS, run=False)
    late = ContactImport.objects.get(pk=contact_import.pk)
    run_import(contact_import=contact_import, now=TUESDAY)

    with pytest.raises(ImportTakenOver):
        run_import(contact_import=late, now=TUESDAY)

    assert counts(contact_import)["added"] == 2


def test_a_chunk_that_another_worker_has_stored_meanwhile_is_not_stored_again(in_workspace, monkeypatch):
    mine = bring(in_workspace, many(4), run=False)
    store, again, calls = running.store_rows, ContactImport.refresh_from_db, []

    def storing(*args):
        calls.append(args)
        if len(calls) in {1, 3}:  # my clash, and the end of the other worker behind its first chunk
            raise IntegrityError if len(calls) == 1 else KeyboardInterrupt
        return store(*args)

    def late(**fields):
        with pytest.raises(KeyboardInterrupt):
            run_import(contact_import=ContactImport.objects.get(pk=mine.pk), now=TUESDAY)
        again(mine, **fields)

    monkeypatch.setattr(running, "CHUNK", 2)
    monkeypatch.setattr(running, "store_rows", storing)
    monkeypatch.setattr(mine, "refresh_from_db", late)

    with pytest.raises(ImportTakenOver):
        run_import(contact_import=mine, now=TUESDAY)

    assert ContactImport.objects.values_list("added", "known", "lines_done").get() == (2, 0, 3)


def test_a_stopped_import_does_not_fail_afterwards(in_workspace, monkeypatch):
    contact_import = bring(in_workspace, CUSTOMERS, run=False)

    def stopped(**_about):
        cancel_import(contact_import=contact_import, now=TUESDAY)
        raise RuntimeError

    monkeypatch.setattr(tasks, "run_import", stopped)

    with pytest.raises(RuntimeError):
        tasks.import_contacts(contact_import.pk)

    assert counts(contact_import)["state"] == "cancelled"


def test_a_draft_in_another_tab_does_not_undo_the_launch(in_workspace):
    running_import = bring(in_workspace, CUSTOMERS, run=False)
    other_tab = ContactImport.objects.get(pk=running_import.pk)
    other_tab.state = ContactImport.State.DRAFT

    with pytest.raises(WrongState):
        propose_columns(contact_import=other_tab)

    assert counts(running_import)["state"] == "running"


def test_a_first_line_that_was_somebody_is_not_remembered_as_names_of_columns(in_workspace):
    bring(in_workspace, "Mobile;01 42 68 53 00;Ville\n0639980001;x;Nantes\n", run=False)

    assert set(ColumnMeaning.objects.values_list("name", flat=True)) == {"mobile", "ville"}


def test_a_field_that_is_not_kept_is_gone_by_the_next_morning(in_workspace):
    contact = make_contact(in_workspace, city="Nantes")
    AudienceSettings.objects.create(workspace=in_workspace, kept_fields=["first_name"])

    tasks.retain()

    contact.refresh_from_db()
    assert (contact.city, contact.first_name) == ("", "Camille")
