from accounts.admin import WorkspaceForm
from audience.models import ContactList


class ContactListForm(WorkspaceForm):
    class Meta:
        model = ContactList
        fields = ["name"]
