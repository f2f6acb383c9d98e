"""What audience itself knows of a contact: facts, lists, tags, the ledger."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from wagtail.models import ModelLogEntry

from audience.models import (
    OPTIONAL_FIELDS,
    AuditEntry,
    Block,
    Consent,
    ConsentAct,
    ConsentEvidence,
    Contact,
    ContactDate,
    FormerNumber,
    Frequency,
    ListMembership,
    OptOut,
    Preference,
    Tagging,
    TopicRefusal,
)
from audience.registry import (
    Entry,
    no_trace,
    register_erasure,
    register_export,
    register_merge,
    register_timeline,
)
from audience.services.blocks import block_other_number
from audience.services.dates import keep_dates

LATEST = 100
ENDS = (ConsentAct.WITHDRAWN, ConsentAct.LAPSED)


def register() -> None:
    register_timeline("audience", timeline)
    register_export("contact", export_facts)
    register_export("consents", export_ledger)
    register_export("preferences", export_preferences)
    register_erasure(ListMembership, erase_memberships)
    register_erasure(Tagging, erase_tags)
    register_erasure(Consent, erase_evidence)
    no_trace(OptOut)
    register_erasure(AuditEntry, erase_admin_log)
    register_erasure(FormerNumber, erase_numbers)
    register_merge(FormerNumber, merge_numbers)
    register_merge(ListMembership, merge_memberships)
    register_merge(Tagging, merge_tags)
    register_merge(Consent, merge_ledgers)
    register_merge(OptOut, leave_with_number)
    no_trace(Block)
    register_merge(Block, block_both_numbers)
    register_erasure(Preference, erase_preferences)
    register_erasure(TopicRefusal, erase_preferences)
    register_merge(Preference, merge_preferences)
    register_merge(TopicRefusal, merge_refused_topics)
    register_merge(AuditEntry, merge_logs)
    register_erasure(ContactDate, erase_dates)
    register_merge(ContactDate, merge_dates)


def timeline(contact: Contact) -> Iterator[Entry]:
    yield Entry(contact.created_at, "plus", _("Added"), contact.source)
    for consent in contact.consents.order_by("-occurred_at", "-pk")[:LATEST]:
        icon = "cross" if consent.act in ENDS else "check"
        words = {"purpose": consent.get_purpose_display(), "act": consent.get_act_display()}
        title = _("%(purpose)s: %(act)s") % words
        yield Entry(consent.occurred_at, icon, title, consent.source)


def export_facts(contact: Contact) -> dict[str, Any]:
    return {
        "mobile_number": contact.phone,
        "former_numbers": [each.phone for each in contact.former_numbers.order_by("left_at")],
        **{name: getattr(contact, name) or None for name in OPTIONAL_FIELDS},
        "territory": contact.territory,
        "time_zone": contact.time_zone,
        "attributes": contact.attributes,
        "tags": [tag.name for tag in contact.tags.order_by("name")],
        "lists": [each.name for each in contact.lists.order_by("name")],
        "source": contact.source,
        "added": contact.created_at,
        "last_active": contact.last_active_at,
    }


def export_ledger(contact: Contact) -> list[dict[str, Any]]:
    rows = contact.consents.select_related("evidence").order_by("occurred_at", "pk")
    return [_ledger_row(consent) for consent in rows]


def _ledger_row(consent: Consent) -> dict[str, Any]:
    evidence = getattr(consent, "evidence", None)
    return {
        "purpose": consent.purpose,
        "channel": consent.channel,
        "act": consent.act,
        "legal_basis": consent.legal_basis,
        "source": consent.source,
        "wording": consent.wording,
        "collected_by": consent.collected_by,
        "given": consent.occurred_at,
        "recorded": consent.recorded_at,
        "evidence": evidence.content if evidence else None,
    }


def export_preferences(contact: Contact) -> dict[str, Any]:
    wish = Preference.objects.filter(contact=contact).first()
    refused = contact.refused_topics.select_related("topic").order_by("topic__name")
    opposed, barred = contact.opt_outs.order_by("opted_out_at"), contact.blocks.order_by("blocked_at")
    return {
        "frequency": wish.frequency if wish else None,
        "refused_topics": [each.topic.name for each in refused],
        "oppositions": [{"scope": row.scope, "source": row.source, "since": row.opted_out_at} for row in opposed],
        "blocks": [{"kind": row.kind, "source": row.source, "since": row.blocked_at} for row in barred],
    }


def erase_memberships(*, contact: Contact, now: datetime) -> None:
    ListMembership.objects.filter(contact=contact).delete()


def erase_numbers(*, contact: Contact, now: datetime) -> None:
    FormerNumber.objects.filter(contact=contact).delete()


def erase_tags(*, contact: Contact, now: datetime) -> None:
    Tagging.objects.filter(contact=contact).delete()


def erase_evidence(*, contact: Contact, now: datetime) -> None:
    """The rows of the ledger stay, under the keyed hash of the number."""
    ConsentEvidence.objects.filter(consent__contact=contact).delete()


def erase_admin_log(*, contact: Contact, now: datetime) -> None:
    """Our own audit log names nobody; Wagtail's log of edits keeps the name as a label."""
    ModelLogEntry.objects.for_instance(contact).delete()


