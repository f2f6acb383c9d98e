"""The page of a short domain: does it answer us, and what has to be set up for that."""

from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView, View
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from accounts.admin import WorkspaceViewMixin
from accounts.models import OWNER_ONLY
from accounts.requests import MemberRequest
from shortlinks.models import ShortDomain
from shortlinks.services import check_answering

DOMAINS = {"url": reverse_lazy("shortlinks_domains:index"), "label": gettext_lazy("Short domains")}


def is_number(host: str) -> bool:
    """An address in figures: no CNAME leads there."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def is_loopback(name: str) -> bool:
    return name == "localhost" or name.startswith("127.")


class DomainMixin(WorkspaceViewMixin):
    kwargs: dict[str, Any]

    @cached_property
    def domain(self) -> ShortDomain:
        return get_object_or_404(ShortDomain.objects.select_related("workspace"), pk=self.kwargs["pk"])


class DomainPageView(DomainMixin, WagtailAdminTemplateMixin, TemplateView):
    template_name = "shortlinks/domain/page.html"
    header_icon = "globe"

    @property
    def page_title(self) -> str:
        return self.domain.host

    @property
    def breadcrumbs_items(self) -> list[dict[str, Any]]:
        home = {"url": reverse_lazy("wagtailadmin_home"), "label": _("Home")}
        return [home, DOMAINS, {"url": "", "label": self.domain.host}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        name = self.domain.host.partition(":")[0]
        operator = urlsplit(settings.BASE_URL).hostname or ""
        return super().get_context_data(
            domain=self.domain,
            name=name,
            is_address=is_loopback(name),
            operator=operator,
            has_figures=is_number(operator),
            is_plain=settings.SHORT_LINK_SCHEME == "http",
            may_write=self.request.role in OWNER_ONLY,  # type: ignore[attr-defined]
            **kwargs,
        )


class CheckView(DomainMixin, View):
    """Ask the host now whether it answers."""

    roles = OWNER_ONLY
    http_method_names = ["post"]

    def post(self, request: MemberRequest, pk: int) -> HttpResponse:
        domain = check_answering(domain=self.domain, now=timezone.now())
        if domain.is_answering:
            messages.success(request, _("%(host)s answers for us.") % {"host": domain.host})
        else:
            text = _("%(host)s does not answer for us: %(trouble)s")
            messages.error(request, text % {"host": domain.host, "trouble": domain.get_trouble_display()})
        return redirect("shortlinks_domains:page", pk=pk)
