from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.fields import SealedBytesField, SealedJSONField
from accounts.models import NOBODY, WorkspaceModel
from integrations.models.gateways import GatewayAccount
from integrations.models.shops import ShopConnection
from integrations.models.sources import EventSource


class InboundDelivery(WorkspaceModel):
    """The inbox: one webhook call, verified, stored once, answered, worked on afterwards."""

    changed_by = NOBODY

    class State(models.TextChoices):
        NEW = "new", _("New")
        DONE = "done", _("Done")
        DEAD = "dead", _("Failed")

    gateway_account = models.ForeignKey(GatewayAccount, on_delete=models.CASCADE, null=True, related_name="deliveries")
    shop = models.ForeignKey(ShopConnection, on_delete=models.CASCADE, null=True, related_name="deliveries")
    source = models.ForeignKey(EventSource, on_delete=models.CASCADE, null=True, related_name="deliveries")
    topic = models.CharField(_("topic"), max_length=80)
    dedup_key = models.CharField(max_length=200)
    # Of providers, {"method": …, "headers": {…}, "query": {…}}: what parsing needs beside the body; no signature.
    context = SealedJSONField(default=dict)
    body = SealedBytesField()
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.NEW)
    # What came of it, in words a merchant reads: "sent", "not sent: test order".
    outcome = models.CharField(_("outcome"), max_length=200, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    received_at = models.DateTimeField(_("received"))
    next_attempt_at = models.DateTimeField(null=True)
    purge_at = models.DateTimeField()

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        constraints = [
            models.UniqueConstraint(fields=["gateway_account", "dedup_key"], name="one_delivery_per_gateway_key"),
            models.UniqueConstraint(fields=["shop", "dedup_key"], name="one_delivery_per_shop_key"),
            models.UniqueConstraint(fields=["source", "dedup_key"], name="one_delivery_per_source_key"),
            models.CheckConstraint(
                condition=models.Q(gateway_account__isnull=False, shop=None, source=None)
                | models.Q(gateway_account=None, shop__isnull=False, source=None)
                | models.Q(gateway_account=None, shop=None, source__isnull=False),
                name="delivery_from_one_origin",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "next_attempt_at"], name="delivery_to_work_on"),
            models.Index(fields=["purge_at"], name="delivery_to_purge"),
        ]

    @property
    def origin(self) -> GatewayAccount | ShopConnection | EventSource:
        """Who called."""
        origin = self.gateway_account or self.shop or self.source
        assert origin is not None  # delivery_from_one_origin
        return origin

    def __str__(self) -> str:
        return f"{self.topic} {self.received_at:%Y-%m-%d %H:%M}"
