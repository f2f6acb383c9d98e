"""What campaigns know of a contact: what automations decided about them."""

from datetime import datetime
from typing import Any

from audience.models import Contact
from audience.registry import (
    follows,
    no_trace,
    register_erasure,
    register_export,
    register_merge,
    register_refusal,
    register_timeline,
)
from campaigns.log import timeline
from campaigns.models import Credit, Decision, Occasion
from campaigns.services.crediting import note_merge, note_refusal


def register() -> None:
    register_timeline("automations", timeline)
    register_export("automations", export_decisions)
    no_trace(Decision)
    follows(Decision)
    register_erasure(Occasion, erase_occasions)
    register_merge(Occasion, merge_occasions)
    register_merge(Credit, note_merge)
    register_refusal(note_refusal)


def export_decisions(contact: Contact) -> list[dict[str, Any]]:
    decisions = contact.decisions.select_related("automation").order_by("decided_at", "pk")
    return [
        {
            "automation": decision.automation.name,
            "outcome": decision.outcome,
            "at": decision.decided_at,
            "answer": decision.answer,
        }
        for decision in decisions
    ]


def erase_occasions(*, contact: Contact, now: datetime) -> None:
    """That something was decided stays; when and what it was about goes, with the words it came with."""
    for occasion in contact.occasions.all():
        occasion.name, occasion.values, occasion.key = "", {}, f"erased:{occasion.pk}"
        occasion.save(update_fields=["name", "values", "key"])


def merge_occasions(*, kept: Contact, gone: Contact) -> None:
    """They go over; a date that both had is one, so that nobody is reminded of it twice."""
    here = set(kept.occasions.values_list("key", flat=True))
    for occasion in gone.occasions.all():
        is_date = occasion.kind == Occasion.Kind.DATE
        key = Occasion.key_of_date(occasion.attribute_id, kept.pk, occasion.name) if is_date else occasion.key
        occasion.contact, occasion.key = kept, occasion.key if key in here else key
        occasion.save(update_fields=["contact", "key"])
