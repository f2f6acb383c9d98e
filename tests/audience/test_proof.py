"""The proof file: what a court wants to read, and nothing in it can be changed unnoticed."""

import copy
import json

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django_scopes import scope
from hypothesis import given, settings
from hypothesis import strategies as st

from audience.ledger.keys import public_key
from audience.ledger.proof import NotAProof, make_proof, read_proof
from audience.models import AuditEntry
from audience.people.proof import statements
from audience.services import confirm_consent, grant_consent, record_opt_out
from audience.services.numbers import change_number
from tests.audience.test_ledger import seal
from tests.factories import TUESDAY, make_contact, make_member

WORDS = "J’accepte de recevoir les offres de Maison Lambert par SMS."


@pytest.fixture
def camille(workspace):
    return make_contact(workspace, "+33639980001", consents=False)


@pytest.fixture
def proof(workspace, camille):
    said = {"workspace": workspace, "contact": camille, "wording": WORDS, "wording_version": "7", "now": TUESDAY}
    evidence = {"network": "203.0.113.0/24", "page": "/soldes/", "revision": 12}
    grant_consent(**said, purpose="marketing", source="form", occurred_at=TUESDAY, evidence=evidence)
    record_opt_out(workspace=workspace, phone=camille.phone, scope="marketing", source="SMS", now=TUESDAY)
    seal(workspace)
    confirm_consent(**said, source="SMS", occurred_at=TUESDAY)
    return make_proof(workspace=workspace, contact=camille, by=None, now=TUESDAY)


def written(proof):
    return json.dumps(proof, ensure_ascii=False, indent=2)


def test_it_says_who_to_which_words_when_from_where_and_what_since(proof):
    first, second, third = proof["ledger"]

    assert proof["person"]["number"] == "+33639980001"
    assert (first["act"], first["wording"], first["wording_version"]) == ("granted", WORDS, "7")
    assert (first["occurred_at"], first["evidence"]["page"]) == ("2026-11-24T09:30:00.000000+00:00", "/soldes/")
    assert [second["act"], third["act"]] == ["withdrawn", "confirmed"]
    assert [bool(row["seal"]) for row in proof["ledger"]] == [True, True, False]
    assert [row["scope"] for row in proof["opt_outs"]] == ["marketing"]
    assert proof["head"]["rows"] == 2


def test_a_proof_is_genuine_wherever_our_public_key_is_known(proof, settings):
    text, key = written(proof), public_key()
    settings.PROOF_KEY = b"another installation's key 32 by"

    assert read_proof(text, key=key)["format"] == "chappe-proof-1"
    with pytest.raises(NotAProof, match="another key"):
        read_proof(text)


def test_a_forger_who_signs_with_a_key_of_their_own_is_found_out(proof, settings):
    ours = public_key()
    settings.PROOF_KEY = b"another installation's key 32 by"
    assert proof["signature"]["public_key"] == ours != public_key()

    with pytest.raises(NotAProof):
        read_proof(written(proof), key=public_key())


def test_it_does_not_name_what_another_workspace_knows(proof, other_workspace, camille):
    stranger = make_contact(other_workspace, camille.phone)

    other = make_proof(workspace=other_workspace, contact=stranger, by=None, now=TUESDAY)

    assert [row["source"] for row in other["ledger"]] == ["test form"]
    assert "test form" not in written(proof)


def places(value, path=()):
    """Where each leaf of the file is."""
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = [place for key, child in children for place in places(child, (*path, key))]
    return found or [path]


@pytest.mark.django_db
@settings(max_examples=60, deadline=None, suppress_health_check=["function_scoped_fixture"])
@given(data=st.data())
def test_whatever_is_changed_it_is_no_proof_any_more(proof, data):
    place = data.draw(st.sampled_from([one for one in places(proof) if one[:2] not in UNSIGNED]))
    altered = copy.deepcopy(proof)
    parent = altered
    for key in place[:-1]:
        parent = parent[key]
    parent[place[-1]] = alter(parent[place[-1]])

    with pytest.raises(NotAProof):
        read_proof(written(altered))


# What the file says of its own signature is not believed: the reader brings the key.
UNSIGNED = {("signature", "algorithm"), ("signature", "public_key")}


def alter(value):
    if isinstance(value, bool | list) or value is None:
        return "altered"
    return value + 1 if isinstance(value, int) else "A" + value[1:] if value[:1] != "A" else "B" + value[1:]


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", '{"signature": {}}', '{"signature": {"value": "x"}}'])
def test_other_files_are_no_proofs(text):
    with pytest.raises(NotAProof, match="no proof file"):
        read_proof(text)


