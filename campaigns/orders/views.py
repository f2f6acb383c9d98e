"""The screen of orders, and that of the rule by which they are credited."""

from typing import Any

from django import forms
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView

from accounts.admin import SettingsView, WorkspacePage
from accounts.requests import MemberRequest
from campaigns.listing import Choice, keys_of, listed, row_with
from campaigns.models import Campaign, CreditRules
from campaigns.orders.lines import EARNED, line_of, orders_of
from campaigns.services.crediting import rules_of, save_rules
from integrations.models import ShopConnection


class OrdersView(WorkspacePage, TemplateView):
    """Which message earned which order, and why."""

    template_name = "campaigns/orders/index.html"
    page_title = _("Orders")
    header_icon = "ch-shop"
    request: MemberRequest

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = listed(self.request.GET, orders_of)
        asked, shops = found["asked"], keys_of(ShopConnection.objects.order_by("name").only("name"))
        earned = [(slug, label) for slug, (label, _q) in EARNED.items()]
        return super().get_context_data(
            lines=[line_of(order) for order in found["rows"]],
            shops=shops,
            choices=[
                Choice("earned", _("What earned it"), _("All orders"), earned, asked.get("earned", "")),
                Choice("shop", _("Shop"), _("All shops"), shops, asked.get("shop", "")),
            ],
            campaign=row_with(Campaign.objects.all(), asked.get("campaign", "")),
            window_days=rules_of(self.request.workspace).window_days,
            **found,
            **kwargs,
        )


class CreditRulesForm(forms.ModelForm):
    class Meta:
        model = CreditRules
        fields = ["window_days"]
        help_texts = {"window_days": _("From 1 to 30; 5 is usual. It counts for orders that come from now on.")}


class CreditRulesView(SettingsView):
    form_class = CreditRulesForm
    template_name = "campaigns/orders/rules.html"
    success_url = reverse_lazy("campaign_credit_rules")
    page_title = _("Credit of orders")
    header_icon = "ch-shop"

    def get_instance(self) -> CreditRules:
        return rules_of(self.request.workspace)

    def save(self, form: forms.Form) -> None:
        save_rules(workspace=self.request.workspace, **form.cleaned_data)
