from django.urls import URLPattern, reverse_lazy
from django.utils.translation import gettext_lazy as _
from wagtail import hooks

from accounts.menu import OwnersMenuItem
from shortlinks.health_page import URL_NAME, health_urls
from shortlinks.viewsets import BlockedHostViewSet, DomainViewSet, LinkViewSet


@hooks.register("register_admin_viewset")
def register_links() -> LinkViewSet:
    return LinkViewSet()


@hooks.register("register_admin_viewset")
def register_domains() -> DomainViewSet:
    return DomainViewSet()


@hooks.register("register_admin_urls")
def register_health() -> list[URLPattern]:
    return health_urls()


@hooks.register("register_settings_menu_item")
def short_link_health() -> OwnersMenuItem:
    address = reverse_lazy(URL_NAME)
    return OwnersMenuItem(
        _("Short link health"), address, name="short-link-health", icon_name="circle-check", order=320
    )


@hooks.register("register_admin_viewset")
def register_blocked_hosts() -> BlockedHostViewSet:
    return BlockedHostViewSet()