def test_the_commands_check_a_file_and_print_the_key(proof, tmp_path, capsys):
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text(written(proof), encoding="utf-8")
    bad.write_text(written(proof).replace("/soldes/", "/autre/"), encoding="utf-8")

    call_command("verify_proof", str(good))
    call_command("proof_key")
    with pytest.raises(CommandError, match="NOT a proof"):
        call_command("verify_proof", str(bad))

    out = capsys.readouterr().out
    assert "Genuine" in out and "3 statements, 2 of them sealed." in out and public_key() in out
    assert "639980001" not in out


def test_owner_and_marketer_take_the_proof_and_the_audit_log_knows(client, workspace, proof, camille):
    client.force_login(make_member(workspace, "marketer"))
    address = reverse("audience_contacts:proof", args=[camille.pk])

    looked = client.get(address)
    page = client.post(address, {"reason": "CNIL 2026-114", "as": "page"})
    file = client.post(address, {"reason": "CNIL 2026-114", "as": "json"})

    assert "+33639980001" not in looked.text
    assert WORDS in page.text and "+33639980001" in page.text.replace(" ", "")
    assert read_proof(file.content.decode())["person"]["number"] == "+33639980001"
    assert "no-store" in file.headers["Cache-Control"]
    with scope(workspace=workspace):
        assert list(AuditEntry.objects.values_list("action", "reason")) == [("proof", "CNIL 2026-114")] * 2


def test_an_analyst_gets_no_proof(client, workspace, camille):
    client.force_login(make_member(workspace, "analyst"))
    response = client.post(reverse("audience_contacts:proof", args=[camille.pk]), {"reason": "x", "as": "json"})

    assert response.status_code == 302
    with scope(workspace=workspace):
        assert AuditEntry.objects.count() == 0


def test_it_says_which_rows_are_of_another_number_or_another_person(workspace, camille):
    said = {"workspace": workspace, "purpose": "marketing", "wording": WORDS, "now": TUESDAY, "occurred_at": TUESDAY}
    grant_consent(**said, contact=camille, source="her own", evidence={"name": "Camille"})
    zoe = make_contact(workspace, "+33639980002", consents=False)
    grant_consent(**said, contact=zoe, source="before her", evidence={"name": "Zoé"})
    with scope(workspace=workspace):
        change_number(contact=zoe, phone="+33639980003", now=TUESDAY)
        change_number(contact=camille, phone="+33639980002", now=TUESDAY)

    proof = make_proof(workspace=workspace, contact=camille, by=None, now=TUESDAY)

    marks = ("source", "is_of_this_number", "is_of_this_person")
    assert [tuple(row[mark] for mark in marks) for row in proof["ledger"]] == [
        ("her own", False, True),
        ("before her", True, False),
    ]
    assert "Zoé" not in written(proof)
    assert [row["caution"] for row in statements(proof)] == [
        "Said under another number of this person.",
        "Of this number, but not of this contact: it allows nothing.",
    ]
    assert read_proof(written(proof))["ledger"] == proof["ledger"]


def test_evidence_is_named_in_words_on_the_page_and_by_its_keys_in_the_file(workspace, camille, owner_client):
    said = {"workspace": workspace, "purpose": "marketing", "wording": WORDS, "now": TUESDAY, "occurred_at": TUESDAY}
    evidence = {"box_not_ticked_beforehand": True, "received_at": "2026-11-24T09:30:00+00:00", "sha256": "f00d"}
    grant_consent(**said, contact=camille, source="file", evidence=evidence)
    url = reverse("audience_contacts:proof", args=[camille.pk])

    page = owner_client.post(url, {"reason": "CNIL", "as": "page"}, headers={"accept-language": "en"}).text
    file = owner_client.post(url, {"reason": "CNIL", "as": "json"}, headers={"accept-language": "fr"})

    assert "<dt>box not ticked beforehand</dt><dd>yes</dd>" in page
    assert "<dt>received on</dt><dd>11/24/2026 10:30 a.m.</dd>" in page
    assert not any(key in page for key in (*evidence, "nonce", "2026-11-24T"))
    rows = read_proof(file.content.decode())["ledger"]
    assert evidence.items() <= next(row["evidence"] for row in rows if row["source"] == "file").items()
