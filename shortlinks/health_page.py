"""Settings, Short link health: is every short link answered, and does every click land."""

from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, path, reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from accounts.admin import WorkspaceViewMixin
from accounts.models import OWNER_ONLY
from shortlinks.machines import house_now

URL_NAME = "shortlinks_health"
EVERY_MS = 5000


class HealthView(WorkspaceViewMixin, WagtailAdminTemplateMixin, TemplateView):
    """The page, or only what changes in it for the script that asks again."""

    roles = OWNER_ONLY
    template_name = "shortlinks/health/page.html"
    page_title = _("Short link health")
    header_icon = "ch-chart"
    breadcrumbs_items = [
        {"url": reverse_lazy("wagtailadmin_home"), "label": _("Home")},
        {"url": "", "label": _("Short link health")},
    ]
    request: HttpRequest

    def get_template_names(self) -> list[str]:
        is_asked_again = self.request.headers.get("X-Requested-With") == "XMLHttpRequest"
        return ["shortlinks/health/state.html"] if is_asked_again else [self.template_name]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now = timezone.now()
        return super().get_context_data(house=house_now(now=now), now=now, every_ms=EVERY_MS, **kwargs)


def health_urls() -> list[URLPattern]:
    return [path("short-link-health/", HealthView.as_view(), name=URL_NAME)]
