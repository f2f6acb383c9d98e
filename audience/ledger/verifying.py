"""Reads a workspace's ledger from its first row to its head and names the first row that is not what was sealed."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from accounts.keys import CannotOpen
from accounts.models import Workspace
from audience.ledger.form import GENESIS, SEALED, form_of, hash_of, seal_of
from audience.ledger.keys import is_signed, public_key
from audience.ledger.sealing import statement_of
from audience.models import Consent, ConsentEvidence, LedgerHead

CHUNK = 2_000
COLUMNS = (*SEALED, "previous_seal", "seal")


class Broken(Exception):
    """The ledger is not what was sealed; says what, and names the row."""

    def __init__(self, row: int, what: str) -> None:
        super().__init__(f"row {row}: {what}")
        self.row = row


@dataclass(frozen=True)
class Sound:
    """Every sealed row is what was sealed; `unsealed` are newer, and prove nothing yet."""

    sealed: int
    unsealed: int
    head: str


def verify_ledger(*, workspace: Workspace) -> Sound:
    """In the workspace's scope. Raises Broken."""
    head = LedgerHead.objects.filter(workspace=workspace).first()
    last_id, expected = (head.last_id, bytes(head.seal)) if head else (0, GENESIS)
    seal, sealed, last_good = GENESIS, 0, 0
    rows = Consent.objects.filter(id__lte=last_id).order_by("pk").values(*COLUMNS)
    for row in rows.iterator(chunk_size=CHUNK):
        _check_row(row, seal, last_good)
        seal, sealed, last_good = bytes(row["seal"]), sealed + 1, row["id"]
    if head and (seal, sealed) != (expected, head.rows):
        raise Broken(last_id, "deleted, or rows before it are: the chain ends before its head")
    _check_head(head)
    _check_evidence(last_id)
    _check_strays(last_id)
    return Sound(sealed, Consent.objects.filter(id__gt=last_id).count(), seal.hex())


def _check_row(row: dict[str, Any], before: bytes, last_good: int) -> None:
    if row["seal"] is None:
        raise Broken(row["id"], "inserted: it stands among sealed rows and is not sealed")
    previous, seal = bytes(row["previous_seal"] or b""), bytes(row["seal"])
    is_itself = seal == seal_of(previous, form_of(row))
    if is_itself and previous != before:
        raise Broken(row["id"], f"a row between it and row {last_good} was deleted")
    if not is_itself:
        raise Broken(row["id"], "altered")


def _check_head(head: LedgerHead | None) -> None:
    is_ours = head is None or not head.rows or is_signed(statement_of(head), bytes(head.signature), public_key())
    if head and not is_ours:
        raise Broken(head.last_id, "the head of the chain is not signed with our key")


def _check_strays(last_id: int) -> None:
    """The worker goes on sealing while we read: its seals and its head appear together, so the head is asked last."""
    strays = Consent.objects.filter(id__gt=last_id).exclude(seal=None).order_by("pk").values_list("pk", flat=True)
    last = strays.last()
    reached = LedgerHead.objects.values_list("last_id", flat=True).first() or 0
    if last is not None and last > reached:
        raise Broken(strays.filter(id__gt=reached)[0], "sealed, but not by us: it is behind the head")


def _check_evidence(last_id: int) -> None:
    """Evidence may be gone; what is there has to be what was sealed."""
    kept = ConsentEvidence.objects.filter(consent__id__lte=last_id).select_related("consent").order_by("consent_id")
    try:
        for evidence in kept.iterator(chunk_size=CHUNK):
            if hash_of(evidence.content) != bytes(evidence.consent.evidence_hash or b""):
                raise Broken(evidence.consent_id, "its evidence was altered")
    except CannotOpen as error:
        raise Broken(_first_unreadable(kept), "its evidence can't be opened") from error


def _first_unreadable(kept: QuerySet[ConsentEvidence]) -> int:
    for key, consent in kept.values_list("pk", "consent"):
        try:
            ConsentEvidence.objects.get(pk=key)
        except CannotOpen:
            return consent
    return 0
