from django.urls import URLResolver, include, path, reverse_lazy
from django.utils.translation import gettext_lazy as _
from wagtail import hooks

from accounts.menu import OwnersMenuItem
from audience.people.setup import AttributeViewSet, AuditViewSet, TopicViewSet
from audience.viewsets import AudienceViewSetGroup


@hooks.register("register_admin_viewset")
def register_audience() -> list[object]:
    return [AudienceViewSetGroup(), AttributeViewSet(), TopicViewSet(), AuditViewSet()]


@hooks.register("register_admin_urls")
def audience_urls() -> list[URLResolver]:
    return [path("audience/", include("audience.urls"))]


@hooks.register("register_settings_menu_item")
def contact_data() -> OwnersMenuItem:
    url = reverse_lazy("audience:settings")
    return OwnersMenuItem(_("Contact data"), url, name="contact-data", icon_name="user", order=400)


@hooks.register("register_settings_menu_item")
def retention() -> OwnersMenuItem:
    url = reverse_lazy("audience:retention")
    return OwnersMenuItem(_("Retention"), url, name="retention", icon_name="time", order=420)


@hooks.register("register_settings_menu_item")
def audit_log() -> OwnersMenuItem:
    url = reverse_lazy("audience_audit:index")
    return OwnersMenuItem(_("Audit log"), url, name="audit-log", icon_name="history", order=430)
