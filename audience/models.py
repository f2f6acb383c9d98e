from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.fields import SealedBytesField, SealedJSONField, SealedTextField
from accounts.models import NOBODY, WorkspaceModel


class Contact(WorkspaceModel):
    """Somebody with a mobile number. The number is sealed; `phone_index` finds it again."""

    phone = SealedTextField(_("mobile number"))
    phone_index = models.BinaryField(max_length=32, editable=False)
    # The last two digits, so that lists can show `+33 6 •• •• •• 42` without opening every number.
    phone_hint = models.CharField(max_length=24, editable=False)
    territory = models.CharField(_("territory"), max_length=2, help_text=_("Country or overseas territory."))
    time_zone = models.CharField(_("time zone"), max_length=40, default="Europe/Paris")
    first_name = models.CharField(_("first name"), max_length=80, blank=True)
    last_name = models.CharField(_("last name"), max_length=80, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    postcode = models.CharField(_("postcode"), max_length=12, blank=True)
    city = models.CharField(_("city"), max_length=80, blank=True)
    language = models.CharField(_("language"), max_length=5, default="fr")
    source = models.CharField(_("source"), max_length=80, blank=True)
    created_at = models.DateTimeField(_("added"), auto_now_add=True)

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        constraints = [
            models.UniqueConstraint(fields=["workspace", "phone_index"], name="one_contact_per_number_and_workspace")
        ]
        indexes = [models.Index(fields=["workspace", "-created_at"], name="contact_by_creation")]

    def __str__(self) -> str:
        return self.full_name or self.phone_hint

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


class ContactList(WorkspaceModel):
    """A named set of contacts, filled by hand or by import."""

    name = models.CharField(_("name"), max_length=120)
    contacts = models.ManyToManyField(Contact, through="ListMembership", related_name="lists")
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("list")
        verbose_name_plural = _("lists")
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="one_list_per_name_and_workspace")]

    def __str__(self) -> str:
        return self.name


class ListMembership(WorkspaceModel):
    contact_list = models.ForeignKey(ContactList, on_delete=models.CASCADE, related_name="+")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contact_list", "contact"], name="one_place_per_contact_in_list")
        ]

    def __str__(self) -> str:
        return f"{self.contact_list_id}/{self.contact_id}"


class Purpose(models.TextChoices):
    """What a consent is for."""

    MARKETING = "marketing", _("Marketing")
    TRACKING = "tracking", _("Individual tracking")
    SERVICE = "service", _("Service messages")


class ConsentAct(models.TextChoices):
    GRANTED = "granted", _("Granted")
    CONFIRMED = "confirmed", _("Confirmed")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class LegalBasis(models.TextChoices):
    OPT_IN = "opt_in", _("Opt-in")
    EXISTING_CUSTOMER = "existing_customer", _("Existing customer, similar products")


class Consent(WorkspaceModel):
    """A row of the ledger: who said yes or no to what, when, where, to which words. Rows are only ever added.

    `number_hash` is under an opt-out key: it survives the contact. `evidence_hash` covers the side row
    that erasure may delete; `seal` and `previous_seal` are filled later, in id order, by a worker.
    """

    changed_by = NOBODY

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


class ContactImport(WorkspaceModel):
    """One CSV file brought in: how many lines came, and what was refused, with line and reason."""

    class State(models.TextChoices):
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    contact_list = models.ForeignKey(
        ContactList, on_delete=models.CASCADE, related_name="imports", verbose_name=_("list")
    )
    file_name = models.CharField(_("file"), max_length=200)
    file_hash = models.BinaryField(max_length=32, editable=False)
    # The file itself, until its last line is done.
    content = SealedBytesField(null=True, editable=False)
    # Proof of the consent that these people gave; without it nothing is granted.
    consent_source = models.CharField(_("where they agreed"), max_length=120, blank=True)
    consent_wording = models.TextField(_("the words they agreed to"), blank=True)
    consent_at = models.DateTimeField(_("when they agreed"), null=True, blank=True)
    collected_by = models.CharField(_("collected by"), max_length=120, blank=True)
    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=State.RUNNING)
    # The last line that is certainly stored: after an interruption the import goes on behind it.
    lines_done = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField(_("added"), default=0)
    known = models.PositiveIntegerField(_("already known"), default=0)
    rejected = models.PositiveIntegerField(_("refused"), default=0)
    consented = models.PositiveIntegerField(_("with consent"), default=0)
    opted_out = models.PositiveIntegerField(_("opted out before"), default=0)
    # [{"line": 3, "reason": "…", "cells": [...]}]; sealed, because a refused cell may be a number.
    rejects = SealedJSONField(default=list)
    touched_at = models.DateTimeField(auto_now=True)
    created_at = models.DateTimeField(_("started"), auto_now_add=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")

    def __str__(self) -> str:
        return self.file_name
