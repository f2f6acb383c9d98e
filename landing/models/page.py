from datetime import datetime
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
from wagtail.url_routing import RouteResult

from accounts.models import Workspace
from landing.actions import Action, Kind, check_action
from landing.blocks import all_blocks, blocks_for
from landing.models.theme import Theme
from landing.queries import workspace_of
from landing.rendering import Keep, page_response
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
    action_kind = models.CharField(_("what it does"), max_length=12, choices=Kind.choices, default=Kind.LINK)
    action_target = models.CharField(
        _("leads to"),
        max_length=500,
        blank=True,
        help_text=_("A web address, a phone number, or for directions an address as one writes it."),
    )
    side_kind = models.CharField(
        _("small button beside it"),
        max_length=12,
        choices=Kind.choices[1:],
        blank=True,
        help_text=_("Shows a sign only."),
    )
    side_target = models.CharField(
        _("number or address"), max_length=500, blank=True, help_text=_("A phone number, or an address for directions.")
    )
    ended_text = models.CharField(
        _("when it has expired"),
        max_length=300,
        blank=True,
        help_text=_("What visitors read after the page's expiry date. Empty: that the offer has ended, and when."),
    )
    is_template = models.BooleanField(
        _("offer as a template"), default=False, help_text=_("New pages can start as a copy of this one.")
    )

    content_panels: ClassVar[list[Any]] = [
        *Page.content_panels,
        FieldPanel("hero"),
        FieldPanel("body"),
        MultiFieldPanel(
            [
                FieldPanel("action_label"),
                FieldPanel("action_kind"),
                FieldPanel("action_target"),
                FieldPanel("side_kind"),
                FieldPanel("side_target"),
            ],
            heading=_("Main action"),
            help_text=_("Stays at the bottom of the screen all the way."),
        ),
    ]
    promote_panels: ClassVar[list[Any]] = [
        MultiFieldPanel(
            [FieldPanel("slug"), FieldPanel("seo_title"), FieldPanel("search_description")],
            heading=_("Address and link preview"),
        ),
        MultiFieldPanel([FieldPanel("ended_text"), FieldPanel("is_template")], heading=_("Afterwards")),
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
        if bool(self.side_kind) != bool(self.side_target):
            missing = "side_target" if self.side_kind else "side_kind"
            raise ValidationError({missing: _("The small button needs what it does and where it leads.")})
        self._check("action_target", self.action_kind, self.action_target)
        self._check("side_target", self.side_kind, self.side_target)

    def _check(self, field: str, kind: str, target: str) -> None:
        try:
            check_action(kind, target) if target else None
        except ValidationError as error:
            raise ValidationError({field: error}) from None

    @property
    def action(self) -> Action | None:
        return Action(self.action_label, self.action_target, self.action_kind) if self.action_label else None

    @property
    def side_action(self) -> Action | None:
        """Beside the main one, a sign without words."""
        label = str(Kind(self.side_kind).label) if self.side_kind else ""
        return Action(label, self.side_target, self.side_kind) if label else None

    @cached_property
    def workspace(self) -> Workspace:
        """Of the root it stands under; elsewhere there is nothing to show."""
        workspace = workspace_of(self)
        if workspace is None:
            raise Http404(self.url_path)
        return workspace

    def route(self, request: HttpRequest, path_components: list[str]) -> RouteResult:
        """What has expired says so, instead of not being there."""
        if self.expired and not path_components:
            return RouteResult(self)
        return super().route(request, path_components)

    def has_ended(self, now: datetime) -> bool:
        """At the minute, whenever the clock's task takes the page down."""
        return self.expired or (self.expire_at is not None and self.expire_at <= now)

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        token, now = request.GET.get("v", ""), timezone.now()
        with scope(workspace=self.workspace):
            visitor = visitor_of(workspace=self.workspace, token=token, now=now) if token else ANYONE
            return self.response(visitor, is_private=bool(token), sent=request.GET.get("sent", ""))

    @property
    def preview_modes(self) -> list[tuple[str, Any]]:
        return [("recipient", _("A recipient")), ("anyone", _("Anyone else")), ("ended", _("After it has expired"))]

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        visitor = SAMPLE if mode_name == "recipient" else ANYONE
        with scope(workspace=self.workspace):
            return self.response(visitor, is_private=True, is_over=mode_name == "ended")

    def response(
        self, visitor: Visitor, *, is_private: bool, is_over: bool | None = None, **context: Any
    ) -> HttpResponse:
        """The page for one visitor; unless told, the clock says whether the offer is over.

        A form may be `sent` (the id of its block), or come back filled (`bound_forms`).
        """
        now = timezone.now()
        ended = self.has_ended(now) if is_over is None else is_over
        return page_response(
            "landing/ended.html" if ended else "landing/landing_page.html",
            {"page": self, "workspace": self.workspace, "visitor": visitor, "now": now, **context},
            theme=Theme.of(self.workspace),
            keep=Keep(is_private, self.changes_at(now), now),
            scripts=() if ended else self.scripts,
            has_beacon=bool(visitor.token),
        )

    @property
    def layout(self) -> str:
        """A poster beside its counter; or, where the poster is on paper, one sheet."""
        is_sheet = any(child.value.get("ground") == "paper" and not child.value.get("photo") for child in self.hero)
        return "sheet" if is_sheet else "split"

    @property
    def scripts(self) -> tuple[str, ...]:
        """Of all blocks, each once."""
        return tuple(dict.fromkeys(name for child in all_blocks(self.body) for name in child.block.scripts))

    def changes_at(self, now: datetime) -> datetime | None:
        """The next moment from which the page that anyone sees is another one."""
        moments = [child.block.changes_at(child.value, now) for child in all_blocks(self.body)]
        return min((moment for moment in [self.expire_at, *moments] if moment and moment > now), default=None)
