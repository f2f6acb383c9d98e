from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.fields import SealedBytesField, SealedJSONField
from accounts.models import NOBODY, User, WorkspaceModel
from audience.models.consents import LegalBasis
from audience.models.lists import ContactList


class ContactImport(WorkspaceModel):
    """A file on its way into the contacts: how it is to be read, what was decided, and what came of it."""

    class State(models.TextChoices):
        DRAFT = "draft", _("To finish")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        CANCELLED = "cancelled", _("Stopped")
        FAILED = "failed", _("Failed")

    class Merge(models.TextChoices):
        """What becomes of a contact who is known already."""

        FILL = "fill", _("Fill in what is missing")
        OVERWRITE = "overwrite", _("Replace by what the file says")
        KEEP = "keep", _("Leave their details as they are")

    file_name = models.CharField(_("file"), max_length=200)
    file_hash = models.BinaryField(max_length=32, editable=False)
    file_bytes = models.PositiveIntegerField(default=0)

    # How the file is read: found out first, corrected by a person.
    sheets = models.JSONField(default=list)
    sheet = models.CharField(_("sheet"), max_length=120, blank=True)
    encoding = models.CharField(_("encoding"), max_length=12, default="utf-8")
    delimiter = models.CharField(_("separator"), max_length=1, default=";")
    has_header = models.BooleanField(_("the first line names the columns"), default=True)
    lines_total = models.PositiveIntegerField(default=0)
    # What each column is, by its place: a target of audience/columns.py, or "" where it is passed over.
    columns = models.JSONField(default=list)
    # The columns' names in the file, until the purge. Sealed: a file without header has somebody's number there.
    header = SealedJSONField(default=list, editable=False)

    # What was decided.
    contact_list = models.ForeignKey(
        ContactList, on_delete=models.CASCADE, null=True, blank=True, related_name="imports", verbose_name=_("list")
    )
    tag_names = models.JSONField(_("tags"), default=list, blank=True)
    merge_rule = models.CharField(_("known contacts"), max_length=12, choices=Merge.choices, default=Merge.FILL)
    repairs_zeros = models.BooleanField(_("put lost zeros back"), default=False)
    # Proof of the consent that these people gave; columns of the file go before it. Without proof nothing is granted.
    legal_basis = models.CharField(
        _("legal basis"), max_length=20, choices=LegalBasis.choices, default=LegalBasis.OPT_IN
    )
    grants = models.BooleanField(default=False)
    consent_source = models.CharField(_("where they agreed"), max_length=120, blank=True)
    consent_wording = models.TextField(_("the words they agreed to"), blank=True)
    consent_at = models.DateTimeField(_("when they agreed"), null=True, blank=True)
    collected_by = models.CharField(_("collected by"), max_length=120, blank=True)
    attested = models.BooleanField(_("I certify that the box was not ticked beforehand."), default=False)

    # What came of it.
    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=State.DRAFT)
    # The last line that is certainly stored: after an interruption the import goes on behind it.
    lines_done = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField(_("added"), default=0)
    known = models.PositiveIntegerField(_("already known"), default=0)
    duplicates = models.PositiveIntegerField(_("twice in the file"), default=0)
    rejected = models.PositiveIntegerField(_("refused"), default=0)
    consented = models.PositiveIntegerField(_("with consent"), default=0)
    opted_out = models.PositiveIntegerField(_("opted out before"), default=0)
    # {code of audience/refusals.py: how many lines}
    reasons = models.JSONField(default=dict)
    # How often in a row a worker met trouble that may pass.
    troubles = models.PositiveSmallIntegerField(default=0, validators=[MaxValueValidator(100)])
    started_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(_("started"), auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    touched_at = models.DateTimeField(auto_now=True)
    finished_at = models.DateTimeField(null=True)
    # When the file and the refused lines go, whatever has become of them.
    purge_at = models.DateTimeField(_("file is deleted"), null=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        indexes = [models.Index(fields=["purge_at"], name="import_by_purge")]

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_running(self) -> bool:
        return self.state == self.State.RUNNING

    @property
    def lines_seen(self) -> int:
        """How many of `lines_total` are through; records of several lines make it a count of its own."""
        return self.added + self.known + self.duplicates + self.rejected

    @property
    def is_draft(self) -> bool:
        return self.state == self.State.DRAFT


class ImportPiece(WorkspaceModel):
    """A piece of an import's file, of the text that a workbook's sheet became, or of its refused lines. Sealed."""

    changed_by = NOBODY

    class Kind(models.TextChoices):
        FILE = "file", _("File")
        TEXT = "text", _("Text of the sheet")
        REJECTS = "rejects", _("Refused lines")

    contact_import = models.ForeignKey(ContactImport, on_delete=models.CASCADE, related_name="pieces")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    number = models.PositiveIntegerField()
    content = SealedBytesField(editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contact_import", "kind", "number"], name="one_piece_per_place_in_import")
        ]

    def __str__(self) -> str:
        return f"{self.contact_import_id}/{self.kind}/{self.number}"


class ColumnMeaning(WorkspaceModel):
    """What a column of this name was the last time this workspace brought one in."""

    changed_by = NOBODY

    # Folded: no case, accents or punctuation.
    name = models.CharField(max_length=80)
    target = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="one_meaning_per_column_name")]

    def __str__(self) -> str:
        return f"{self.name}: {self.target}"
