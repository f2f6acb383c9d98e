"""Two contacts that are one person become one; the stricter word on consent wins."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.functional import Promise

from accounts.models import User
from audience import registry
from audience.attributes import show_value
from audience.models import (
    LAST_WORDS,
    OPTIONAL_FIELDS,
    Attribute,
    AuditEntry,
    ConsentAct,
    Contact,
    OptOut,
    OptOutScope,
    Purpose,
)
from audience.queries import YES, has_consent, opt_outs_of
from audience.services.audit import note
from audience.services.consents import withdraw_consent
from audience.services.ledger import count_anew, write_row
from audience.services.numbers import remember_number
from audience.services.opt_outs import record_opt_out

# The source of ledger rows that a merge writes: nobody said no because of a message.
SOURCE = "merge"
ATTRIBUTE = "attributes."
# Service messages need no consent.
CONSENTED = (Purpose.MARKETING, Purpose.TRACKING)


class SameContact(Exception):
    """A contact can't be merged with itself."""


class OtherWorkspace(Exception):
    """Both contacts belong to one workspace."""


@dataclass(frozen=True)
class Difference:
    """A fact that both have, and have differently; `name` is a field or `attributes.slug`."""

    name: str
    label: str | Promise
    kept: str
    gone: str


def differences(kept: Contact, gone: Contact) -> list[Difference]:
    """What somebody has to choose between. What only one of them has is kept anyway."""
    facts = [
        Difference(name, Contact._meta.get_field(name).verbose_name, _shown(kept, name), _shown(gone, name))  # type: ignore[union-attr]
        for name in OPTIONAL_FIELDS
    ]
    own = [
        Difference(
            ATTRIBUTE + attribute.slug,
            attribute.label,
            *(show_value(attribute, contact.attributes.get(attribute.slug)) for contact in (kept, gone)),
        )
        for attribute in Attribute.objects.order_by("pk")
    ]
    return [each for each in facts + own if each.kept and each.gone and each.kept != each.gone]


def _shown(contact: Contact, name: str) -> str:
    display = getattr(contact, f"get_{name}_display", None)
    return str(display() if display else getattr(contact, name) or "")


@transaction.atomic
def merge_contacts(
    *, kept: Contact, gone: Contact, by: User | None, now: datetime, from_gone: Collection[str] = ()
) -> Contact:
    """`kept` with all that `gone` had; `from_gone` names the differing facts that are taken from it.

    A no of either of them is a no of both numbers, for good; a yes counts for the number it was given with.
    Raises SameContact, OtherWorkspace.
    """
    if kept.pk == gone.pk:
        raise SameContact
    if kept.workspace_id != gone.workspace_id:
        raise OtherWorkspace
    kept, gone = _locked(kept, gone)
    refused = {purpose for contact in (kept, gone) for purpose in refusals_of(contact)}
    agreed = agreements_of(kept)
    _take_facts(kept, gone, from_gone)
    for merge in registry.merges.values():
        merge(kept=kept, gone=gone)
    count_anew([kept.pk])
    _say_no(kept, gone, refused, now)
    _leave_with_number(kept, agreed, now)
    remember_number(contact=kept, phone=gone.phone, now=now)
    note(action=AuditEntry.Action.MERGED, by=by, now=now, contact=kept)
    gone.delete()
    return kept


def _locked(kept: Contact, gone: Contact) -> tuple[Contact, Contact]:
    rows = {row.pk: row for row in Contact.objects.filter(pk__in=[kept.pk, gone.pk]).order_by("pk").select_for_update()}
    return rows[kept.pk], rows[gone.pk]


def refusals_of(contact: Contact) -> set[str]:
    """Purposes that this contact, or its number, last said no to."""
    scopes = OptOut.objects.filter(contact=contact) | opt_outs_of(contact.phone)
    words = contact.consents.filter(act__in=LAST_WORDS)
    last_words = dict(words.order_by("occurred_at", "pk").values_list("purpose", "act"))
    withdrawn = {purpose for purpose, act in last_words.items() if act == ConsentAct.WITHDRAWN}
    return withdrawn | set(scopes.values_list("scope", flat=True))


def agreements_of(contact: Contact) -> set[str]:
    """Purposes that this contact's last word says yes to."""
    return {purpose for purpose in CONSENTED if has_consent(contact=contact, purpose=purpose)}


def _leave_with_number(kept: Contact, agreed: Collection[str], now: datetime) -> None:
    """A yes that the kept number has not given itself is none.

    The row is dated like that yes, so that a later one of the number's own counts.
    """
    for purpose in sorted(agreements_of(kept) - set(agreed)):
        yes = kept.consents.filter(purpose=purpose, act__in=YES).latest("occurred_at", "pk")
        write_row(
            workspace=kept.workspace,
            phone=kept.phone,
            contact=kept,
            purpose=purpose,
            act=ConsentAct.LAPSED,
            source=SOURCE,
            occurred_at=yes.occurred_at,
            now=now,
        )


def _say_no(kept: Contact, gone: Contact, refused: Iterable[str], now: datetime) -> None:
    scopes = set(OptOut.objects.filter(contact__in=[kept, gone]).values_list("scope", flat=True))
    scopes |= set(opt_outs_of(kept.phone).values_list("scope", flat=True))
    scopes |= set(opt_outs_of(gone.phone).values_list("scope", flat=True))
    for scope in sorted(scopes & set(OptOutScope.values)):
        for phone in (kept.phone, gone.phone):
            record_opt_out(workspace=kept.workspace, phone=phone, scope=scope, source=SOURCE, now=now)
    for purpose in sorted(set(refused) & set(Purpose.values)):
        if has_consent(contact=kept, purpose=purpose):
            withdraw_consent(workspace=kept.workspace, contact=kept, purpose=purpose, source=SOURCE, now=now)


def _take_facts(kept: Contact, gone: Contact, from_gone: Collection[str]) -> None:
    for name in OPTIONAL_FIELDS:
        if name in from_gone or not getattr(kept, name):
            setattr(kept, name, getattr(gone, name) or getattr(kept, name))
    kept.attributes = _attributes(kept, gone, from_gone)
    kept.created_at = min(kept.created_at, gone.created_at)
    kept.last_active_at = max(filter(None, (kept.last_active_at, gone.last_active_at)), default=None)
    kept.save()


def _attributes(kept: Contact, gone: Contact, from_gone: Collection[str]) -> dict[str, Any]:
    chosen = {slug: value for slug, value in gone.attributes.items() if ATTRIBUTE + slug in from_gone}
    return {**gone.attributes, **kept.attributes, **chosen}
