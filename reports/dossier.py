"""What reports must not forget when a contact is erased: which messages an opt-out was charged to."""

from datetime import datetime

from audience.models import Contact
from audience.registry import register_erasure
from reports.models import ChargedOptOut
from reports.queries import OPTED_OUT, marks


def register() -> None:
    register_erasure(ChargedOptOut, keep_opt_outs)


def keep_opt_outs(*, contact: Contact, now: datetime) -> None:
    charged = contact.messages.alias(**marks()).filter(OPTED_OUT, charged_opt_out=None)
    ChargedOptOut.objects.bulk_create(
        ChargedOptOut(workspace_id=message.workspace_id, message=message) for message in charged
    )
