from django.urls import URLPattern, path, reverse_lazy
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from accounts.menu import OwnersMenuItem
from campaigns.automation.viewset import AutomationViewSet
from campaigns.orders.views import CreditRulesView, OrdersView
from campaigns.viewsets import CampaignViewSet


@hooks.register("register_admin_viewset")
def register_campaigns() -> list[CampaignViewSet | AutomationViewSet]:
    return [CampaignViewSet(), AutomationViewSet()]


@hooks.register("register_admin_urls")
def screens_of_orders() -> list[URLPattern]:
    return [
        path("orders/", OrdersView.as_view(), name="campaign_orders"),
        path("orders/rules/", CreditRulesView.as_view(), name="campaign_credit_rules"),
    ]


@hooks.register("register_admin_menu_item")
def orders() -> MenuItem:
    return MenuItem(_("Orders"), reverse_lazy("campaign_orders"), name="orders", icon_name="ch-shop", order=690)


@hooks.register("register_settings_menu_item")
def credit_rules() -> OwnersMenuItem:
    url = reverse_lazy("campaign_credit_rules")
    return OwnersMenuItem(_("Credit of orders"), url, name="credit-of-orders", icon_name="ch-shop", order=350)
