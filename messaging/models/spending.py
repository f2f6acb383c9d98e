"""What messages cost, month by month, and what they may."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import NOBODY, OWNER_ONLY, WorkspaceModel
from integrations.models import GatewayAccount
from messaging.models.sending import Batch, BatchPurpose


class Spending(WorkspaceModel):
    """What was handed over to an account in a month, by territory and purpose: tiers and the month's budget read it."""

    changed_by = NOBODY

    account = models.ForeignKey(GatewayAccount, on_delete=models.CASCADE, related_name="spendings")
    # The first day of the month, in the installation's time zone.
    month = models.DateField()
    territory = models.CharField(max_length=2, blank=True)
    purpose = models.CharField(max_length=20, choices=BatchPurpose.choices, default=BatchPurpose.MARKETING)
    parts = models.BigIntegerField(default=0)
    cost_micros = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "month", "territory", "purpose"], name="one_spending_per_month_place_and_purpose"
            )
        ]
        indexes = [models.Index(fields=["workspace", "month"], name="spending_of_month")]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.territory}"


class SendingMinute(WorkspaceModel):
    """How many messages of a batch were handed over in a minute: its speed, without counting messages."""

    changed_by = NOBODY

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="minutes")
    minute = models.DateTimeField()
    messages = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "minute"], name="one_count_per_batch_and_minute")]

    def __str__(self) -> str:
        return f"{self.batch_id} {self.minute:%H:%M} {self.messages}"


class SpendingLimit(WorkspaceModel):
    """What a workspace may spend in a month. One row, made when first changed."""

    changed_by = OWNER_ONLY

    # In the smallest unit of the workspace's currency; empty is unlimited.
    month_budget = models.BigIntegerField(_("budget of a month"), null=True)
    warn_percent = models.PositiveSmallIntegerField(
        _("warn at (%)"), default=80, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )

    class Meta:
        verbose_name = _("budget")
        verbose_name_plural = _("budgets")
        constraints = [models.UniqueConstraint(fields=["workspace"], name="one_spending_limit_per_workspace")]

    def __str__(self) -> str:
        return f"{self.month_budget} {self.warn_percent} %"
