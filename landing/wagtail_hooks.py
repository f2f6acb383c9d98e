from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLResolver, include, path, reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.widgets.button import Button
from wagtail.models import Page

from accounts.admin import WorkspaceViewSet
from accounts.requests import SiteRequest
from landing.answers.screens import AnswerViewSet
from landing.models import LandingPage
from landing.views import DESIGNERS, quiet_page
from landing.viewsets import PieceViewSet


class DesignersMenuItem(MenuItem):
    def is_shown(self, request: SiteRequest) -> bool:
        return request.role in DESIGNERS


@hooks.register("before_serve_page")
def serve_plain_pages_quietly(page: Page, request: HttpRequest, *args: Any) -> HttpResponse | None:
    return quiet_page(request, page) if type(page) is Page else None


@hooks.register("before_create_page")
def begin_in_the_gallery(request: SiteRequest, parent: Page, model: type[Page]) -> HttpResponse | None:
    """A new page begins with a template; `?empty` says that none is wanted."""
    is_asked = request.method == "GET" and "empty" not in request.GET and request.role in DESIGNERS
    return redirect("landing:gallery") if is_asked and issubclass(model, LandingPage) else None


@hooks.register("register_page_header_buttons")
def weight_and_checks(page: Page, user: Any, view_name: str, next_url: str | None = None) -> Iterator[Button]:
    if view_name == "edit" and isinstance(page, LandingPage):
        address = reverse("landing:checks", args=[page.pk])
        yield Button(_("Weight and checks"), address, icon_name="glasses", priority=5)


@hooks.register("register_admin_viewset")
def lists() -> list[WorkspaceViewSet]:
    return [PieceViewSet(), AnswerViewSet()]


@hooks.register("register_admin_urls")
def landing_urls() -> list[URLResolver]:
    return [path("landing/", include("landing.urls"))]


@hooks.register("register_settings_menu_item")
def look_of_the_pages() -> DesignersMenuItem:
    return DesignersMenuItem(
        _("Look of the pages"), reverse_lazy("landing:theme"), name="landing-theme", icon_name="mobile-alt", order=3
    )
