import secrets
import uuid

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.fields import SealedJSONField, SealedTextField
from accounts.models import OWNER_ONLY, WorkspaceModel


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
