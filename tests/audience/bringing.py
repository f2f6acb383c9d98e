"""A file on its way into the contacts, with everything that can be decided about it."""

from datetime import timedelta

from audience.models import ContactImport, ContactList
from audience.services.imports import keep_file, launch_import, run_import
from tests.factories import TUESDAY

# What the whole file is proven by.
PROVEN = {
    "grants": True,
    "consent_source": "paper card at the till",
    "consent_wording": "I agree to receive offers by SMS.",
    "consent_at": TUESDAY - timedelta(days=30),
    "collected_by": "Lucie",
    "attested": True,
}


def launch(workspace, content, *, file_name="customers.csv", into="Customers", now=TUESDAY, **decided):
    """A running import that no worker has begun with, in the workspace's scope."""
    content = content.encode() if isinstance(content, str) else content
    contact_import = keep_file(workspace=workspace, file_name=file_name, content=content, now=now)
    contact_import.contact_list, _ = ContactList.objects.get_or_create(workspace=workspace, name=into)
    for name, value in decided.items():
        setattr(contact_import, name, value)
    return launch_import(contact_import=contact_import, now=now)


def bring(workspace, content, *, now=TUESDAY, **decided) -> ContactImport:
    """The same, brought in."""
    return run_import(contact_import=launch(workspace, content, now=now, **decided), now=now)
