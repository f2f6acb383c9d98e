"""The page of one link: what became of it, its QR code, its switch."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView, View
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from accounts.admin import WorkspaceViewMixin
from accounts.models import Role
from accounts.requests import MemberRequest
from shortlinks.link_page import link_page
from shortlinks.models import ShortLink
from shortlinks.qr import BadColours, png, svg
from shortlinks.qr_form import QrForm
from shortlinks.queries import poster_url, whole_url
from shortlinks.services import give_poster_alias, publish_link

WRITERS = frozenset({Role.OWNER, Role.MARKETER})
LINKS = {"url": reverse_lazy("shortlinks_links:index"), "label": gettext_lazy("Links")}
KINDS = {"svg": "image/svg+xml", "png": "image/png"}


def page_of(link: ShortLink) -> str:
    return reverse("shortlinks_links:page", args=[link.pk])


class LinkMixin(WorkspaceViewMixin):
    """Whatever is about one link of the workspace."""

    kwargs: dict[str, Any]

    @cached_property
    def link(self) -> ShortLink:
        links = ShortLink.objects.select_related("domain", "workspace").defer("domain__key")
        return get_object_or_404(links, pk=self.kwargs["pk"])


class LinkPageView(LinkMixin, WagtailAdminTemplateMixin, TemplateView):
    template_name = "shortlinks/link/page.html"
    header_icon = "link"

    @property
    def page_title(self) -> str:
        return self.link.label

    @property
    def breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            {"url": reverse_lazy("wagtailadmin_home"), "label": _("Home")},
            LINKS,
            {"url": "", "label": self.link.label},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        page = link_page(self.link, now=timezone.now())
        return super().get_context_data(
            page=page,
            link=self.link,
            poster_url=poster_url(link=self.link) if self.link.alias else "",
            whole_url=whole_url(link=self.link) if self.link.alias else "",
            may_write=self.request.role in WRITERS,  # type: ignore[attr-defined]
            **qr_context(self.link, QrForm()),
            **kwargs,
        )


def qr_context(link: ShortLink, form: QrForm) -> dict[str, Any]:
    """The code as it will look, or what keeps it from being read."""
    if not link.alias:
        return {"qr_form": form}
    try:
        return {"qr_form": form, "qr_svg": svg(poster_url(link=link), form.style).decode()}
    except BadColours as error:
        return {"qr_form": form, "qr_problem": str(error)}


class QrPreviewView(LinkMixin, View):
    """The preview alone, while colours are being chosen."""

    def get(self, request: MemberRequest, pk: int) -> HttpResponse:
        form = QrForm(request.GET)
        return render(request, "shortlinks/link/qr.html", {"link": self.link, **qr_context(self.link, form)})


class QrView(LinkMixin, View):
    """The code as a file to print."""

    def get(self, request: MemberRequest, pk: int, kind: str) -> HttpResponseBase:
        form = QrForm(request.GET)
        if not self.link.alias:
            return redirect(page_of(self.link))
        draw = svg if kind == "svg" else png
        try:
            content = draw(poster_url(link=self.link), form.style)
        except BadColours as error:
            messages.error(request, str(error))
            return redirect(f"{page_of(self.link)}#qr")
        name = f"qr-{self.link.domain.host.replace(':', '-')}-{self.link.alias}.{kind}"
        return HttpResponse(
            content, content_type=KINDS[kind], headers={"Content-Disposition": f'attachment; filename="{name}"'}
        )


class PosterAddressView(LinkMixin, View):
    """A tracked link gets an address that everybody may be shown."""

    http_method_names = ["post"]
    roles = WRITERS

    def post(self, request: MemberRequest, pk: int) -> HttpResponseBase:
        give_poster_alias(link=self.link, by=request.user)
        return redirect(f"{page_of(self.link)}#qr")


class SwitchView(LinkMixin, View):
    """On and off. A link that is off answers "gone"."""

    http_method_names = ["post"]
    roles = WRITERS

    def post(self, request: MemberRequest, pk: int) -> HttpResponseBase:
        self.link.is_enabled = "on" in request.POST
        publish_link(link=self.link, by=request.user)
        words = _("“%(label)s” is on again.") if self.link.is_enabled else _("“%(label)s” is switched off.")
        messages.success(request, words % {"label": self.link.label})
        return redirect(page_of(self.link))
