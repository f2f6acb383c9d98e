"""What of a ledger row is sealed, as bytes, and what its evidence is called. One form for every writer and reader.

A seal is SHA-256 over the seal before it and the row's form; the first row of a workspace follows `GENESIS`.
"""

import hashlib
import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

FORM = "chappe-consent-1"
GENESIS = bytes(32)
# Every column but the pointer to the contact, which erasure empties and merging moves, and the seals themselves.
SEALED = (
    *("id", "workspace_id", "number_hash", "purpose", "channel", "act", "legal_basis", "source", "wording"),
    *("wording_version", "collected_by", "occurred_at", "recorded_at", "evidence_hash"),
)
# One for all: `json.dumps` makes a new one at every call.
ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def form_of(row: Mapping[str, Any]) -> bytes:
    """The sealed columns of a row (as `values()` gives them) in one fixed form: JSON, times in UTC, bytes in hex."""
    return canonical([FORM, *(plain(row[name]) for name in SEALED)])


def plain(value: Any) -> Any:
    """Times and bytes as text; everything else is JSON already."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return bytes(value).hex() if isinstance(value, bytes | memoryview) else value


def canonical(value: Any) -> bytes:
    """JSON without blanks, keys in order, UTF-8."""
    return ENCODER.encode(value).encode()


def seal_of(previous: bytes, form: bytes) -> bytes:
    return hashlib.sha256(previous + form).digest()


def evidence_of(facts: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Facts as they are kept: with a nonce, so that the hash which outlives them can't be guessed from likely facts."""
    return None if facts is None else {**facts, "nonce": secrets.token_hex(16)}


def hash_of(evidence: Mapping[str, Any] | None) -> bytes | None:
    """The hash of evidence as it is kept (`evidence_of`); it stays in the ledger when erasure deletes the evidence."""
    return None if evidence is None else hashlib.sha256(canonical(evidence)).digest()
