from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy
from django.views import View
from django_scopes import scopes_disabled
from wagtail.models import Page

from accounts.admin import SettingsView, WorkspaceViewMixin
from accounts.models import Role, Workspace
from accounts.queries import rows_of
from accounts.requests import MemberRequest
from landing import theme
from landing.blocks import blocks_for
from landing.forms import ThemeForm
from landing.models import LandingPage, Theme
from landing.rendering import page_response
from landing.services import save_theme
from landing.visitors import SAMPLE

DESIGNERS = frozenset({Role.OWNER, Role.MARKETER})
SAMPLE_BLOCKS = ("offer", "text", "call_to_action")


def quiet_page(request: HttpRequest, page: Page) -> HttpResponse:
    """A plain page (the root of a workspace, the home of the site): who we are, and nothing else."""
    workspace = Workspace.objects.filter(root_page=page).first()
    with scopes_disabled():
        look = Theme.of(workspace) if workspace else Theme()
    return page_response(
        "landing/quiet.html",
        {"workspace": workspace},
        choices=look.choices,
        language=workspace.language if workspace else request.LANGUAGE_CODE,
        is_private=False,
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
        return super().get_context_data(moves=theme.moves(Theme.of(self.request.workspace).choices), **kwargs)

    def save(self, form: forms.Form) -> None:
        save_theme(workspace=self.request.workspace, **form.cleaned_data)


class TriedThemeView(WorkspaceViewMixin, View):
    """Shows choices that are tried in the form and saved nowhere."""

    roles = DESIGNERS
    http_method_names = ["get"]
    request: MemberRequest

    def tried(self) -> theme.Choices:
        """What the form holds now; the saved look while it holds nonsense."""
        form = ThemeForm(self.request.GET, instance=Theme.of(self.request.workspace))
        return form.instance.choices if form.is_valid() else Theme.of(self.request.workspace).choices


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
            choices=self.tried(),
            language=request.workspace.language,
            is_private=True,
        )


class PagePreviewView(WorkspaceViewMixin, View):
    """A saved page as a recipient sees it, for frames in the admin. Nobody's visit is counted."""

    roles = DESIGNERS
    http_method_names = ["get"]
    request: MemberRequest

    def get(self, request: MemberRequest, pk: int) -> HttpResponse:
        page = get_object_or_404(rows_of(request.workspace, LandingPage), pk=pk)
        return page.serve_preview(request, "recipient")


class ThemeMovesView(TriedThemeView):
    def get(self, request: MemberRequest) -> HttpResponse:
        return render(request, "landing/theme_moves.html", {"moves": theme.moves(self.tried())})
