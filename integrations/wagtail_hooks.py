"""What integrations adds to the admin: gateway accounts in the settings, shops, and the simulator's phones."""

from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from django_scopes import scope
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from accounts.requests import SiteRequest
from integrations.queries import simulator_accounts
from integrations.simulator import views
from integrations.viewsets.gateways import GatewayAccountViewSet
from integrations.viewsets.shops import ShopViewSet
from integrations.viewsets.sources import EventSourceViewSet


@hooks.register("register_admin_viewset")
def register_gateway_accounts() -> GatewayAccountViewSet:
    return GatewayAccountViewSet()


@hooks.register("register_admin_viewset")
def register_shops() -> ShopViewSet:
    return ShopViewSet()


@hooks.register("register_admin_viewset")
def register_event_sources() -> EventSourceViewSet:
    return EventSourceViewSet()


@hooks.register("register_admin_urls")
def register_simulator() -> list[URLPattern]:
    return [
        path("simulator/", views.SimulatorView.as_view(), name="simulator"),
        path("simulator/facts/", views.FactsView.as_view(), name="simulator_facts"),
        path("simulator/thread/<slug:message_id>/", views.ThreadView.as_view(), name="simulator_thread"),
        path("simulator/reply/", views.ReplyView.as_view(), name="simulator_reply"),
        path("simulator/find/", views.FindView.as_view(), name="simulator_find"),
        path("simulator/mode/", views.ModeView.as_view(), name="simulator_mode"),
        path("simulator/clear/", views.ClearView.as_view(), name="simulator_clear"),
    ]


class SimulatorMenuItem(MenuItem):
    """There only while a simulator is."""

    def is_shown(self, request: SiteRequest) -> bool:
        if request.workspace is None:
            return False
        with scope(workspace=request.workspace):
            return bool(simulator_accounts())


@hooks.register("register_admin_menu_item")
def simulator_menu_item() -> MenuItem:
    return SimulatorMenuItem(_("Simulator"), reverse("simulator"), name="simulator", icon_name="ch-phone", order=900)
