from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.fields import SealedJSONField
from accounts.models import NOBODY, WorkspaceModel, indexed_workspace
from audience.models.contacts import Contact


class Purpose(models.TextChoices):
    """What a consent is for."""

    MARKETING = "marketing", _("Marketing")
    TRACKING = "tracking", _("Individual tracking")
    SERVICE = "service", _("Service messages")


class ConsentAct(models.TextChoices):
    GRANTED = "granted", _("Granted")
    CONFIRMED = "confirmed", _("Confirmed")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    # Double opt-in: the words were shown and a confirmation was asked for; nothing is allowed yet.
    REQUESTED = "requested", _("Confirmation asked for")
    # "stop" inside a sentence: no marketing until a person has read it.
    HELD = "held", _("Held")
    RELEASED = "released", pgettext_lazy("hold", "Released")
    # A merge: the yes was given for the number that went, and is none for the number that was kept.
    LAPSED = "lapsed", _("Stays with the other number")


# A yes or a no of the person, or the end of a yes; the other acts leave their last word as it is.
LAST_WORDS = (ConsentAct.GRANTED, ConsentAct.CONFIRMED, ConsentAct.WITHDRAWN, ConsentAct.LAPSED)


class LegalBasis(models.TextChoices):
    OPT_IN = "opt_in", _("Opt-in")
    EXISTING_CUSTOMER = "existing_customer", _("Existing customer, similar products")


class Consent(WorkspaceModel):
    """A row of the ledger: who said yes or no to what, when, where, to which words. Rows are only ever added.

    `number_hash` is under an opt-out key: it survives the contact. `evidence_hash` covers the side row
    that erasure may delete; `seal` and `previous_seal` are filled later, in id order, by a worker. Everything but
    `contact` is sealed (audience/ledger/form.py).
    """

    changed_by = NOBODY

    workspace = indexed_workspace()
    contact = models.ForeignKey(Contact, on_delete=models.SET_NULL, null=True, related_name="consents")
    number_hash = models.BinaryField(max_length=32, editable=False)
    purpose = models.CharField(_("purpose"), max_length=20, choices=Purpose.choices)
    channel = models.CharField(_("channel"), max_length=10, default="sms")
    act = models.CharField(_("act"), max_length=20, choices=ConsentAct.choices)
    legal_basis = models.CharField(
        _("legal basis"), max_length=20, choices=LegalBasis.choices, default=LegalBasis.OPT_IN
    )
    source = models.CharField(_("source"), max_length=120)
    wording = models.TextField(_("wording"), blank=True)
    wording_version = models.CharField(_("wording version"), max_length=40, blank=True)
    collected_by = models.CharField(_("collected by"), max_length=120, blank=True)
    occurred_at = models.DateTimeField(_("given"))
    recorded_at = models.DateTimeField(_("recorded"))
    evidence_hash = models.BinaryField(max_length=32, null=True, editable=False)
    previous_seal = models.BinaryField(max_length=32, null=True, editable=False)
    seal = models.BinaryField(max_length=32, null=True, editable=False)

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        indexes = [
            models.Index(fields=["workspace", "contact", "purpose", "-occurred_at"], name="consent_latest"),
            models.Index(fields=["workspace", "number_hash"], name="consent_by_number"),
            models.Index(fields=["workspace", "id"], condition=models.Q(seal=None), name="consent_unsealed"),
            # What ends a yes is rare: whoever counts a whole base begins with it.
            models.Index(
                fields=["workspace", "contact"],
                condition=models.Q(act__in=["withdrawn", "lapsed"]),
                name="consent_ended",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} · {self.get_act_display()}"


class ConsentEvidence(WorkspaceModel):
    """What proves a ledger row: form fields, file hash, truncated address, raw text. Erasure may delete it."""

    changed_by = NOBODY

    consent = models.OneToOneField(Consent, on_delete=models.CASCADE, related_name="evidence")
    content = SealedJSONField()

    def __str__(self) -> str:
        return f"evidence of consent {self.consent_id}"


class LedgerHead(WorkspaceModel):
    """How far a workspace's chain is sealed, signed: whoever writes the chain anew has to forge this too.

    `mark_*` say up to which row the next sealing may go (audience/ledger/sealing.py).
    """

    changed_by = NOBODY

    last_id = models.BigIntegerField(default=0)
    rows = models.BigIntegerField(default=0)
    seal = models.BinaryField(max_length=32, editable=False)
    signature = models.BinaryField(max_length=64, editable=False)
    sealed_at = models.DateTimeField()
    mark_id = models.BigIntegerField(default=0)
    mark_transaction = models.BigIntegerField(default=0)
    marked_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace"], name="one_ledger_head_per_workspace")]

    def __str__(self) -> str:
        return f"{self.rows} · {self.sealed_at:%Y-%m-%d %H:%M}"


class OptOutScope(models.TextChoices):
    MARKETING = "marketing", _("Marketing")
    SERVICE = "service", _("Service messages")


class OptOut(WorkspaceModel):
    """The projection of the ledger that the gate reads: this number said no to this scope. Outlives the contact."""

    changed_by = NOBODY

    number_hash = models.BinaryField(max_length=32, editable=False)
    # Who it is, as long as they are a contact: lets a whole list be counted without opening its numbers.
    contact = models.ForeignKey(Contact, on_delete=models.SET_NULL, null=True, related_name="opt_outs")
    scope = models.CharField(_("scope"), max_length=20, choices=OptOutScope.choices)
    source = models.CharField(_("source"), max_length=120)
    opted_out_at = models.DateTimeField(_("since"))
    # When it was said again: a yes lifts it only if it comes after that.
    repeated_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("opt-out")
        verbose_name_plural = _("opt-outs")
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "number_hash", "scope"], name="one_opt_out_per_number_and_scope"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_scope_display()} · {self.opted_out_at:%Y-%m-%d}"

    @property
    def last_said_at(self) -> datetime:
        return self.repeated_at or self.opted_out_at
