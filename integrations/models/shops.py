import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.fields import SealedJSONField
from accounts.models import OWNER_ONLY, WorkspaceModel


class ShopConnection(WorkspaceModel):
    """A shop that tells us its events by signed webhook."""

    changed_by = OWNER_ONLY

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # The slug of a class named in settings.SHOPS.
    platform = models.CharField(_("platform"), max_length=40)
    name = models.CharField(_("name"), max_length=80)
    # What the platform calls the shop: a myshopify domain, a PrestaShop shop id.
    shop_key = models.CharField(_("shop"), max_length=200, blank=True)
    # Where customers buy: links of messages that lead there carry a click id.
    web_address = models.URLField(_("address of the shop"), blank=True)
    credentials = SealedJSONField(default=dict)
    country = models.CharField(_("country"), max_length=2, default="FR")
    language = models.CharField(_("language"), max_length=5, default="fr")
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    is_enabled = models.BooleanField(_("enabled"), default=True)
    # The words beside the box that the shop shows for offers by SMS: a yes proves nothing without them.
    consent_wording = models.TextField(
        _("words of the agreement"),
        max_length=2000,
        blank=True,
        help_text=_(
            "What the shop writes beside the box for offers by SMS, word for word. Shopify does not tell it, and an "
            "agreement proves something only together with the words that were agreed to."
        ),
    )
    # Orders placed before this never send anything.
    connected_at = models.DateTimeField(_("connected"), auto_now_add=True)
    # What went wrong when we asked the shop, in words; "" when all went well.
    trouble = models.CharField(max_length=200, blank=True, editable=False)
    # Orders were asked for up to then, and opt-outs written back up to that row of the ledger.
    reconciled_at = models.DateTimeField(null=True, editable=False)
    consent_cursor = models.BigIntegerField(default=0, editable=False)
    # One process asks the platform for a new token; the others wait, or take over after that.
    renewing_until = models.DateTimeField(null=True, editable=False)
    # Our app or module was taken out of the shop.
    uninstalled_at = models.DateTimeField(null=True, editable=False)
    # Where the shop can be asked for what it has not delivered yet; empty where it can't.
    wake_url = models.URLField(max_length=2000, blank=True, editable=False)
    last_delivery_at = models.DateTimeField(_("last event"), null=True, editable=False)
    refused_webhooks = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("shop")
        verbose_name_plural = _("shops")

    def __str__(self) -> str:
        return self.name

    @property
    def state_in_words(self) -> str:
        if not self.is_enabled:
            return str(_("uninstalled") if self.uninstalled_at else _("switched off"))
        return str(_("connected") if self.last_delivery_at else _("waiting"))


class OrderState(WorkspaceModel):
    """A state that orders of a shop go through, and what it means: the shop knows, or somebody says it here."""

    changed_by = OWNER_ONLY

    class Meaning(models.TextChoices):
        PAID = "paid", pgettext_lazy("an order", "paid")
        SHIPPED = "shipped", pgettext_lazy("an order", "shipped")
        DELAYED = "delayed", pgettext_lazy("an order", "delayed")
        OUT_FOR_DELIVERY = "out_for_delivery", pgettext_lazy("an order", "out for delivery")
        READY = "ready", pgettext_lazy("an order", "ready for pickup")
        DELIVERED = "delivered", pgettext_lazy("an order", "delivered")
        CANCELLED = "cancelled", pgettext_lazy("an order", "cancelled")
        REFUNDED = "refunded", pgettext_lazy("an order", "refunded")
        NOTHING = "nothing", pgettext_lazy("an order", "nothing")

    shop = models.ForeignKey(ShopConnection, on_delete=models.CASCADE, related_name="order_states")
    external_id = models.CharField(max_length=80)
    name = models.CharField(_("name"), max_length=80, blank=True)
    # What the shop says: values of Meaning. Where it says something, nothing is asked here.
    facts = models.JSONField(default=list)
    meaning = models.CharField(_("meaning"), max_length=20, choices=Meaning.choices, blank=True)

    class Meta:
        verbose_name = _("state of orders")
        verbose_name_plural = _("states of orders")
        constraints = [models.UniqueConstraint(fields=["shop", "external_id"], name="one_order_state_per_shop_id")]

    def __str__(self) -> str:
        return self.name or self.external_id

    @property
    def facts_in_words(self) -> list[str]:
        """Words of a newer module than we know are left out."""
        return [str(self.Meaning(fact).label) for fact in self.facts if fact in self.Meaning.values]