def merge_ledgers(*, kept: Contact, gone: Contact) -> None:
    """The history comes along; `services.merging` says what of it counts. What ended for one number did so for it."""
    theirs = Consent.objects.filter(contact=gone)
    theirs.filter(act=ConsentAct.LAPSED).update(contact=None)
    theirs.update(contact=kept)


def merge_memberships(*, kept: Contact, gone: Contact) -> None:
    here = ListMembership.objects.filter(contact=kept).values("contact_list")
    ListMembership.objects.filter(contact=gone).exclude(contact_list__in=here).update(contact=kept)


def merge_numbers(*, kept: Contact, gone: Contact) -> None:
    """All that both had before; `services.merging` adds the number that goes."""
    here = list(FormerNumber.objects.filter(contact=kept).values_list("phone_index", flat=True))
    FormerNumber.objects.filter(contact=gone).exclude(phone_index__in=here).update(contact=kept)


def merge_tags(*, kept: Contact, gone: Contact) -> None:
    here = Tagging.objects.filter(contact=kept).values("tag")
    Tagging.objects.filter(contact=gone).exclude(tag__in=here).update(contact=kept)


def leave_with_number(*, kept: Contact, gone: Contact) -> None:
    """An opposition belongs to its number. `services.merging` writes one for the other number as well."""


def block_both_numbers(*, kept: Contact, gone: Contact) -> None:
    block_other_number(contact=gone, phone=kept.phone)
    block_other_number(contact=kept, phone=gone.phone)


def merge_logs(*, kept: Contact, gone: Contact) -> None:
    """Wagtail's log keeps names: an erasure of whoever is kept has to find those of both."""
    AuditEntry.objects.filter(contact=gone).update(contact=kept)
    ModelLogEntry.objects.for_instance(gone).update(object_id=str(kept.pk))


def erase_dates(*, contact: Contact, now: datetime) -> None:
    ContactDate.objects.filter(contact=contact).delete()


def merge_dates(*, kept: Contact, gone: Contact) -> None:
    """As the attributes say, which are those of both by now."""
    ContactDate.objects.filter(contact=gone).delete()
    keep_dates(workspace=kept.workspace, contacts=[kept.pk])


def erase_preferences(*, contact: Contact, now: datetime) -> None:
    Preference.objects.filter(contact=contact).delete()
    TopicRefusal.objects.filter(contact=contact).delete()


def merge_preferences(*, kept: Contact, gone: Contact) -> None:
    """The rarer wish stays."""
    wishes = Preference.objects.filter(contact__in=[kept, gone])
    rarest = max(wishes, key=lambda wish: Frequency(wish.frequency).days, default=None)
    if rarest:
        wishes.exclude(pk=rarest.pk).delete()
        wishes.update(contact=kept)


def merge_refused_topics(*, kept: Contact, gone: Contact) -> None:
    here = TopicRefusal.objects.filter(contact=kept).values("topic")
    TopicRefusal.objects.filter(contact=gone).exclude(topic__in=here).update(contact=kept)
