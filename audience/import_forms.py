"""An import's two forms: the file, then everything that is decided about it."""

from collections.abc import Collection, Sequence
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.admin import WorkspaceForm
from audience.columns import PHONE, TAG
from audience.dates import DayInput
from audience.judging import Proof
from audience.models import ContactImport, ContactList, LegalBasis, Tag
from audience.preview import choices_of, may_use_orders
from audience.queries import settings_of
from audience.services import MissingProof
from audience.services.imports import MOST_BYTES, TOO_LARGE, check_file_proof, keep_file
from audience.sheets.text import ENCODINGS, UnreadableFile

DELIMITER_WORDS = {";": _("Semicolon"), ",": _("Comma"), "\t": _("Tab"), "|": _("Bar")}
# What each column of the file is: `column-0`, `column-1`…
COLUMN = "column-"


class UploadForm(WorkspaceForm):
    instance: ContactImport
    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV, TXT, XLSX or ODS, up to 50 MB: one line for each person, with their mobile number."),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx,.ods"}),
    )

    class Meta:
        model = ContactImport
        fields: Sequence[str] = []

    def clean_file(self) -> Any:
        upload = self.cleaned_data["file"]
        if upload.size > MOST_BYTES:
            raise forms.ValidationError(TOO_LARGE)
        return upload

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if upload := cleaned.get("file"):
            try:
                self.instance = keep_file(
                    workspace=self.instance.workspace, file_name=upload.name, content=upload.file, now=timezone.now()
                )
            except UnreadableFile as error:
                self.add_error("file", forms.ValidationError(str(error.reason)))
        return cleaned

    def validate_unique(self) -> None:
        """The row is made, whole, by the service."""

    def save(self, commit: bool = True) -> ContactImport:
        return self.instance


class PlanForm(WorkspaceForm):
    """How the file is read, what its columns are, and what becomes of its people."""

    instance: ContactImport
    delimiter = forms.ChoiceField(label=_("Separator"), choices=list(DELIMITER_WORDS.items()), required=False)
    encoding = forms.ChoiceField(label=_("Encoding"), choices=list(ENCODINGS.items()), required=False)
    sheet = forms.ChoiceField(label=_("Sheet"), required=False)
    has_header = forms.TypedChoiceField(
        label=_("Header"),
        choices=[("True", _("Line 1")), ("False", _("None"))],
        coerce=lambda text: text == "True",
        required=False,
    )
    new_list = forms.CharField(label=_("or a new list"), max_length=120, required=False)
    tags = forms.CharField(label=_("Tags, separated by commas"), max_length=400, required=False)
    consent_on = forms.DateField(label=_("Since"), required=False, widget=DayInput)

    class Meta:
        model = ContactImport
        fields = [
            "encoding", "delimiter", "contact_list", "merge_rule", "repairs_zeros", "legal_basis", "consent_source",
            "consent_wording", "collected_by", "attested",
        ]  # fmt: skip
        widgets = {
            "consent_wording": forms.Textarea(attrs={"rows": 2}),
            "merge_rule": forms.Select(attrs={"aria-describedby": "merge-rule-all"}),
        }
        labels = {
            "consent_source": _("Where was the consent given?"),
            "consent_wording": _("The exact words people read"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        draft = self.instance
        self.settings = settings_of(draft.workspace)
        self.fields["contact_list"].required = False
        self.fields["sheet"].choices = [(name, name) for name in draft.sheets]  # type: ignore[attr-defined]
        self.initial["has_header"] = str(draft.has_header)
        self.initial["tags"] = ", ".join(draft.tag_names)
        if draft.consent_at:
            self.initial["consent_on"] = draft.consent_at.astimezone(self.zone).date()
        if not may_use_orders(self.settings):
            self.fields["legal_basis"].choices = [(LegalBasis.OPT_IN.value, LegalBasis.OPT_IN.label)]  # type: ignore[attr-defined]
        self.fields["legal_basis"].required = False
        self.fields["merge_rule"].required = False

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.instance.workspace.time_zone)

    def clean_new_list(self) -> str:
        name = self.cleaned_data["new_list"].strip()
        if name and ContactList.objects.filter(name=name).exists():
            raise forms.ValidationError(_("A list has this name: choose it above."))
        return name

    def clean_tags(self) -> list[str]:
        names = [name.strip() for name in self.cleaned_data["tags"].split(",") if name.strip()]
        longest: int = Tag._meta.get_field("name").max_length  # type: ignore[assignment]
        if any(len(name) > longest for name in names):
            raise forms.ValidationError(_("A tag has at most %(count)d characters."), params={"count": longest})
        return names

    def columns(self) -> list[str]:
        """As chosen; what was not asked about stays."""
        known = {key for key, _label in choices_of(self.instance)}
        chosen = [self.data.get(f"{COLUMN}{at}", old) for at, old in enumerate(self.instance.columns)]
        return [key if key in known else "" for key in chosen]

    def decided(self) -> ContactImport:
        """The draft with every decision that could be read, unsaved."""
        draft, cleaned = self.instance, self.cleaned_data
        draft.columns = self.columns()
        draft.tag_names = cleaned.get("tags", [])
        day = cleaned.get("consent_on")
        draft.consent_at = datetime.combine(day, time.min, self.zone) if day else None
        draft.legal_basis = cleaned.get("legal_basis") or LegalBasis.OPT_IN
        draft.merge_rule = cleaned.get("merge_rule") or ContactImport.Merge.FILL
        return draft

    def named(self, meanings: Collection[str]) -> str:
        """The columns with these meanings, as the file names them."""
        draft = self.instance
        pairs = zip(draft.header, draft.columns, strict=True)
        return ", ".join(name or str(place) for place, (name, key) in enumerate(pairs, start=1) if key in meanings)

    def problems(self, *, with_proof: bool) -> list[str]:
        """What keeps the import from starting, in words."""
        draft = self.decided()
        found: list[Any] = []
        if PHONE not in draft.columns:
            found.append(_("Say which column holds the mobile numbers."))
        doubled = {key for key in draft.columns if key and key != TAG and draft.columns.count(key) > 1}
        if doubled:
            found.append(
                _("Two columns have the same meaning, ignore one: %(columns)s.") % {"columns": self.named(doubled)}
            )
        if not (draft.contact_list_id or self.cleaned_data.get("new_list") or draft.tag_names):
            found.append(_("Choose a list, name a new one, or give a tag."))
        return [str(problem) for problem in (*found, *(self.missing_proof() if with_proof else []))]

    def missing_proof(self) -> list[Any]:
        """What the proof lacks; columns of the file may bring what the form does not."""
        draft = self.instance
        said, mapped = (
            {name: getattr(draft, name) for name in ("consent_source", "consent_wording")},
            set(draft.columns),
        )
        stand_in = {"consent_source", "consent_wording"} & mapped
        said |= dict.fromkeys((name for name in stand_in if not said[name]), "…")
        moment = draft.consent_at or (datetime(2000, 1, 1, tzinfo=self.zone) if "consent_at" in mapped else None)
        proof = Proof(said["consent_source"], said["consent_wording"], moment, draft.collected_by)
        try:
            check_file_proof(proof, timezone.now())
        except MissingProof as error:
            return [error.args[0]]
        if not (draft.collected_by or "consent_collector" in mapped):
            return [_("Say who collected the consent.")]
        if draft.legal_basis == LegalBasis.EXISTING_CUSTOMER and not {"order_reference", "order_at"} <= mapped:
            return [_("Existing customers need a recorded order: say which columns hold its number and date.")]
        return [] if draft.attested else [_("Certify that the box was not ticked beforehand.")]
