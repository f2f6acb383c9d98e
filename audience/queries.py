"""Reads of audience that other rooms share."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, Subquery, Value, When
from django_scopes import scope as workspace_scope

from accounts.keys import keyed_index, opt_out_hashes
from accounts.models import TrackingMode, Workspace
from accounts.queries import current_workspace
from audience.lifecycle import is_in
from audience.models import (
    LAST_WORDS,
    AudienceSettings,
    Block,
    Consent,
    ConsentAct,
    Contact,
    FormerNumber,
    OptOut,
    OptOutScope,
    Purpose,
)
from audience.phone import NotAMobile, canonical, parse_mobile
from audience.segments.reading import segment_contacts
from audience.standing import YES, is_blocked, said_no, says_yes

__all__ = ["YES", "segment_contacts"]


@dataclass(frozen=True)
class Reach:
    """Who of a list can be written to; the parts add up to the total."""

    total: int
    reachable: int
    opted_out: int
    without_proof: int
    blocked: int = 0


def settings_of(workspace: Workspace) -> AudienceSettings:
    """How the workspace keeps its contacts; the defaults, unsaved, as long as nobody has changed them."""
    with workspace_scope(workspace=workspace):
        return AudienceSettings.objects.first() or AudienceSettings(workspace=workspace)


def contact_of(*, workspace: Workspace, phone: str, is_locked: bool = False) -> Contact | None:
    """The contact with this number; locked, it keeps that number until the transaction ends."""
    number = canonical(phone, workspace.country)
    with workspace_scope(workspace=workspace):
        contacts = Contact.objects.filter(phone_index=keyed_index(number))
        return (contacts.select_for_update(no_key=True) if is_locked else contacts).first()


def former_holders(*, workspace: Workspace, phone: str) -> QuerySet[Contact]:
    """Who had this number until lately, and has another one now."""
    number = canonical(phone, workspace.country)
    with workspace_scope(workspace=workspace):
        had_it = FormerNumber.objects.filter(phone_index=keyed_index(number))
        return Contact.objects.filter(pk__in=had_it.values("contact")).order_by("pk")


def is_opted_out(*, workspace: Workspace, phone: str, scope: str) -> bool:
    """Whether this number ever said no to this scope."""
    number = canonical(phone, workspace.country)
    with workspace_scope(workspace=workspace):
        return opt_outs_of(number).filter(scope=scope).exists()


def opt_outs_of(number: str) -> QuerySet[OptOut]:
    """Oppositions of an E.164 number, under every key they may have been written with."""
    return OptOut.objects.filter(number_hash__in=opt_out_hashes(number))


def blocks_of(*numbers: str) -> QuerySet[Block]:
    """Blocks of E.164 numbers, under every key they may have been written with."""
    return Block.objects.filter(number_hash__in=[digest for number in numbers for digest in opt_out_hashes(number)])


def contacts_like(contacts: QuerySet[Contact], words: str) -> QuerySet[Contact]:
    """Those with this very number, or with each of these words in their name, e-mail or town."""
    try:
        number = parse_mobile(words, current_workspace().country).e164
    except NotAMobile:
        for word in words.split():
            contacts = contacts.filter(
                Q(first_name__icontains=word)
                | Q(last_name__icontains=word)
                | Q(email__icontains=word)
                | Q(city__icontains=word)
            )
        return contacts
    return contacts.filter(phone_index=keyed_index(number))


def has_consent(*, contact: Contact, purpose: str) -> bool:
    """Whether the latest word of the contact on this purpose is a yes."""
    return _ledger(contact.pk, purpose).values_list("act", flat=True).first() in YES


def may_follow(*, workspace: Workspace, contact: Contact) -> bool:
    """Whether the workspace may follow this person: their own last word on it, or else its tracking setting."""
    latest_act = _ledger(contact.pk, Purpose.TRACKING).values_list("act", flat=True).first()
    has_said_nothing = latest_act in {None, ConsentAct.LAPSED}
    by_default = workspace.tracking_mode == TrackingMode.INDIVIDUAL and has_said_nothing
    return workspace.tracking_mode != TrackingMode.AGGREGATE and (by_default or latest_act in YES)


def with_last_word(contacts: QuerySet[Contact]) -> QuerySet[Any]:
    """The contacts, each with `latest_act`: what they said last about marketing."""
    return contacts.annotate(latest_act=Subquery(_ledger(OuterRef("pk"), Purpose.MARKETING).values("act")[:1]))


def with_standing(contacts: QuerySet[Contact]) -> QuerySet[Any]:
    """The contacts, each with `said_no`, `is_blocked` and `latest_act`: their opposition, ours, and their last word."""
    return with_last_word(contacts).annotate(
        is_blocked=Exists(Block.objects.filter(contact=OuterRef("pk"))),
        said_no=Exists(OptOut.objects.filter(contact=OuterRef("pk"), scope=OptOutScope.MARKETING)),
    )


def in_lifecycle(contacts: QuerySet[Contact], state: str, now: datetime) -> QuerySet[Contact]:
    """Those who are new, active or dormant by the current workspace's days."""
    return contacts.filter(is_in(state, settings_of(current_workspace()), now))


def reachable_contacts(contacts: QuerySet[Contact], *, needs_consent: bool = True) -> QuerySet[Contact]:
    """Those of the contacts who may be written to as far as their own word goes."""
    willing = contacts.exclude(said_no(OptOutScope.MARKETING) | is_blocked())
    return willing.filter(says_yes(Purpose.MARKETING)) if needs_consent else willing


def reachable(contacts: QuerySet[Contact], *, needs_consent: bool = True) -> Reach:
    """How many of the contacts can be written to, and why the others can't. One query."""
    refuses = said_no(OptOutScope.MARKETING)
    silent = ~says_yes(Purpose.MARKETING) if needs_consent else Q(pk__in=[])
    standing = Case(
        When(refuses, then=Value(1)), When(silent, then=Value(2)), When(is_blocked(), then=Value(3)), default=Value(0)
    )
    counts = Counter(dict(contacts.order_by().values_list(standing).annotate(Count("pk"))))
    return Reach(counts.total(), counts[0], counts[1], counts[2], counts[3])


def _ledger(contact_pk: Any, purpose: str) -> QuerySet[Consent]:
    """A contact's yes and no to a purpose, the latest word first."""
    return Consent.objects.filter(contact=contact_pk, purpose=purpose, act__in=LAST_WORDS).order_by(
        "-occurred_at", "-pk"
    )
