"""What we tried with a provider, what it calls it, and what it reported."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.fields import SealedTextField
from accounts.models import NOBODY, Workspace, WorkspaceModel
from integrations.models import GatewayAccount
from messaging.models.sending import Message, held_by_owner


class Attempt(WorkspaceModel):
    """One try to hand a message over. Its id is the reference that the provider gets and repeats."""

    changed_by = NOBODY

    class Outcome(models.TextChoices):
        OPEN = "open", pgettext_lazy("attempt", "Open")
        ACCEPTED = "accepted", _("Accepted")
        REJECTED = "rejected", _("Rejected")
        UNKNOWN = "unknown", _("Unknown")
        ABSENT = "absent", _("Never arrived")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = held_by_owner(Workspace, on_delete=models.CASCADE, editable=False)
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="attempts")
    account = held_by_owner(GatewayAccount, on_delete=models.PROTECT)
    body = SealedTextField()
    # The number it was handed over to, which the contact may have left since; empty for colleagues, and once erased.
    phone_index = models.BinaryField(max_length=32, null=True, editable=False)
    outcome = models.CharField(max_length=20, choices=Outcome.choices, default=Outcome.OPEN)
    error = models.CharField(max_length=40, blank=True)
    detail = models.CharField(max_length=200, blank=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    # When the provider is asked next about an unknown outcome, and how often it was.
    reconcile_at = models.DateTimeField(null=True)
    reconciled = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        indexes = [
            models.Index(fields=["outcome", "reconcile_at"], name="attempt_to_reconcile"),
            models.Index(fields=["account", "-started_at"], name="attempt_latest"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class ProviderId(WorkspaceModel):
    """What the provider calls an attempt: one id, or one for each part."""

    changed_by = NOBODY

    workspace = held_by_owner(Workspace, on_delete=models.CASCADE, editable=False)
    account = held_by_owner(GatewayAccount, on_delete=models.CASCADE)
    attempt = models.ForeignKey(Attempt, on_delete=models.CASCADE, related_name="provider_ids")
    value = models.CharField(max_length=120)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "value"], name="one_attempt_per_provider_id")]

    def __str__(self) -> str:
        return self.value


class ReportEvent(WorkspaceModel):
    """A delivery report as it came, kept even when it changes nothing. Without an attempt it is an orphan."""

    changed_by = NOBODY

    workspace = held_by_owner(Workspace, on_delete=models.CASCADE, editable=False)
    account = models.ForeignKey(GatewayAccount, on_delete=models.CASCADE, related_name="+", db_index=False)
    attempt = models.ForeignKey(Attempt, on_delete=models.CASCADE, null=True, related_name="reports")
    provider_id = models.CharField(max_length=120, blank=True)
    reference = models.CharField(max_length=60, blank=True)
    status = models.CharField(max_length=20)
    code = models.CharField(max_length=40, blank=True)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()

    class Meta:
        verbose_name = _("delivery report")
        verbose_name_plural = _("delivery reports")
        constraints = [
            models.UniqueConstraint(
                fields=["account", "provider_id", "reference", "status", "occurred_at"], name="one_row_per_report"
            )
        ]
        indexes = [
            models.Index(fields=["received_at"], condition=models.Q(attempt=None), name="report_orphan"),
        ]

    def __str__(self) -> str:
        return f"{self.status} {self.occurred_at:%H:%M:%S}"
