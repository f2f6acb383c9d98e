"""What is known of many numbers at once: their contacts, their oppositions, their last word. Constant in queries."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from accounts.keys import keyed_indexes, opt_out_hashes_of
from audience.models import LAST_WORDS, Block, Consent, ConsentAct, Contact, OptOut, OptOutScope, Purpose

# What comes back with the number, when its contact does.
NO = (ConsentAct.WITHDRAWN, ConsentAct.HELD, ConsentAct.RELEASED)


@dataclass
class Known:
    """Everything is by E.164 number. `indexes` and `hashes` are of every number that was asked for."""

    indexes: dict[str, bytes]
    # Under every opt-out key, the current one first.
    hashes: dict[str, list[bytes]]
    contacts: dict[str, Contact] = field(default_factory=dict)
    opposed_at: dict[str, datetime] = field(default_factory=dict)
    # A no, or a block, of somebody who was no contact when it was written.
    unclaimed: set[str] = field(default_factory=set)
    # Who has said themselves yes, or no, to marketing: an import never overrules that.
    has_spoken: set[str] = field(default_factory=set)

    def may_grant(self, number: str) -> bool:
        return number not in self.opposed_at and number not in self.has_spoken


def look_up(numbers: Sequence[str]) -> Known:
    """Four queries, in the scope of a workspace."""
    known = Known(
        dict(zip(numbers, keyed_indexes(numbers), strict=True)),
        dict(zip(numbers, opt_out_hashes_of(numbers), strict=True)),
    )
    by_index = {index: number for number, index in known.indexes.items()}
    for contact in Contact.objects.filter(phone_index__in=by_index.keys()).defer("phone"):
        known.contacts[by_index[bytes(contact.phone_index)]] = contact
    by_hash = {hashed: number for number, hashes in known.hashes.items() for hashed in hashes}
    _add_oppositions(known, by_hash)
    _add_ledger(known, by_hash)
    return known


def late_oppositions(numbers: Sequence[str]) -> set[str]:
    """Who of them has an opposition that knows of no contact. One query."""
    by_hash = {
        hashed: number for number, hashes in zip(numbers, opt_out_hashes_of(numbers), strict=True) for hashed in hashes
    }
    rows = OptOut.objects.filter(number_hash__in=by_hash.keys(), contact=None).values_list("number_hash", flat=True)
    return {by_hash[bytes(hashed)] for hashed in rows}


def _add_oppositions(known: Known, by_hash: dict[bytes, str]) -> None:
    rows = OptOut.objects.filter(number_hash__in=by_hash.keys())
    for hashed, scope, since, contact in rows.values_list("number_hash", "scope", "opted_out_at", "contact"):
        number = by_hash[bytes(hashed)]
        if scope == OptOutScope.MARKETING:
            known.opposed_at[number] = since
        if contact is None:
            known.unclaimed.add(number)
    blocks = Block.objects.filter(number_hash__in=by_hash.keys(), contact=None)
    known.unclaimed |= {by_hash[bytes(hashed)] for hashed in blocks.values_list("number_hash", flat=True)}


def _add_ledger(known: Known, by_hash: dict[bytes, str]) -> None:
    """The last word counts; a yes of somebody whose contact is gone has gone with it, a no has not."""
    rows = Consent.objects.filter(number_hash__in=by_hash.keys()).order_by("occurred_at", "pk")
    last: dict[str, tuple[str, int | None]] = {}
    for hashed, purpose, act, contact in rows.values_list("number_hash", "purpose", "act", "contact"):
        number = by_hash[bytes(hashed)]
        if contact is None and act in NO:
            known.unclaimed.add(number)
        if purpose == Purpose.MARKETING and act in LAST_WORDS:
            last[number] = (act, contact)
    known.has_spoken = {
        number for number, (act, contact) in last.items() if act == ConsentAct.WITHDRAWN or contact is not None
    }
