"""What is known of many numbers at once: their contacts, their oppositions, their last word. Constant in queries."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.db.models import Model

from accounts.keys import keyed_indexes, opt_out_hashes_of
from accounts.models import Workspace
from audience.bulk import rows_with
from audience.models import LAST_WORDS, Block, Consent, ConsentAct, Contact, OptOut, OptOutScope, Purpose

# What comes back with the number, when its contact does.
NO = (ConsentAct.WITHDRAWN, ConsentAct.HELD, ConsentAct.RELEASED)
# What a merge has left with another number, this one has never said.
SAID = frozenset(LAST_WORDS) - {ConsentAct.LAPSED}


@dataclass
class Known:
    """Everything is by E.164 number. `indexes` and `hashes` are of every number that was asked for."""

    indexes: dict[str, bytes]
    # Under every opt-out key, the current one first.
    hashes: dict[str, list[bytes]]
    by_hash: dict[bytes, str]
    contacts: dict[str, Contact] = field(default_factory=dict)
    opposed_at: dict[str, datetime] = field(default_factory=dict)
    # A no, or a block, of somebody who was no contact when it was written.
    unclaimed: set[str] = field(default_factory=set)
    # Who has said themselves yes, or no, to marketing: an import never overrules that.
    has_spoken: set[str] = field(default_factory=set)

    def may_grant(self, number: str) -> bool:
        return number not in self.opposed_at and number not in self.has_spoken


def look_up(workspace: Workspace, numbers: Sequence[str]) -> Known:
    """Four queries and one for those who are known, in the scope of the workspace."""
    hashes = dict(zip(numbers, opt_out_hashes_of(numbers), strict=True))
    known = Known(
        indexes=dict(zip(numbers, keyed_indexes(numbers), strict=True)),
        hashes=hashes,
        by_hash={hashed: number for number, digests in hashes.items() for hashed in digests},
    )
    _add_contacts(known, workspace)
    _add_oppositions(known, workspace, known.by_hash)
    _add_ledger(known, workspace, known.by_hash)
    return known


def late_oppositions(workspace: Workspace, by_hash: dict[bytes, str]) -> set[str]:
    """Which of these numbers, given by their hashes, has an opposition that knows of no contact. One query."""
    return {
        by_hash[bytes(hashed)]
        for hashed, contact in _rows(workspace, OptOut, by_hash, "number_hash", "contact_id")
        if contact is None
    }


def _rows(workspace: Workspace, model: type[Model], by_hash: dict[bytes, str], *names: str) -> list[tuple[Any, ...]]:
    return rows_with(workspace_id=workspace.pk, model=model, column="number_hash", digests=list(by_hash), names=names)


def _add_contacts(known: Known, workspace: Workspace) -> None:
    by_index = {index: number for number, index in known.indexes.items()}
    found = rows_with(
        workspace_id=workspace.pk, model=Contact, column="phone_index", digests=list(by_index),
        names=("id", "phone_index"),
    )  # fmt: skip
    contacts = Contact.objects.defer("phone").in_bulk([pk for pk, _index in found]) if found else {}
    known.contacts = {by_index[bytes(index)]: contacts[pk] for pk, index in found if pk in contacts}


def _add_oppositions(known: Known, workspace: Workspace, by_hash: dict[bytes, str]) -> None:
    names = ("number_hash", "scope", "opted_out_at", "contact_id")
    for hashed, scope, since, contact in _rows(workspace, OptOut, by_hash, *names):
        number = by_hash[bytes(hashed)]
        if scope == OptOutScope.MARKETING:
            known.opposed_at[number] = _moment(since)
        if contact is None:
            known.unclaimed.add(number)
    for hashed, contact in _rows(workspace, Block, by_hash, "number_hash", "contact_id"):
        if contact is None:
            known.unclaimed.add(by_hash[bytes(hashed)])


def _moment(stored: Any) -> datetime:
    """SQLite keeps moments as text, in UTC."""
    if isinstance(stored, datetime):
        return stored
    return datetime.fromisoformat(stored).replace(tzinfo=UTC)


def _add_ledger(known: Known, workspace: Workspace, by_hash: dict[bytes, str]) -> None:
    """The last word counts; a yes of somebody whose contact is gone has gone with it, a no has not."""
    names = ("occurred_at", "id", "number_hash", "purpose", "act", "contact_id")
    last: dict[str, tuple[str, int | None]] = {}
    for _at, _id, hashed, purpose, act, contact in sorted(
        _rows(workspace, Consent, by_hash, *names), key=lambda row: row[:2]
    ):
        number = by_hash[bytes(hashed)]
        if contact is None and act in NO:
            known.unclaimed.add(number)
        if purpose == Purpose.MARKETING and act in SAID:
            last[number] = (act, contact)
    known.has_spoken = {
        number for number, (act, contact) in last.items() if act == ConsentAct.WITHDRAWN or contact is not None
    }
