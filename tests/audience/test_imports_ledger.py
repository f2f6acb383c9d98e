"""Rows of the ledger written by the thousand are those that are written one by one."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django_scopes import scope

from accounts.keys import opt_out_hash
from audience.ledger.form import hash_of
from audience.ledger.sealing import SETTLES_IN, seal_ledger
from audience.ledger.verifying import Sound, verify_ledger
from audience.models import Consent, ConsentEvidence, Contact
from audience.services import grant_consent
from audience.services.minimisation import save_settings
from tests.audience.bringing import PROVEN, bring
from tests.factories import TUESDAY, make_contact

FILE = """mobile;le;où;mots;par;commande;jour
0639980001;03/02/2026 18:30;salon « Été »;J’accepte — Zoé ☎;Zoé;FA-1;02/11/2026
0639980002;;;;;FA-2;2026-11-03
"""
COLUMNS = [
    "phone", "consent_at", "consent_source", "consent_wording", "consent_collector", "order_reference", "order_at",
]  # fmt: skip
OWN = {"id", "contact_id", "evidence_hash", "workspace_id"}


def ledger():
    """Every column but ids and what follows from a nonce, with the evidence but for its nonce."""
    rows = []
    for consent in Consent.objects.select_related("evidence").order_by("pk"):
        columns = {field.attname: getattr(consent, field.attname) for field in Consent._meta.concrete_fields}
        columns["number_hash"] = bytes(columns["number_hash"])
        content = dict(consent.evidence.content)
        assert len(bytes.fromhex(content.pop("nonce"))) == 16
        rows.append(({name: value for name, value in columns.items() if name not in OWN}, content))
    return rows


def grant_one_by_one(workspace, told):
    for phone, (columns, content) in told.items():
        grant_consent(
            workspace=workspace,
            contact=make_contact(workspace, phone, consents=False),
            now=TUESDAY,
            evidence=content,
            **{
                name: columns[name]
                for name in ("purpose", "source", "wording", "occurred_at", "collected_by", "legal_basis")
            },
        )


@pytest.mark.parametrize("basis", ["opt_in", "existing_customer"])
def test_a_row_of_an_import_equals_that_of_a_single_grant_in_every_column(workspace, other_workspace, basis):
    for each in (workspace, other_workspace):
        save_settings(workspace=each, existing_customers=True)
    with scope(workspace=workspace):
        bring(workspace, FILE, columns=COLUMNS, **PROVEN, legal_basis=basis)
        imported = ledger()

    with scope(workspace=other_workspace):
        grant_one_by_one(other_workspace, dict(zip(("+33639980001", "+33639980002"), imported, strict=True)))
        single = ledger()

    assert imported == single
    assert [columns["number_hash"] for columns, _ in imported] == [
        opt_out_hash("+33639980001"),
        opt_out_hash("+33639980002"),
    ]
    assert [columns["act"] for columns, _ in imported] == ["granted"] * 2


def test_the_contact_was_as_active_as_after_a_single_grant(in_workspace):
    old = make_contact(in_workspace, "+33639980002", consents=False)

    bring(in_workspace, FILE, columns=COLUMNS, **PROVEN)

    old.refresh_from_db()
    given = dict(Consent.objects.values_list("contact_id", "occurred_at"))
    assert old.last_active_at == TUESDAY - timedelta(days=30)
    assert dict(Contact.objects.values_list("pk", "last_active_at")) == given


def test_the_chain_holds_over_rows_of_imports_and_single_ones(workspace, other_workspace, capsys):
    for each in (workspace, other_workspace):
        with scope(workspace=each):
            bring(each, FILE, columns=COLUMNS, **PROVEN)
            contact = Contact.objects.order_by("pk").first()
            grant_consent(
                workspace=each, contact=contact, purpose="tracking", source="page", wording="Oui", now=TUESDAY,
                occurred_at=TUESDAY, evidence={"address": "203.0.113.0/24"},
            )  # fmt: skip
            seal_ledger(workspace=each, now=TUESDAY)
            seal_ledger(workspace=each, now=TUESDAY + SETTLES_IN)
            found = verify_ledger(workspace=each)
            assert (type(found), found.sealed, found.unsealed) == (Sound, 3, 0)
            hashes = {row.pk: bytes(row.evidence_hash) for row in Consent.objects.all()}
            assert {one.consent_id: hash_of(one.content) for one in ConsentEvidence.objects.all()} == hashes

    call_command("verify_consents")

    assert "lambert" in capsys.readouterr().out
