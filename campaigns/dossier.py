"""What campaigns know of a contact: what automations decided about them."""

from typing import Any

from audience.models import Contact
from audience.registry import follows, no_trace, register_export, register_timeline
from campaigns.log import timeline
from campaigns.models import Decision


def register() -> None:
    register_timeline("automations", timeline)
    register_export("automations", export_decisions)
    no_trace(Decision)
    follows(Decision)


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
