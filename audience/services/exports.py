"""One person's data, as every room holds it: the right of access (GDPR, article 15) and to portability (article 20)."""

import json
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from accounts.models import User
from audience import registry
from audience.models import AuditEntry, Contact
from audience.services.audit import note


def export_person(*, contact: Contact, by: User | None, now: datetime, reason: str = "") -> dict[str, Any]:
    """All that is held about the person, by room; that it was taken stands in the audit log."""
    note(action=AuditEntry.Action.PERSON_EXPORTED, by=by, now=now, contact=contact, reason=reason)
    # Who it is comes first, whichever room was there first.
    names = sorted(registry.exports, key=["consents", "contact"].__contains__, reverse=True)
    rooms = {name: registry.exports[name](contact) for name in names}
    return {"exported": now.isoformat(), "controller": str(contact.workspace), **json.loads(as_json(rooms))}


def as_json(data: Any) -> str:
    """JSON that people can read too."""
    return json.dumps(data, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
