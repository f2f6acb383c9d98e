from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets import AdminDateInput

from accounts.admin import WorkspaceForm
from audience.csvfile import UnreadableFile, read_csv
from audience.models import ContactImport, ContactList
from audience.services import MissingProof
from audience.services.consents import check_proof
from audience.services.imports import Proof, start_import

MAX_UPLOAD_BYTES = 20 * 1024 * 1024


class ContactListForm(WorkspaceForm):
    class Meta:
        model = ContactList
        fields = ["name"]


class ImportForm(WorkspaceForm):
    """A file, the list it fills, and the proof of the consent these people gave (all of it, or none)."""

    instance: ContactImport
    file = forms.FileField(
        label=_("CSV file"),
        help_text=_("One line for each person; the first line names the columns: mobile, first name, last name…"),
    )
    new_list = forms.CharField(label=_("New list"), max_length=120, required=False)
    consent_on = forms.DateField(label=_("When they agreed"), required=False, widget=AdminDateInput)

    class Meta:
        model = ContactImport
        fields = ["contact_list", "consent_source", "consent_wording", "collected_by"]
        widgets = {"consent_wording": forms.Textarea(attrs={"rows": 3})}

    field_order = [
        "file",
        "contact_list",
        "new_list",
        "consent_source",
        "consent_on",
        "consent_wording",
        "collected_by",
    ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["contact_list"].required = False
        self.fields["contact_list"].label = _("Existing list")

    def clean_file(self) -> bytes:
        upload = self.cleaned_data["file"]
        if upload.size > MAX_UPLOAD_BYTES:
            raise forms.ValidationError(_("This file is larger than 20 MB: split it, and bring the parts one by one."))
        content = upload.read()
        try:
            read_csv(content, self.instance.workspace.country)
        except UnreadableFile as error:
            raise forms.ValidationError(str(error.reason)) from error
        self.file_name = upload.name
        return content

    def clean_new_list(self) -> str:
        name = self.cleaned_data["new_list"].strip()
        if name and ContactList.objects.filter(name=name).exists():
            raise forms.ValidationError(_("A list has this name: choose it above."))
        return name

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if bool(cleaned.get("contact_list")) == bool(cleaned.get("new_list")) and "new_list" not in self.errors:
            self.add_error("contact_list", _("Choose a list, or name a new one."))
        if proof := self.proof():
            try:
                check_proof(
                    source=proof.source, wording=proof.wording, occurred_at=proof.occurred_at, now=timezone.now()
                )
            except MissingProof as error:
                self.add_error(None, forms.ValidationError(error.args[0]))
                self.add_error(
                    None, _("Without the whole proof, leave all of it empty: people arrive without consent.")
                )
        return cleaned

    def proof(self) -> Proof | None:
        day = self.cleaned_data.get("consent_on")
        zone = ZoneInfo(self.instance.workspace.time_zone)
        proof = Proof(
            source=self.cleaned_data.get("consent_source", ""),
            wording=self.cleaned_data.get("consent_wording", ""),
            occurred_at=datetime.combine(day, time.min, zone) if day else None,
            collected_by=self.cleaned_data.get("collected_by", ""),
        )
        return proof if any([proof.source, proof.wording, proof.occurred_at, proof.collected_by]) else None

    def save(self, commit: bool = True) -> ContactImport:
        self.instance = start_import(
            workspace=self.instance.workspace,
            contact_list=self.cleaned_data["contact_list"],
            new_list=self.cleaned_data["new_list"],
            file_name=self.file_name,
            content=self.cleaned_data["file"],
            proof=self.proof(),
            now=timezone.now(),
        )
        return self.instance
