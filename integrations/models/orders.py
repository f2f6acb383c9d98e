from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.fields import SealedJSONField
from accounts.models import NOBODY, WorkspaceModel
from audience.models import Contact
from integrations.models.inbox import InboundDelivery
from integrations.models.people import Cart
from integrations.models.shops import ShopConnection


class Order(WorkspaceModel):
    """The last known snapshot of a shop's order. Facts with a time are never unset by an older body."""

    changed_by = NOBODY

    shop = models.ForeignKey(ShopConnection, on_delete=models.CASCADE, related_name="orders")
    external_id = models.CharField(max_length=80)
    number = models.CharField(_("number"), max_length=80)
    # Milliseconds since 1970 of the shop's `updated_at`: an older version never overwrites a newer.
    version = models.BigIntegerField()
    contact = models.ForeignKey(Contact, on_delete=models.SET_NULL, null=True, related_name="orders")
    # First name, phone candidates and why each was refused; sealed, purged with the order's personal data.
    customer = SealedJSONField(default=dict)
    # Why none of their numbers can be used: a code of audience.refusals, empty when one can.
    no_mobile = models.CharField(max_length=20, blank=True)
    country = models.CharField(max_length=2, blank=True)
    language = models.CharField(max_length=5, blank=True)
    currency = models.CharField(max_length=3)
    total = models.BigIntegerField(_("total"), help_text=_("In the smallest unit of the currency."))
    # What was given back, by the refund's own id: each counts once.
    refunds = models.JSONField(default=dict)
    refunded_total = models.BigIntegerField(default=0)
    discount_codes = models.JSONField(default=list)
    # What was ordered: the first titles, as the shop has them.
    items = models.JSONField(default=list)
    tracking = models.JSONField(default=list)
    status_url = models.URLField(max_length=2000, blank=True)
    # Our click id, where the shop kept it.
    click_id = models.CharField(max_length=40, blank=True)
    is_test = models.BooleanField(default=False)
    placed_at = models.DateTimeField(_("placed"))
    paid_at = models.DateTimeField(null=True)
    shipped_at = models.DateTimeField(null=True)
    delayed_at = models.DateTimeField(null=True)
    out_for_delivery_at = models.DateTimeField(null=True)
    ready_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    # Who ordered was erased: what the shop still tells brings nobody back.
    erased_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        constraints = [models.UniqueConstraint(fields=["shop", "external_id"], name="one_order_per_shop_id")]
        indexes = [
            models.Index(fields=["shop", "-placed_at"], name="order_of_shop_by_date"),
            models.Index(fields=["workspace", "-placed_at"], name="order_by_date"),
            models.Index(fields=["workspace", "number"], name="order_by_number"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def reached(self) -> set[str]:
        """The kinds of what has happened to it since it was placed."""
        return {kind for field, kind in FACTS.items() if getattr(self, field)}


class ShopEvent(WorkspaceModel):
    """Something that happened in a shop, derived by comparing snapshots; `event_key` makes it happen once."""

    changed_by = NOBODY

    class Kind(models.TextChoices):
        ORDER_PLACED = "order.placed", _("Order placed")
        ORDER_PAID = "order.paid", _("Order paid")
        ORDER_SHIPPED = "order.shipped", _("Order shipped")
        ORDER_DELAYED = "order.delayed", _("Order delayed")
        ORDER_OUT_FOR_DELIVERY = "order.out_for_delivery", _("Order out for delivery")
        ORDER_READY = "order.ready", _("Order ready for pickup")
        ORDER_DELIVERED = "order.delivered", _("Order delivered")
        ORDER_CANCELLED = "order.cancelled", _("Order cancelled")
        ORDER_REFUNDED = "order.refunded", _("Order refunded")
        CART_LEFT = "cart.left", _("Cart left")

    shop = models.ForeignKey(ShopConnection, on_delete=models.CASCADE, related_name="events")
    delivery = models.ForeignKey(InboundDelivery, on_delete=models.SET_NULL, null=True, related_name="events")
    order = models.ForeignKey(Order, on_delete=models.CASCADE, null=True, related_name="events")
    cart = models.ForeignKey(Cart, on_delete=models.CASCADE, null=True, related_name="events")
    kind = models.CharField(_("kind"), max_length=40, choices=Kind.choices)
    event_key = models.CharField(max_length=120)
    occurred_at = models.DateTimeField(_("happened"))
    # Learned from a backfill or a first sync: builds contacts and figures, never sends.
    is_backfill = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("shop event")
        verbose_name_plural = _("shop events")
        constraints = [models.UniqueConstraint(fields=["shop", "event_key"], name="one_event_per_key_and_shop")]

    def __str__(self) -> str:
        return f"{self.kind} {self.occurred_at:%Y-%m-%d %H:%M}"

    @property
    def contact(self) -> Contact | None:
        """Whom it concerns."""
        subject = self.order or self.cart
        return subject.contact if subject else None


# The times that an order may have, in the order in which they come, and what happened then.
FACTS: dict[str, ShopEvent.Kind] = {
    "paid_at": ShopEvent.Kind.ORDER_PAID,
    "shipped_at": ShopEvent.Kind.ORDER_SHIPPED,
    "delayed_at": ShopEvent.Kind.ORDER_DELAYED,
    "out_for_delivery_at": ShopEvent.Kind.ORDER_OUT_FOR_DELIVERY,
    "ready_at": ShopEvent.Kind.ORDER_READY,
    "delivered_at": ShopEvent.Kind.ORDER_DELIVERED,
    "cancelled_at": ShopEvent.Kind.ORDER_CANCELLED,
}
