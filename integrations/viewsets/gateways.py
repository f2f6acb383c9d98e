"""Gateway accounts: an owner's settings."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext_lazy as _
from django.views.generic import View
from wagtail.admin.ui.tables import Column, StatusTagColumn
from wagtail.admin.views.generic.models import CreateView, EditView, IndexView, InspectView

from accounts.admin import WorkspaceViewMixin, WorkspaceViewSet
from accounts.models import Role
from accounts.requests import MemberRequest
from integrations.addresses import webhook_url
from integrations.forms.gateways import GatewayAccountForm
from integrations.gateways.base import Connected, Gateway
from integrations.gateways.registry import UnknownGateway, gateway_classes
from integrations.health import health_of
from integrations.models import GatewayAccount
from integrations.services.accounts import try_account
from integrations.states import balance_in_words, state_of, trouble_in_words
from integrations.viewsets.prices import PricesView, RemovePricesView


def provider_name(account: GatewayAccount) -> str:
    """The provider's own name; its slug where the gateway is no longer installed."""
    gateway = gateway_classes().get(account.gateway)
    return str(gateway.label) if gateway else account.gateway


def addresses_of(account: GatewayAccount) -> list[tuple[str | Promise, str]]:
    """What somebody pastes at the provider: what it is for, and the address."""
    gateway = gateway_classes().get(account.gateway)
    if gateway is None or gateway.capabilities.is_simulator:
        return []
    kinds = gateway.pasted_kinds or {kind: kind for kind in gateway.webhook_kinds}
    return [(label, webhook_url(account, kind)) for kind, label in kinds.items()]


class AccountIndexView(IndexView):
    def get_base_queryset(self) -> QuerySet[GatewayAccount]:
        return super().get_base_queryset().defer("credentials", "webhook_secret")

    def get_edit_url(self, instance: GatewayAccount) -> str | None:
        """A click on the name shows how the account fares."""
        return self.get_inspect_url(instance)


class AccountCreateView(CreateView):
    """Two steps on one address: choose the provider, then give what it asks for."""

    success_message = _("%(object)s is stored. Test the connection before you send.")

    @cached_property
    def provider(self) -> type[Gateway] | None:
        return gateway_classes().get(self.request.GET.get("gateway", ""))

    def get_add_url(self) -> str:
        return f"{super().get_add_url()}?gateway={self.provider.slug}" if self.provider else super().get_add_url()

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "provider": self.provider}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        providers = gateway_classes().values()
        return super().get_context_data(provider=self.provider, providers=providers, **kwargs)

    def get_template_names(self) -> list[str]:
        return [f"integrations/gateway/{'create' if self.provider else 'choose'}.html"]

    def get_success_url(self) -> str:
        return reverse("gateway_accounts:inspect", args=[self.object.pk])

    def get_success_buttons(self) -> list[Any]:
        return []


class AccountEditView(EditView):
    def get_success_url(self) -> str:
        return reverse("gateway_accounts:inspect", args=[self.object.pk])


class AccountInspectView(InspectView):
    """How it stands, how it fares, and what to paste at the provider."""

    page_title = _("Gateway account")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        gateway, now, paused_until = (
            gateway_classes().get(self.object.gateway),
            timezone.now(),
            self.object.paused_until,
        )
        return super().get_context_data(
            gateway=gateway,
            provider_name=provider_name(self.object),
            state=state_of(self.object, now),
            tries_again_at=paused_until if paused_until and paused_until > now else None,
            balance=balance_in_words(self.object),
            health=health_of(self.object),
            trouble=trouble_in_words(self.object),
            addresses=addresses_of(self.object),
            is_reachable=settings.BASE_URL.startswith("https://"),
            is_owner=self.request.role == Role.OWNER,
            **kwargs,
        )


class TestView(WorkspaceViewMixin, View):
    """Asks the provider; nothing is sent."""

    roles = frozenset({Role.OWNER})

    def post(self, request: MemberRequest, pk: int) -> HttpResponse:
        account: GatewayAccount = get_object_or_404(GatewayAccount, pk=pk)
        try:
            found = try_account(account=account, now=timezone.now())
        except UnknownGateway:
            messages.error(request, _("The package of this gateway is gone: install it again."))
            return redirect("gateway_accounts:inspect", pk)
        if isinstance(found, Connected):
            messages.success(request, _("The provider answered and knows these credentials."))
            for advice in found.advice:
                messages.warning(request, str(advice))
        else:
            messages.error(request, str(trouble_in_words(account)))
        return redirect("gateway_accounts:inspect", pk)


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
    index_view_class = AccountIndexView
    add_view_class = AccountCreateView
    edit_view_class = AccountEditView
    edit_template_name = "integrations/gateway/edit.html"
    inspect_view_class = AccountInspectView
    inspect_view_enabled = True
    inspect_template_name = "integrations/gateway/inspect.html"
    list_display = [
        "name",
        Column("gateway", label=_("Provider"), accessor=provider_name),
        StatusTagColumn(
            "is_enabled",
            label=_("State"),
            accessor=lambda account: state_of(account, timezone.now()).words,
            primary=lambda account: state_of(account, timezone.now()).tone == "ok",
        ),
        "stop_number",
        "rate_per_second",
        Column("refused_webhooks", label=_("Refused calls")),
    ]
    ordering = ["name"]

    def get_form_class(self, for_update: bool = False) -> type[forms.ModelForm]:
        return GatewayAccountForm

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            *super().get_urlpatterns(),
            path("test/<int:pk>/", TestView.as_view(), name="test"),
            path("prices/<int:pk>/", PricesView.as_view(), name="prices"),
            path("prices/<int:pk>/remove/", RemovePricesView.as_view(), name="remove_prices"),
        ]
