from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.urls import URLPattern, path, re_path, reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.functional import Promise, cached_property
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy
from django_filters import ChoiceFilter
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import BooleanColumn, Column, DateColumn, StatusTagColumn
from wagtail.admin.views.generic.models import CreateView, IndexView
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.admin.widgets.button import Button

from accounts.admin import WorkspaceViewSet
from shortlinks import views
from shortlinks.domain_views import CheckView, DomainPageView
from shortlinks.forms import BlockedHostForm, ShortDomainForm
from shortlinks.link_form import LINK_PANELS
from shortlinks.link_page import LIVE, STATES, in_state, state_of
from shortlinks.models import BlockedHost, Click, CodeRange, ShortDomain, ShortLink, Verdict
from shortlinks.queries import alias_url
from shortlinks.sheet_views import SheetView
from shortlinks.utm_view import UtmView

TARGET_CHARACTERS = 40
ANSWERING = {True: _("answers"), False: _("does not answer"), None: _("not checked yet")}


def short_address(link: ShortLink) -> str:
    """What stands in a text: the alias, or how many codes lead here."""
    if link.alias:
        return alias_url(link=link)
    count: int = link.code_count  # type: ignore[attr-defined]
    return ngettext("%(count)s code on %(host)s", "%(count)s codes on %(host)s", count) % {
        "count": number_format(count, use_l10n=True, force_grouping=True),
        "host": link.domain.host,
    }


def target_in_short(link: ShortLink) -> str:
    """The beginning of the address, without what every address begins with."""
    return Truncator(link.target_url.partition("://")[2]).chars(TARGET_CHARACTERS)


def state_word(link: ShortLink) -> str | Promise:
    return state_of(link, hits=link.hit_count, now=timezone.now()).words  # type: ignore[attr-defined]


def _per_link(model: type[CodeRange] | type[Click], total: Any, **filters: str | None) -> Coalesce:
    """A figure of each link's own rows; a join would multiply clicks with ranges."""
    rows = model.objects.filter(link=OuterRef("pk"), **filters).order_by().values("link")
    return Coalesce(Subquery(rows.annotate(total=total).values("total")), 0)


def with_counts(links: QuerySet[ShortLink]) -> QuerySet[ShortLink]:
    """The links with their `code_count`, `hit_count` and `people_count`: unique humans, as `people_among` has them."""
    return links.annotate(
        code_count=_per_link(CodeRange, Sum("size")),
        hit_count=_per_link(Click, Count("pk")),
        people_count=_per_link(Click, Count("position", distinct=True), verdict=Verdict.HUMAN)
        + _per_link(Click, Count("visitor", distinct=True), verdict=Verdict.HUMAN, position=None),
    )


class StateFilter(WagtailFilterSet):
    state = ChoiceFilter(
        label=_("State"), choices=[(state.slug, state.words) for state in STATES.values()], method="with_state"
    )

    def with_state(self, links: QuerySet[ShortLink], name: str, slug: str) -> QuerySet[ShortLink]:
        return in_state(links, slug, now=timezone.now())


class LinkIndexView(IndexView):
    base_filterset_class = StateFilter

    @cached_property
    def header_more_buttons(self) -> list[Button]:
        several = Button(
            _("Several links at once"), reverse("shortlinks_links:several"), icon_name="table", priority=20
        )
        utm = Button(_("UTM parameters of links"), reverse("shortlinks_links:utm"), icon_name="tag", priority=30)
        return [*super().header_more_buttons, *([several, utm] if self.add_url else [])]

    def get_edit_url(self, instance: ShortLink) -> str | None:
        """A link's name leads to what became of it; to change it, one goes on from there."""
        return reverse("shortlinks_links:page", args=[instance.pk])

    def get_base_queryset(self) -> QuerySet[ShortLink]:
        return with_counts(super().get_base_queryset().select_related("domain").defer("domain__key"))


