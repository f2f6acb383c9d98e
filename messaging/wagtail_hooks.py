"""What messaging adds to the admin: the inbox, and senders, team numbers and rules in the settings."""

from django.urls import URLPattern, path, reverse_lazy
from django.utils.translation import gettext_lazy as _
from wagtail import hooks

from accounts.menu import OwnersMenuItem
from messaging.inbox import InboxViewSet
from messaging.promo_screen import PromoPoolViewSet
from messaging.rules_screen import RulesView
from messaging.spending_screen import BudgetView
from messaging.viewsets import SenderViewSet, TeamNumberViewSet


@hooks.register("register_admin_viewset")
def register_messaging() -> list[object]:
    return [InboxViewSet(), SenderViewSet(), PromoPoolViewSet(), TeamNumberViewSet()]


@hooks.register("register_admin_urls")
def own_screens() -> list[URLPattern]:
    return [
        path("messaging/rules/", RulesView.as_view(), name="messaging_rules"),
        path("messaging/budget/", BudgetView.as_view(), name="messaging_budget"),
    ]


@hooks.register("register_settings_menu_item")
def rules_of_sending() -> OwnersMenuItem:
    url = reverse_lazy("messaging_rules")
    return OwnersMenuItem(_("Rules of sending"), url, name="rules-of-sending", icon_name="time", order=330)


@hooks.register("register_settings_menu_item")
def budget() -> OwnersMenuItem:
    url = reverse_lazy("messaging_budget")
    return OwnersMenuItem(_("Budget"), url, name="budget", icon_name="ch-chart", order=340)
