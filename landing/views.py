from dataclasses import asdict
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.generic import TemplateView
from django_scopes import scopes_disabled
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.models import Page

from accounts.admin import SettingsView, WorkspaceViewMixin
from accounts.models import Role, Workspace
from accounts.queries import rows_of
from accounts.requests import MemberRequest
from landing import theme
from landing.blocks import blocks_for
from landing.checks import findings_of, weight_of
from landing.forms import ThemeForm
from landing.models import LandingPage, LinkTrial, Theme
from landing.rendering import Keep, page_response
from landing.services import copy_page, create_page, save_theme
from landing.tasks import wake_trying
from landing.trades import TRADES
from landing.visitors import SAMPLE

DESIGNERS = frozenset({Role.OWNER, Role.MARKETER})
SCHEMES = frozenset({"light", "dark"})
SAMPLE_BLOCKS = ("countdown", "offer", "lines", "testimonials", "call_to_action")


def quiet_page(request: HttpRequest, page: Page) -> HttpResponse:
    """A plain page (the root of a workspace, the home of the site): who we are, and nothing else."""
    workspace = Workspace.objects.filter(root_page=page).first()
    with scopes_disabled():
        look = Theme.of(workspace) if workspace else Theme()
    return page_response(
        "landing/quiet.html",
        {"workspace": workspace},
        theme=look,
        # Without a workspace, it speaks the visitor's language.
        keep=Keep(is_private=workspace is None),
        language=request.LANGUAGE_CODE,
    )


class ThemeView(SettingsView):
    """The eight choices of the brand, beside what becomes of them."""

    roles = DESIGNERS
    form_class = ThemeForm
    template_name = "landing/theme.html"
    success_url = reverse_lazy("landing:theme")
    page_title = gettext_lazy("Look of the pages")
    header_icon = "mobile-alt"
    saved = gettext_lazy("Saved. All pages have the new look.")

    def get_instance(self) -> Theme:
        return Theme.of(self.request.workspace)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        moves = theme.moves(Theme.of(self.request.workspace).choices)
        looks = [(trade.label, asdict(trade.look)) for trade in TRADES.values()]
        return super().get_context_data(moves=moves, looks=looks, **kwargs)

    def save(self, form: forms.Form) -> None:
        save_theme(workspace=self.request.workspace, **form.cleaned_data)


class TriedThemeView(WorkspaceViewMixin, View):
    """Shows choices that are tried in the form and saved nowhere."""

    roles = DESIGNERS
    http_method_names = ["get"]
    request: MemberRequest

    def tried(self) -> Theme:
        """What the form holds now; the saved look while it holds nonsense."""
        form = ThemeForm(self.request.GET, instance=Theme.of(self.request.workspace))
        look: Theme = form.instance if form.is_valid() else Theme.of(self.request.workspace)
        look.scheme = self.request.GET.get("scheme", "") if self.request.GET.get("scheme") in SCHEMES else ""
        return look


class ThemePreviewView(TriedThemeView):
    def get(self, request: MemberRequest) -> HttpResponse:
        blocks = dict(blocks_for("hero") + blocks_for("body"))
        return page_response(
            "landing/sample.html",
            {
                "workspace": request.workspace,
                "visitor": SAMPLE,
                "hero": blocks["hero"].bind(blocks["hero"].get_preview_value()),
                "body": [blocks[name].bind(blocks[name].get_preview_value()) for name in SAMPLE_BLOCKS],
            },
            theme=self.tried(),
            keep=Keep(is_private=True),
        )


class PagePreviewView(WorkspaceViewMixin, View):
    """A saved page as a recipient sees it, for frames in the admin. Nobody's visit is counted."""

    roles = DESIGNERS
    http_method_names = ["get"]
    request: MemberRequest

    def get(self, request: MemberRequest, pk: int) -> HttpResponse:
        page = get_object_or_404(rows_of(request.workspace, LandingPage), pk=pk)
        return page.serve_preview(request, "recipient")


class ChecksView(WorkspaceViewMixin, WagtailAdminTemplateMixin, TemplateView):
    """What a saved page weighs and why, and what is missing."""

    roles = DESIGNERS
    request: MemberRequest
    template_name = "landing/checks.html"
    page_title = gettext_lazy("Weight and checks")
    header_icon = "glasses"

    @cached_property
    def page(self) -> LandingPage:
        page: LandingPage = get_object_or_404(rows_of(self.request.workspace, LandingPage), pk=self.kwargs["pk"])
        return page.get_latest_revision_as_object() if page.latest_revision_id else page

    @property
    def breadcrumbs_items(self) -> list[Any]:
        edit = reverse("wagtailadmin_pages:edit", args=[self.page.pk])
        return [{"url": edit, "label": self.page.title}, {"label": self.page_title}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        weight, findings = weight_of(self.page), findings_of(self.page)
        trial = LinkTrial.objects.filter(page=self.page.pk).first()
        return super().get_context_data(page=self.page, weight=weight, findings=findings, trial=trial, **kwargs)


class TryLinksView(WorkspaceViewMixin, View):
    """A worker asks for the page's web addresses; the screen of checks shows what came of it."""

    roles = DESIGNERS
    http_method_names = ["post"]
    request: MemberRequest

    def post(self, request: MemberRequest, pk: int) -> HttpResponse:
        page = get_object_or_404(rows_of(request.workspace, LandingPage), pk=pk)
        wake_trying(page.pk)
        messages.success(request, _("The links are being tried: look here again in a moment."))
        return redirect("landing:checks", page.pk)


class ThemeMovesView(TriedThemeView):
    def get(self, request: MemberRequest) -> HttpResponse:
        return render(request, "landing/theme_moves.html", {"moves": theme.moves(self.tried().choices)})


class GalleryView(WorkspaceViewMixin, WagtailAdminTemplateMixin, TemplateView):
    """Where a new page begins: finished pages by trade, pages of one's own that are templates, or an empty one."""

    roles = DESIGNERS
    request: MemberRequest
    template_name = "landing/gallery.html"
    page_title = gettext_lazy("New page")
    header_icon = "doc-empty"

    @property
    def breadcrumbs_items(self) -> list[Any]:
        return [{"url": explorer_of(self.request.workspace), "label": _("Pages")}, {"label": _("New page")}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        here = self.request.workspace
        own = rows_of(here, LandingPage).filter(is_template=True).order_by("title")
        return super().get_context_data(trades=TRADES.values(), own=own, root=here.root_page_id, **kwargs)


class NewFromTradeView(WorkspaceViewMixin, View):
    """One click: a finished page, in the editor."""

    roles = DESIGNERS
    http_method_names = ["post"]
    request: MemberRequest

    def post(self, request: MemberRequest, trade: str) -> HttpResponse:
        if trade not in TRADES:
            raise Http404(trade)
        page = create_page(workspace=request.workspace, trade=trade, now=timezone.now())
        return redirect("wagtailadmin_pages:edit", page.pk)


class NewFromPageView(WorkspaceViewMixin, View):
    """A copy of a page of the workspace, in the editor."""

    roles = DESIGNERS
    http_method_names = ["post"]
    request: MemberRequest

    def post(self, request: MemberRequest, pk: int) -> HttpResponse:
        page = get_object_or_404(rows_of(request.workspace, LandingPage), pk=pk)
        return redirect("wagtailadmin_pages:edit", copy_page(page=page).pk)


def explorer_of(workspace: Workspace) -> str:
    return reverse("wagtailadmin_explore", args=[workspace.root_page_id])