class LinkViewSet(WorkspaceViewSet):
    """Campaigns make their links themselves; here they are watched, and aliases are made by hand. None is deleted:
    its clicks would go with it, and its address lives on in people's messages."""

    model = ShortLink
    name = "links"
    url_namespace = "shortlinks_links"
    url_prefix = "links"
    icon = "link"
    menu_label = _("Links")
    menu_name = "links"
    menu_order = 600
    add_to_admin_menu = True
    edit_handler = LINK_PANELS
    index_view_class = LinkIndexView
    ordering = ["-created_at"]
    list_filter = ["domain"]
    search_fields = ["label", "alias", "target_url"]
    list_display = [
        "label",
        Column("short_address", label=_("Short link"), accessor=short_address),
        Column("target_url", label=_("Leads to"), accessor=target_in_short, classname="ch-hide-s"),
        Column("people_count", label=_("People"), sort_key="people_count"),
        Column("hit_count", label=_("All hits"), sort_key="hit_count", classname="ch-hide-s"),
        StatusTagColumn(
            "state", label=_("State"), accessor=state_word, primary=lambda link: state_word(link) == LIVE.words
        ),
        DateColumn("created_at", label=_("Created"), sort_key="created_at", classname="ch-hide-s"),
    ]

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_common_view_kwargs(delete_url_name=None, **kwargs)

    def get_urlpatterns(self) -> list[URLPattern]:
        kept = [pattern for pattern in super().get_urlpatterns() if pattern.name != "delete"]
        return [
            *kept,
            path("utm/", UtmView.as_view(), name="utm"),
            path("several/", SheetView.as_view(), name="several"),
            path("<int:pk>/", views.LinkPageView.as_view(), name="page"),
            path("<int:pk>/switch/", views.SwitchView.as_view(), name="switch"),
            path("<int:pk>/poster/", views.PosterAddressView.as_view(), name="poster"),
            path("<int:pk>/qr/", views.QrPreviewView.as_view(), name="qr_preview"),
            re_path(r"^(?P<pk>\d+)/qr\.(?P<kind>svg|png)$", views.QrView.as_view(), name="qr"),
        ]


def answering_word(domain: ShortDomain) -> str | Promise:
    return ANSWERING[domain.is_answering]


class DomainIndexView(IndexView):
    def get_base_queryset(self) -> QuerySet[ShortDomain]:
        return super().get_base_queryset().defer("key").annotate(link_count=Count("links"))

    def get_edit_url(self, instance: ShortDomain) -> str | None:
        """Everybody may see whether it answers; to change it, one goes on from there."""
        return reverse("shortlinks_domains:page", args=[instance.pk])


class DomainCreateView(CreateView):
    def get_success_url(self) -> str:
        return reverse("shortlinks_domains:page", args=[self.object.pk])


class DomainViewSet(WorkspaceViewSet):
    model = ShortDomain
    name = "short_domains"
    url_namespace = "shortlinks_domains"
    url_prefix = "short-domains"
    icon = "globe"
    menu_label = _("Short domains")
    menu_name = "short-domains"
    menu_order = 310
    add_to_settings_menu = True
    base_form_class = ShortDomainForm
    index_view_class = DomainIndexView
    add_view_class = DomainCreateView
    list_display = [
        "host",
        StatusTagColumn(
            "trouble",
            label=pgettext_lazy("of a host", "Answers"),
            accessor=answering_word,
            primary=lambda domain: domain.is_answering,
        ),
        BooleanColumn("is_default", label=_("Default")),
        Column("link_count", label=_("Links"), sort_key="link_count", classname="ch-hide-s"),
        DateColumn("created_at", label=_("Added"), sort_key="created_at", classname="ch-hide-s"),
    ]

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            *super().get_urlpatterns(),
            path("<int:pk>/", DomainPageView.as_view(), name="page"),
            path("<int:pk>/check/", CheckView.as_view(), name="check"),
        ]


class BlockedHostViewSet(ModelViewSet):
    """The operator's own list: no role of a workspace has its permissions, so that superusers alone see it."""

    model = BlockedHost
    name = "blocked_hosts"
    url_namespace = "shortlinks_blocked"
    url_prefix = "blocked-hosts"
    icon = "no-view"
    menu_label = _("Blocked hosts")
    menu_name = "blocked-hosts"
    menu_order = 320
    add_to_settings_menu = True
    copy_view_enabled = False
    search_fields = ["host", "note"]
    ordering = ["host"]
    list_display = ["host", "note", DateColumn("created_at", label=_("Added"), sort_key="created_at")]

    def get_index_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_index_view_kwargs(**{"add_item_label": _("Add"), **kwargs})

    def get_form_class(self, for_update: bool = False) -> type[BlockedHostForm]:
        return BlockedHostForm
