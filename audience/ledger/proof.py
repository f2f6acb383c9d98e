"""The proof file of one number: who agreed to which words, when, where and how, and what they said since; signed.

Whoever has our public key can check that nothing in it was changed since we made it; whoever has the database can check
(`manage.py verify_consents`) that we had not changed the ledger before.
"""

import base64
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django_scopes import scope

from accounts.keys import opt_out_hashes
from accounts.models import User, Workspace
from audience.ledger.form import SEALED, canonical, form_of, hash_of, plain, seal_of
from audience.ledger.keys import is_signed, public_key, sign
from audience.ledger.sealing import statement_of
from audience.models import Block, Consent, ConsentEvidence, Contact, LedgerHead, OptOut
from audience.queries import blocks_of, opt_outs_of

FORMAT = "chappe-proof-1"


class NotAProof(Exception):
    """The file is not what this installation, or the holder of the key given, made; says why."""


def make_proof(*, workspace: Workspace, contact: Contact, by: User | None, now: datetime) -> dict[str, Any]:
    """All that the ledger says of the contact's number, and of the contact under earlier numbers, signed."""
    with scope(workspace=workspace):
        content = {
            "format": FORMAT,
            "made_at": plain(now),
            "made_by": str(by or ""),
            "advertiser": {
                "id": workspace.pk,
                "name": workspace.name,
                "legal_name": workspace.legal_name,
                "contact_details": workspace.contact_details,
            },
            "person": {"number": contact.phone, "first_name": contact.first_name, "last_name": contact.last_name},
            "number_hashes": [digest.hex() for digest in opt_out_hashes(contact.phone)],
            "ledger": list(_rows(contact)),
            "opt_outs": [_opt_out(row) for row in opt_outs_of(contact.phone).order_by("opted_out_at")],
            "blocks": [_block(row) for row in blocks_of(contact.phone).order_by("blocked_at")],
            "head": _head(workspace),
        }
    signature = base64.b64encode(sign(canonical(content))).decode()
    return {**content, "signature": {"algorithm": "Ed25519", "public_key": public_key(), "value": signature}}


def _rows(contact: Contact) -> Iterator[dict[str, Any]]:
    hashes = opt_out_hashes(contact.phone)
    rows = Consent.objects.filter(number_hash__in=hashes) | Consent.objects.filter(contact=contact)
    found = list(rows.distinct().order_by("occurred_at", "pk").values(*SEALED, "previous_seal", "seal", "contact_id"))
    # What somebody else left behind when they had this number is theirs.
    own = [row["id"] for row in found if row["contact_id"] in {contact.pk, None}]
    evidence = {row.consent_id: row.content for row in ConsentEvidence.objects.filter(consent_id__in=own)}
    for row in found:
        is_of_this_person = row.pop("contact_id") == contact.pk
        plain_row = {name: plain(value) for name, value in row.items()}
        yield plain_row | {
            "is_of_this_number": bytes(row["number_hash"]) in hashes,
            "is_of_this_person": is_of_this_person,
            "evidence": evidence.get(row["id"]),
        }


def _opt_out(row: OptOut) -> dict[str, Any]:
    said = {"since": plain(row.opted_out_at), "last_said": plain(row.last_said_at)}
    return {"scope": row.scope, "source": row.source, **said}


def _block(row: Block) -> dict[str, Any]:
    return {"kind": row.kind, "source": row.source, "since": plain(row.blocked_at), "bars_service": row.bars_service}


def _head(workspace: Workspace) -> dict[str, Any] | None:
    head = LedgerHead.objects.filter(workspace=workspace, rows__gt=0).first()
    if head is None:
        return None
    names = ("last_id", "rows", "seal", "sealed_at", "signature")
    return {name: plain(getattr(head, name)) for name in names} | {"statement": statement_of(head).decode()}


def read_proof(text: str, *, key: str = "") -> dict[str, Any]:
    """The content of a proof file, checked: signature, each row's seal, each evidence's hash. Raises NotAProof.

    `key` is the public key (base64) that must have signed it; this installation's own if it is left out.
    """
    try:
        proof = json.loads(text)
        signature = proof.pop("signature")
        value = base64.b64decode(signature["value"])
        rows, head = proof["ledger"], proof["head"]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotAProof("This is no proof file.") from error
    if not is_signed(canonical(proof), value, key or public_key()):
        raise NotAProof("It was altered, or signed with another key.")
    for row in rows:
        _check_row(row)
    if head and not is_signed(head["statement"].encode(), bytes.fromhex(head["signature"]), key or public_key()):
        raise NotAProof("The head of the chain is not signed with this key.")
    return dict(proof)


def _check_row(row: dict[str, Any]) -> None:
    evidence_hash = hash_of(row["evidence"])
    if evidence_hash and evidence_hash.hex() != row["evidence_hash"]:
        raise NotAProof(f"The evidence of row {row['id']} is not what was sealed.")
    if row["seal"] and seal_of(bytes.fromhex(row["previous_seal"]), form_of(row)).hex() != row["seal"]:
        raise NotAProof(f"Row {row['id']} is not what was sealed.")
