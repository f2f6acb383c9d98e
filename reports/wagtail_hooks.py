from django.urls import URLResolver, include, path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.components import Component

from accounts.requests import SiteRequest
from reports.panels import home_panels


@hooks.register("register_admin_urls")
def report_urls() -> list[URLResolver]:
    return [path("reports/", include("reports.urls"))]


@hooks.register("register_admin_menu_item")
def reports_menu_item() -> MenuItem:
    return MenuItem(_("Reports"), reverse("reports:index"), name="campaign-reports", icon_name="ch-chart", order=800)


@hooks.register("construct_homepage_panels")
def fill_home(request: SiteRequest, panels: list[Component]) -> None:
    panels += home_panels(request, now=timezone.now())
