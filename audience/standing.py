"""What people said, as conditions on contacts: fit for counting a whole base, where `with_standing` asks for each."""

from django.db.models import Exists, OuterRef, Q

from accounts.models import TrackingMode, Workspace
from audience.models import Block, Consent, ConsentAct, OptOut, Purpose

YES = (ConsentAct.GRANTED, ConsentAct.CONFIRMED)


def said_no(scope: str) -> Q:
    """Opposed to messages of this scope."""
    return Q(Exists(OptOut.objects.filter(contact=OuterRef("pk"), scope=scope)))


def is_blocked(*kinds: str) -> Q:
    """On the block list, or held until somebody has read what they wrote: for whatever reason, or one of these."""
    blocks = Block.objects.filter(contact=OuterRef("pk"))
    return Q(Exists(blocks.filter(kind__in=kinds) if kinds else blocks))


def says_yes(purpose: str) -> Q:
    """The last word on this purpose is a yes. For marketing each contact knows it: a million are counted at once."""
    return Q(has_agreed=True) if purpose == Purpose.MARKETING else ledger_says_yes(purpose)


def is_miscounted() -> Q:
    """`Contact.has_agreed` is not what the ledger says."""
    said = ledger_says_yes(Purpose.MARKETING)
    return (Q(has_agreed=False) & said) | (Q(has_agreed=True) & ~said)


def ledger_says_yes(purpose: str) -> Q:
    """There is a yes, and none of what ends it has followed the last."""
    agreed = Consent.objects.filter(contact=OuterRef("pk"), purpose=purpose, act__in=YES)
    return Q(Exists(agreed)) & ~_ended(purpose, ConsentAct.WITHDRAWN, ConsentAct.LAPSED)


def is_followed(workspace: Workspace) -> Q:
    """Whose clicks may be looked at, as `queries.may_follow` says it of one person."""
    if workspace.tracking_mode == TrackingMode.AGGREGATE:
        return Q(pk__in=[])
    if workspace.tracking_mode == TrackingMode.WITH_CONSENT:
        return says_yes(Purpose.TRACKING)
    return ~_ended(Purpose.TRACKING, ConsentAct.WITHDRAWN)


def _ended(purpose: str, *acts: str) -> Q:
    """No yes has followed one of these acts. They are few: a database begins with them."""
    said = Consent.objects.filter(purpose=purpose)
    later = Q(occurred_at__gt=OuterRef("occurred_at")) | Q(occurred_at=OuterRef("occurred_at"), pk__gt=OuterRef("pk"))
    yes_after = said.filter(later, contact=OuterRef("contact"), act__in=YES)
    return Q(Exists(said.filter(~Exists(yes_after), contact=OuterRef("pk"), act__in=acts)))
