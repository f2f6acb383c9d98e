"""The block list: numbers that are left alone for a reason of ours. It says nothing about what they agreed to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django_scopes import scope

from accounts.keys import keyed_index, opt_out_hash
from accounts.models import Workspace
from audience.models import Block, ConsentAct, Contact, Purpose
from audience.phone import NotAMobile, canonical, mask, parse_mobile
from audience.queries import blocks_of, contact_of, former_holders
from audience.services.ledger import write_row

Kind = Block.Kind
CHUNK = 500
# The source of a hold because of what was said from a number that the person had before.
FORMER_NUMBER = "former number"


@dataclass(frozen=True)
class Blocked:
    """What became of a pasted list: numbers blocked now, numbers that were already, and lines that are no number."""

    added: int
    known: int
    refused: list[str]


@transaction.atomic
def block_number(
    *, workspace: Workspace, phone: str, kind: str, source: str, now: datetime, bars_service: bool = False
) -> Block:
    """This number is written to no more; blocked twice for the same reason, it is one row: the stricter one."""
    number = canonical(phone, workspace.country)
    with scope(workspace=workspace):
        if known := blocks_of(number).filter(kind=kind).first():
            return _tighten(known, bars_service)
        block, _is_new = Block.objects.get_or_create(
            workspace=workspace,
            number_hash=opt_out_hash(number),
            kind=kind,
            defaults={
                "phone_hint": mask(number),
                "contact": contact_of(workspace=workspace, phone=number),
                "bars_service": bars_service,
                "source": source[:120],
                "blocked_at": now,
            },
        )
        return _tighten(block, bars_service)


def _tighten(block: Block, bars_service: bool) -> Block:
    if bars_service and not block.bars_service:
        block.bars_service = True
        block.save(update_fields=["bars_service"])
    return block


def block_other_number(*, contact: Contact, phone: str) -> None:
    """What bars a person bars their other number; an invalid number says nothing about the other."""
    for block in Block.objects.filter(contact=contact).exclude(kind=Kind.INVALID):
        block_number(
            workspace=contact.workspace,
            phone=phone,
            kind=block.kind,
            source=block.source,
            now=block.blocked_at,
            bars_service=block.bars_service,
        )


def block_numbers(
    *, workspace: Workspace, lines: Iterable[str], source: str, now: datetime, bars_service: bool = False
) -> Blocked:
    """A list of numbers, one a line: what is no mobile number is answered by its line, and the rest is blocked."""
    numbers, refused = _read(lines, workspace.country)
    added = 0
    with scope(workspace=workspace):
        for start in range(0, len(numbers), CHUNK):
            added += _block_some(workspace, numbers[start : start + CHUNK], source, now, bars_service)
    return Blocked(added, len(numbers) - added, refused)


def _read(lines: Iterable[str], country: str) -> tuple[list[str], list[str]]:
    numbers: dict[str, None] = {}
    refused = []
    for line in filter(None, (line.strip(" \t\r\n;,\"'\ufeff") for line in lines)):
        try:
            numbers[parse_mobile(line, country).e164] = None
        except NotAMobile:
            refused.append(line[:40])
    return list(numbers), refused


@transaction.atomic
def _block_some(workspace: Workspace, numbers: list[str], source: str, now: datetime, bars_service: bool) -> int:
    imported = blocks_of(*numbers).filter(kind=Kind.IMPORTED)
    known = {bytes(digest) for digest in imported.values_list("number_hash", flat=True)}
    if bars_service:
        imported.update(bars_service=True)
    indexes = {keyed_index(number): number for number in numbers}
    found = Contact.objects.filter(phone_index__in=list(indexes)).values_list("phone_index", "pk")
    contacts = {indexes[bytes(index)]: key for index, key in found}
    rows = [
        Block(
            workspace=workspace,
            number_hash=opt_out_hash(number),
            phone_hint=mask(number),
            contact_id=contacts.get(number),
            kind=Kind.IMPORTED,
            bars_service=bars_service,
            source=source[:120],
            blocked_at=now,
        )
        for number in numbers
        if opt_out_hash(number) not in known
    ]
    return len(Block.objects.bulk_create(rows, ignore_conflicts=True))


@transaction.atomic
def lift_block(*, block: Block, now: datetime) -> None:
    """The number may be written to again as far as we are concerned; its own opposition stays."""
    if block.kind == Kind.HOLD and block.contact:
        release_marketing(workspace=block.workspace, phone=block.contact.phone, source="block list", now=now)
    Block.objects.filter(pk=block.pk).delete()


@transaction.atomic
def hold_marketing(
    *, workspace: Workspace, phone: str, source: str, now: datetime, evidence: Mapping[str, Any] | None = None
) -> None:
    """A wish to stop may be in what they wrote: no marketing until `release_marketing` or an opt-out."""
    block_number(workspace=workspace, phone=phone, kind=Kind.HOLD, source=source, now=now)
    _note(workspace, phone, ConsentAct.HELD, source, now, evidence)


@transaction.atomic
def hold_former_holders(
    *, workspace: Workspace, phone: str, now: datetime, evidence: Mapping[str, Any] | None = None
) -> int:
    """A stop came from a number that somebody had until lately, and may still be theirs: no marketing to them either,
    until a person has decided. How many are held.
    """
    with scope(workspace=workspace):
        holders = list(former_holders(workspace=workspace, phone=phone).select_for_update(no_key=True))
        for contact in holders:
            hold_marketing(workspace=workspace, phone=contact.phone, source=FORMER_NUMBER, now=now, evidence=evidence)
    return len(holders)


@transaction.atomic
def release_marketing(*, workspace: Workspace, phone: str, source: str, now: datetime) -> bool:
    """A person has read what was held, and it is settled. Whether anything was held."""
    number = canonical(phone, workspace.country)
    with scope(workspace=workspace):
        held = Q(pk__in=blocks_of(number)) | Q(contact__isnull=False, contact__phone_index=keyed_index(number))
        was_held, _counts = Block.objects.filter(held, kind=Kind.HOLD).delete()
    if was_held:
        _note(workspace, number, ConsentAct.RELEASED, source, now, None)
    return bool(was_held)


def _note(
    workspace: Workspace, phone: str, act: str, source: str, now: datetime, evidence: Mapping[str, Any] | None
) -> None:
    number = canonical(phone, workspace.country)
    with scope(workspace=workspace):
        write_row(
            workspace=workspace,
            phone=number,
            contact=contact_of(workspace=workspace, phone=number),
            purpose=Purpose.MARKETING,
            act=act,
            source=source,
            occurred_at=now,
            now=now,
            evidence=evidence,
        )
