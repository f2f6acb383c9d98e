from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django_scopes import scope
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page

from accounts.models import Workspace
from landing.actions import Action, check_target
from landing.blocks import blocks_for
from landing.models.theme import Theme
from landing.queries import workspace_of
from landing.rendering import page_response
from landing.visitors import ANYONE, SAMPLE, Visitor, visitor_of


class BlocksField(StreamField):
    """A StreamField whose migration names no blocks: to add a block does not change the schema."""

    def deconstruct(self) -> Any:
        name, path, _args, kwargs = models.Field.deconstruct(self)
        return name, path, [[]], kwargs


def empty_hero() -> list[tuple[str, Any]]:
    """What the editor of a new page opens with."""
    name, block = blocks_for("hero")[0]
    return [(name, block.get_default())]


class LandingPage(Page):
    """The page a short link leads to: a poster, blocks, and one main action that stays under the thumb."""

    hero = BlocksField(blocks_for("hero"), min_num=1, max_num=1, default=empty_hero, verbose_name=_("poster"))
    body = BlocksField(blocks_for("body"), blank=True, verbose_name=_("blocks"))
    action_label = models.CharField(_("button"), max_length=40, blank=True, help_text=_("A verb: Enter the sale."))
    action_target = models.CharField(
        _("leads to"),
        max_length=500,
        blank=True,
        validators=[check_target],
        help_text=_("A web address, or a phone number to call."),
    )

    content_panels: ClassVar[list[Any]] = [
        *Page.content_panels,
        FieldPanel("hero"),
        FieldPanel("body"),
        MultiFieldPanel(
            [FieldPanel("action_label"), FieldPanel("action_target")],
            heading=_("Main action"),
            help_text=_("Stays at the bottom of the screen all the way."),
        ),
    ]
    promote_panels: ClassVar[list[Any]] = [
        MultiFieldPanel(
            [FieldPanel("slug"), FieldPanel("seo_title"), FieldPanel("search_description")],
            heading=_("Address and link preview"),
        ),
    ]
    parent_page_types: ClassVar[list[str]] = ["wagtailcore.Page"]
    subpage_types: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("landing page")
        verbose_name_plural = _("landing pages")

    def clean(self) -> None:
        super().clean()
        if bool(self.action_label) != bool(self.action_target):
            missing = "action_target" if self.action_label else "action_label"
            raise ValidationError({missing: _("The main action needs a button and where it leads.")})

    @property
    def action(self) -> Action | None:
        return Action(self.action_label, self.action_target) if self.action_label else None

    @cached_property
    def workspace(self) -> Workspace:
        """Of the root it stands under; elsewhere there is nothing to show."""
        workspace = workspace_of(self)
        if workspace is None:
            raise Http404(self.url_path)
        return workspace

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        token = request.GET.get("v", "")
        with scope(workspace=self.workspace):
            visitor = visitor_of(workspace=self.workspace, token=token, now=timezone.now()) if token else ANYONE
            return self.response(visitor, is_private=bool(token), sent=request.GET.get("sent", ""))

    @property
    def preview_modes(self) -> list[tuple[str, Any]]:
        return [("recipient", _("A recipient")), ("anyone", _("Anyone else"))]

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        with scope(workspace=self.workspace):
            return self.response(ANYONE if mode_name == "anyone" else SAMPLE, is_private=True)

    def response(self, visitor: Visitor, *, is_private: bool, **context: Any) -> HttpResponse:
        """The page for one visitor. A form may be `sent` (the id of its block), or come back filled (`bound_forms`)."""
        return page_response(
            "landing/landing_page.html",
            {"page": self, "workspace": self.workspace, "visitor": visitor, **context},
            choices=Theme.of(self.workspace).choices,
            language=self.workspace.language,
            is_private=is_private,
            has_beacon=bool(visitor.token),
        )
