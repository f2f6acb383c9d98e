from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import NOBODY, OWNER_ONLY, WorkspaceModel
from audience.models import Contact
from integrations.models.shops import ShopConnection


class ShopCustomer(WorkspaceModel):
    """A customer's account in a shop: who that is here, and what they last said there of offers by SMS."""

    changed_by = NOBODY

    class Said(models.TextChoices):
        NOTHING = "", _("nothing")
        YES = "yes", _("yes")
        NO = "no", _("no")

    shop = models.ForeignKey(ShopConnection, on_delete=models.CASCADE, related_name="customers")
    external_id = models.CharField(max_length=80)
    # As of an order: an older version never overwrites a newer.
    version = models.BigIntegerField()
    contact = models.ForeignKey(Contact, on_delete=models.SET_NULL, null=True, related_name="shop_customers")
    # Why none of their numbers can be used: a code of audience.refusals, empty when one can.
    no_mobile = models.CharField(max_length=20, blank=True)
    said = models.CharField(max_length=3, choices=Said.choices, blank=True)
    said_at = models.DateTimeField(null=True)
    # Who it is was erased: what the shop still tells brings nobody back.
    erased_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("customer of a shop")
        verbose_name_plural = _("customers of shops")
        constraints = [models.UniqueConstraint(fields=["shop", "external_id"], name="one_customer_per_shop_id")]

    def __str__(self) -> str:
        return self.external_id


class Cart(WorkspaceModel):
    """The last known snapshot of a cart. One that was left behind tells so once (`ShopEvent`)."""

    changed_by = NOBODY

    shop = models.ForeignKey(ShopConnection, on_delete=models.CASCADE, related_name="carts")
    external_id = models.CharField(max_length=80)
    version = models.BigIntegerField()
    contact = models.ForeignKey(Contact, on_delete=models.SET_NULL, null=True, related_name="carts")
    language = models.CharField(max_length=5, blank=True)
    currency = models.CharField(max_length=3)
    total = models.BigIntegerField(_("total"), help_text=_("In the smallest unit of the currency."))
    # Up to three titles.
    items = models.JSONField(default=list)
    recovery_url = models.URLField(max_length=2000, blank=True)
    is_backfill = models.BooleanField(default=False)
    changed_at = models.DateTimeField(_("changed"))
    ordered_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("cart")
        verbose_name_plural = _("carts")
        constraints = [models.UniqueConstraint(fields=["shop", "external_id"], name="one_cart_per_shop_id")]
        indexes = [
            models.Index(
                fields=["changed_at"], condition=models.Q(ordered_at=None, left_at=None), name="cart_to_be_left"
            )
        ]

    def __str__(self) -> str:
        return self.external_id


class DataRequest(WorkspaceModel):
    """A customer asked the shop for their data: the merchant has thirty days to hand it over."""

    changed_by = OWNER_ONLY

    shop = models.ForeignKey(ShopConnection, on_delete=models.CASCADE, related_name="data_requests")
    contact = models.ForeignKey(Contact, on_delete=models.SET_NULL, null=True, related_name="data_requests")
    request_key = models.CharField(max_length=100)
    asked_at = models.DateTimeField(_("asked"))
    due_at = models.DateTimeField(_("due"))
    done_at = models.DateTimeField(_("done"), null=True)

    class Meta:
        verbose_name = _("data request")
        verbose_name_plural = _("data requests")
        constraints = [models.UniqueConstraint(fields=["shop", "request_key"], name="one_data_request_per_key")]

    def __str__(self) -> str:
        return f"{self.shop} {self.asked_at:%Y-%m-%d}"
