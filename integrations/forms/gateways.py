from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.admin import WorkspaceForm
from integrations.gateways.base import Gateway, StopHandling
from integrations.gateways.registry import gateway_classes
from integrations.models import GatewayAccount
from integrations.services.accounts import identity_hash, is_taken, save_account

MICROS = 1_000_000
PREFIX = "credentials"
TAKEN = _(
    "These credentials are in use already. Every workspace needs an account of its own at the provider: of a STOP "
    "only one would hear."
)


class GatewayAccountForm(WorkspaceForm):
    """The provider is chosen once: messages and webhook addresses hang on it. Its own form stands beside this one."""

    instance: GatewayAccount
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
        help_text=_("As your provider bills it. A price list by country and volume is on the page of the account."),
    )

    class Meta:
        model = GatewayAccount
        fields = ["name", "stop_number", "rate_per_second", "balance_alert", "is_enabled"]

    def __init__(self, *args: Any, provider: type[Gateway] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        account = self.instance
        self.provider = gateway_classes().get(account.gateway) if account.pk else provider
        self.fields["price"].initial = Decimal(account.part_price_micros) / MICROS
        self.config = self._config() if self.provider else None
        if self.provider and self.provider.capabilities.appended_stop_clause:
            self.fields["stop_number"].help_text = _("Leave it empty: the provider writes its own number.")

    def _config(self) -> forms.Form:
        """The provider's own fields; a secret that was left empty stays the stored one."""
        assert self.provider is not None
        stored = self.instance.credentials
        secrets = self.provider.secret_names()
        data = None
        if self.is_bound:
            kept = {f"{PREFIX}-{name}": stored[name] for name in secrets if stored.get(name)}
            typed = {name: value for name, value in self.data.items() if value or name not in kept}
            data = kept | typed
        shown = {name: value for name, value in stored.items() if name not in secrets}
        config = self.provider.config_form(data, prefix=PREFIX, initial=shown)
        for name in secrets:
            config.fields[name].widget.attrs["autocomplete"] = "new-password"
            if stored.get(name):
                config.fields[name].help_text = _("Leave this empty to keep the one that is stored.")
                config.fields[name].required = False
        return config

    @property
    def credentials(self) -> Mapping[str, Any]:
        """What is stored for a provider that is no longer installed."""
        return self.config.cleaned_data if self.config else self.instance.credentials

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        if self.provider is None and not self.instance.pk:
            raise forms.ValidationError(_("Choose a provider first."))
        if self.config is None:
            return values
        if not self.config.is_valid():
            raise forms.ValidationError(_("Look at the provider's fields below."))
        assert self.provider is not None
        if is_taken(self.instance, identity_hash(self.provider.slug, self.credentials)):
            raise forms.ValidationError(TAKEN)
        stop = self.provider(self.credentials, account_id="").capabilities.stop
        if stop == StopHandling.NONE and values.get("stop_number"):
            self.add_error("stop_number", _("You say that nobody takes STOP: then there is no number for it."))
        return values

    def save(self, commit: bool = True) -> GatewayAccount:
        self.instance.part_price_micros = int(self.cleaned_data["price"] * MICROS)
        if self.provider is None:
            return super().save(commit)
        self.instance.gateway = self.provider.slug
        return save_account(account=super().save(commit=False), credentials=self.credentials)
