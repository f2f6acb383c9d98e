from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import OWNER_ONLY, WorkspaceModel
from integrations.models.shops import ShopConnection


class Backfill(WorkspaceModel):
    """Customers and past orders of a shop, brought in page by page: contacts and figures, never a message."""

    changed_by = OWNER_ONLY

    class State(models.TextChoices):
        RUNNING = "running", _("Running")
        DONE = "done", _("Finished")
        CANCELLED = "cancelled", _("Stopped")

    class Stage(models.TextChoices):
        CUSTOMERS = "customers", _("customers")
        ORDERS = "orders", _("orders")
        # All is told: what is still in the inbox is worked on.
        READING = "reading", _("reading")

    shop = models.ForeignKey(ShopConnection, on_delete=models.CASCADE, related_name="backfills")
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    stage = models.CharField(max_length=10, choices=Stage.choices, default=Stage.CUSTOMERS)
    # How far the stage is, in the platform's words; empty at its beginning. Whoever goes on goes on from here.
    cursor = models.TextField(blank=True)
    customers = models.PositiveIntegerField(default=0)
    orders = models.PositiveIntegerField(default=0)
    # As far as the shop says how many there are.
    customers_total = models.PositiveIntegerField(null=True)
    orders_total = models.PositiveIntegerField(null=True)
    # {"customers": {code of audience.refusals, or "": count}, "orders": …, "events": …}, when it is finished.
    report = models.JSONField(default=dict)
    # Why it waits, in words; "" when all goes well.
    trouble = models.CharField(max_length=200, blank=True)
    started_at = models.DateTimeField()
    # The latest page, and then the end of it.
    moved_at = models.DateTimeField()
    # Nobody else works on it before.
    leased_until = models.DateTimeField()

    class Meta:
        verbose_name = _("past of a shop")
        verbose_name_plural = _("pasts of shops")
        constraints = [
            models.UniqueConstraint(
                fields=["shop"], condition=models.Q(state="running"), name="one_running_backfill_per_shop"
            )
        ]

    def __str__(self) -> str:
        return f"{self.shop} {self.started_at:%Y-%m-%d %H:%M}"

    @property
    def is_running(self) -> bool:
        return self.state == self.State.RUNNING

    @property
    def took(self) -> timedelta:
        return self.moved_at - self.started_at

    @property
    def a_minute(self) -> int:
        """Customers and orders that the shop told, a minute."""
        return round((self.customers + self.orders) * 60 / max(self.took.total_seconds(), 1))
