import secrets
import uuid

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.fields import SealedBytesField, SealedJSONField, SealedTextField
from accounts.models import NOBODY, OWNER_ONLY, WorkspaceModel
from audience.models import Contact


class Installation(models.Model):
    """The one row that says which installation this database belongs to (`manage.py live_id`)."""

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)

    def __str__(self) -> str:
        return str(self.public_id)


def new_webhook_secret() -> str:
    return secrets.token_urlsafe(32)


class GatewayAccount(WorkspaceModel):
    """Credentials at an SMS provider, and how fast and at what price it takes messages."""

    changed_by = OWNER_ONLY

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # The slug of a class named in settings.GATEWAYS.
    gateway = models.CharField(_("provider"), max_length=40)
    name = models.CharField(_("name"), max_length=80)
    credentials = SealedJSONField(default=dict)
    # Makes the webhook address unguessable (`addresses.webhook_url`) and signs calls where the provider can sign.
    webhook_secret = SealedTextField(default=new_webhook_secret, editable=False)
    stop_number = models.CharField(
        _("STOP number"), max_length=5, blank=True, help_text=_("The short number that takes STOP, such as 36180.")
    )
    rate_per_second = models.PositiveIntegerField(_("messages per second"), default=50)
    # Millionths of the currency unit: 45,000 is 0.045 €.
    part_price_micros = models.PositiveIntegerField(_("price of a part"), default=45_000)
    is_enabled = models.BooleanField(_("enabled"), default=True)
    # Keyed hash of `Gateway.identity`: sealed credentials can't be compared.
    identity_hash = models.BinaryField(max_length=32, null=True, editable=False)
    # What came of the last trial: "" when the provider knew the credentials, an ErrorClass, or "unknown".
    checked_at = models.DateTimeField(null=True, editable=False)
    check_error = models.CharField(max_length=40, blank=True, editable=False)
    check_detail = models.CharField(max_length=200, blank=True, editable=False)
    # What was left at the provider at `checked_at`: of this currency, or of its own credits where that is empty.
    balance = models.DecimalField(max_digits=14, decimal_places=4, null=True, editable=False)
    balance_currency = models.CharField(max_length=3, blank=True, editable=False)
    # Below this somebody is to buy more; empty is never.
    balance_alert = models.DecimalField(
        _("warn when the balance is below"),
        max_digits=14,
        decimal_places=4,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text=_("In what the provider counts in: money or credits. Asked every hour. Empty: never."),
    )
    paused_until = models.DateTimeField(null=True, editable=False)
    refused_webhooks = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("gateway account")
        verbose_name_plural = _("gateway accounts")
        constraints = [models.UniqueConstraint(fields=["identity_hash"], name="one_workspace_per_provider_account")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_low(self) -> bool:
        """Whether the balance, as last heard of, is below what somebody wants to be warned of."""
        return self.balance is not None and self.balance_alert is not None and self.balance < self.balance_alert


class PriceTier(WorkspaceModel):
    """What a part costs at an account: read by `prices` alone, written by `services.prices`."""

    changed_by = OWNER_ONLY

    account = models.ForeignKey(GatewayAccount, on_delete=models.CASCADE, related_name="price_tiers")
    # The territory of the number; empty for all that have no tiers of their own.
    country = models.CharField(_("country"), max_length=2, blank=True)
    from_part = models.PositiveIntegerField(_("from part"))
    # Millionths of the currency unit.
    price_micros = models.PositiveIntegerField(_("price of a part"))
    valid_from = models.DateField(_("valid from"))

    class Meta:
        verbose_name = _("price tier")
        verbose_name_plural = _("price tiers")
        constraints = [
            models.UniqueConstraint(
                fields=["account", "country", "valid_from", "from_part"], name="one_price_per_tier_and_date"
            ),
            models.CheckConstraint(condition=models.Q(from_part__gte=1), name="tier_from_first_part_on"),
        ]

    def __str__(self) -> str:
        return f"{self.country} {self.from_part}"


class ShopConnection(WorkspaceModel):
    """A shop that tells us its events by signed webhook."""

    changed_by = OWNER_ONLY

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # The slug of a class named in settings.SHOPS.
    platform = models.CharField(_("platform"), max_length=40)
    name = models.CharField(_("name"), max_length=80)
    # What the platform calls the shop: a myshopify domain, a PrestaShop shop id.
    shop_key = models.CharField(_("shop"), max_length=200, blank=True)
    credentials = SealedJSONField(default=dict)
    country = models.CharField(_("country"), max_length=2, default="FR")
    language = models.CharField(_("language"), max_length=5, default="fr")
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    is_enabled = models.BooleanField(_("enabled"), default=True)
    # Orders placed before this never send anything.
    connected_at = models.DateTimeField(_("connected"), auto_now_add=True)
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
            return str(_("switched off"))
        return str(_("connected") if self.last_delivery_at else _("waiting"))


class InboundDelivery(WorkspaceModel):
    """The inbox: one webhook call, verified, stored once, answered, worked on afterwards."""

    changed_by = NOBODY

    class State(models.TextChoices):
        NEW = "new", _("New")
        DONE = "done", _("Done")
        DEAD = "dead", _("Failed")

    gateway_account = models.ForeignKey(GatewayAccount, on_delete=models.CASCADE, null=True, related_name="deliveries")
    shop = models.ForeignKey(ShopConnection, on_delete=models.CASCADE, null=True, related_name="deliveries")
    topic = models.CharField(_("topic"), max_length=80)
    dedup_key = models.CharField(max_length=200)
    # {"method": …, "headers": {…}, "query": {…}}: what parsing needs besides the body; never the signature.
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
            models.CheckConstraint(
                condition=models.Q(gateway_account__isnull=False, shop__isnull=True)
                | models.Q(gateway_account__isnull=True, shop__isnull=False),
                name="delivery_from_gateway_or_shop",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "next_attempt_at"], name="delivery_to_work_on"),
            models.Index(fields=["purge_at"], name="delivery_to_purge"),
        ]

    @property
    def origin(self) -> GatewayAccount | ShopConnection:
        """Who called."""
        origin = self.gateway_account or self.shop
        assert origin is not None  # delivery_from_gateway_or_shop
        return origin

    def __str__(self) -> str:
        return f"{self.topic} {self.received_at:%Y-%m-%d %H:%M}"


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
    country = models.CharField(max_length=2, blank=True)
    language = models.CharField(max_length=5, blank=True)
    currency = models.CharField(max_length=3)
    total = models.BigIntegerField(_("total"), help_text=_("In the smallest unit of the currency."))
    # What was given back, by the refund's own id: each counts once.
    refunds = models.JSONField(default=dict)
    refunded_total = models.BigIntegerField(default=0)
    discount_codes = models.JSONField(default=list)
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

    def __str__(self) -> str:
        return self.number


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

    shop = models.ForeignKey(ShopConnection, on_delete=models.CASCADE, related_name="events")
    delivery = models.ForeignKey(InboundDelivery, on_delete=models.SET_NULL, null=True, related_name="events")
    order = models.ForeignKey(Order, on_delete=models.CASCADE, null=True, related_name="events")
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
