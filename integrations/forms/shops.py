from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.admin import WorkspaceForm
from integrations.models import ShopConnection
from integrations.services.shops import change_credentials, connect_shop
from integrations.shops.base import Shop
from integrations.shops.registry import shop_classes
from shortlinks.services import follow_shops


class ShopForm(WorkspaceForm):
    """A name, and whatever credentials the platform's adapter asks the merchant for. They are never shown again."""

    instance: ShopConnection
    web_address = forms.URLField(
        label=_("Address of the shop"),
        required=False,
        assume_scheme="https",
        help_text=_(
            "Where customers buy, like https://www.example.com. Links of messages that lead there say whose they were: "
            "an order is credited to its message also when somebody orders under another phone number."
        ),
    )

    class Meta:
        model = ShopConnection
        fields = ["name", "web_address"]

    def __init__(self, *args: Any, platform: type[Shop] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.platform = shop_classes().get(self.instance.platform) if self.instance.pk else platform
        self.typed = dict(self.platform.config_form().fields) if self.platform else {}
        self.fields |= self.typed
        if self.instance.pk:
            for field in self.typed.values():
                field.required = False
                field.help_text = _("Leave this empty to keep the one that is stored.")

    @property
    def credentials(self) -> dict[str, str]:
        return {name: value for name in self.typed if (value := self.cleaned_data[name])}

    def clean(self) -> dict[str, Any]:
        if self.platform is None and not self.instance.pk:
            raise forms.ValidationError(_("Choose a platform first."))
        return super().clean()

    def save(self, commit: bool = True) -> ShopConnection:
        if self.instance.pk:
            change_credentials(shop=self.instance, credentials=self.credentials)
            shop = super().save(commit)
            follow_shops(workspace=shop.workspace)
            return shop
        assert self.platform is not None  # clean
        self.instance = connect_shop(
            workspace=self.instance.workspace,
            platform=self.platform.slug,
            name=self.cleaned_data["name"],
            credentials=self.credentials,
            web_address=self.cleaned_data["web_address"],
        )
        return self.instance


class ShopEditForm(ShopForm):
    class Meta(ShopForm.Meta):
        fields = ["name", "web_address", "country", "language", "currency", "consent_wording", "is_enabled"]
