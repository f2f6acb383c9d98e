"""Gateway accounts: an owner's settings."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import BooleanColumn, Column

from accounts.admin import WorkspaceForm, WorkspaceViewSet
from integrations.addresses import webhook_url
from integrations.gateways.registry import gateway_classes
from integrations.models import GatewayAccount

MICROS = 1_000_000


class GatewayAccountForm(WorkspaceForm):
    """The provider is chosen once: messages and webhook addresses hang on it."""

    gateway = forms.ChoiceField(label=_("Provider"))
    stop_number = forms.RegexField(
        r"^3\d{4}$",
        label=_("STOP number"),
        required=False,
        help_text=_("The short number that takes STOP, such as 36180. Without it no marketing leaves."),
        error_messages={"invalid": _("A STOP number has five digits and begins with 3, such as 36180.")},
    )
    price = forms.DecimalField(
        label=_("Price of a part"),
        min_value=0,
        max_value=10,
        decimal_places=6,
        help_text=_("As your provider bills it."),
    )
    webhook_address = forms.CharField(
        label=_("Webhook address"),
        required=False,
        disabled=True,
        help_text=_("Give it to your provider for delivery reports and answers. Whoever knows it can call it."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        account = self.instance
        self.fields["gateway"].choices = [(slug, gateway.label) for slug, gateway in gateway_classes().items()]
        self.fields["price"].initial = Decimal(account.part_price_micros) / MICROS
        if account.pk is None:
            del self.fields["webhook_address"]
            return
        self.fields["gateway"].disabled = True
        gateway = gateway_classes().get(account.gateway)
        kinds = gateway.webhook_kinds if gateway else ()
        self.fields["webhook_address"].initial = "\n".join(webhook_url(account, kind) for kind in kinds)

    def save(self, commit: bool = True) -> GatewayAccount:
        self.instance.part_price_micros = int(self.cleaned_data["price"] * MICROS)
        return super().save(commit)


def provider_name(account: GatewayAccount) -> str:
    """The provider's own name; its slug where the gateway is no longer installed."""
    gateway = gateway_classes().get(account.gateway)
    return str(gateway.label) if gateway else account.gateway


class GatewayAccountViewSet(WorkspaceViewSet):
    model = GatewayAccount
    name = "gateway_accounts"
    url_namespace = "gateway_accounts"
    url_prefix = "gateway-accounts"
    icon = "ch-key"
    menu_label = _("Gateway accounts")
    menu_name = "gateway-accounts"
    menu_order = 300
    add_to_settings_menu = True
    base_form_class = GatewayAccountForm
    form_fields = ["name", "gateway", "stop_number", "rate_per_second", "is_enabled"]
    list_display = [
        "name",
        Column("gateway", label=_("Provider"), accessor=provider_name),
        "stop_number",
        "rate_per_second",
        BooleanColumn("is_enabled", label=_("Enabled")),
        Column("refused_webhooks", label=_("Refused calls")),
    ]
    ordering = ["name"]
