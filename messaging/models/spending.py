"""What messages cost, month by month, and what they may."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import NOBODY, OWNER_ONLY, WorkspaceModel
from integrations.models import GatewayAccount


class Spending(WorkspaceModel):
    """What was handed over to an account in one month, by territory: tiers and the month's budget read it."""

    changed_by = NOBODY

    account = models.ForeignKey(GatewayAccount, on_delete=models.CASCADE, related_name="spendings")
    # The first day of the month, in the installation's time zone.
    month = models.DateField()
    territory = models.CharField(max_length=2, blank=True)
    parts = models.BigIntegerField(default=0)
    cost_micros = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "month", "territory"], name="one_spending_per_month_and_place")
        ]
        indexes = [models.Index(fields=["workspace", "month"], name="spending_of_month")]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.territory}"


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
