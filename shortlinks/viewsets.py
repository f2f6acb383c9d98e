from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.urls import URLPattern
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.text import Truncator
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import BooleanColumn, Column, DateColumn, StatusTagColumn
from wagtail.admin.views.generic.models import IndexView

from accounts.admin import WorkspaceViewSet
from shortlinks.forms import ShortDomainForm, ShortLinkForm
from shortlinks.models import Click, CodeRange, ShortDomain, ShortLink, Verdict
from shortlinks.queries import alias_url

TARGET_CHARACTERS = 40


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


def state_word(link: ShortLink) -> str:
    if not link.is_enabled:
        return gettext("switched off")
    if link.expires_at and link.expires_at <= timezone.now():
        return gettext("ended")
    return gettext("live")


def _per_link(model: type[CodeRange] | type[Click], total: Any, **filters: str) -> Coalesce:
    """A figure of each link's own rows; a join would multiply clicks with ranges."""
    rows = model.objects.filter(link=OuterRef("pk"), **filters).order_by().values("link")
    return Coalesce(Subquery(rows.annotate(total=total).values("total")), 0)


class LinkIndexView(IndexView):
    def get_base_queryset(self) -> QuerySet[ShortLink]:
        links = super().get_base_queryset().select_related("domain").defer("domain__key")
        return links.annotate(
            code_count=_per_link(CodeRange, Sum("size")),
            hit_count=_per_link(Click, Count("pk")),
            human_count=_per_link(Click, Count("pk"), verdict=Verdict.HUMAN),
        )


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
    base_form_class = ShortLinkForm
    index_view_class = LinkIndexView
    ordering = ["-created_at"]
    list_filter = ["domain", "is_enabled"]
    search_fields = ["label", "alias", "target_url"]
    list_display = [
        "label",
        Column("short_address", label=_("Short link"), accessor=short_address),
        Column("target_url", label=_("Leads to"), accessor=target_in_short),
        Column("human_count", label=_("People"), sort_key="human_count"),
        Column("hit_count", label=_("All hits"), sort_key="hit_count"),
        StatusTagColumn(
            "state", label=_("State"), accessor=state_word, primary=lambda link: state_word(link) == gettext("live")
        ),
        DateColumn("created_at", label=_("Created"), sort_key="created_at"),
    ]

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_common_view_kwargs(delete_url_name=None, **kwargs)

    def get_urlpatterns(self) -> list[URLPattern]:
        return [pattern for pattern in super().get_urlpatterns() if pattern.name != "delete"]


class DomainIndexView(IndexView):
    def get_base_queryset(self) -> QuerySet[ShortDomain]:
        return super().get_base_queryset().defer("key").annotate(link_count=Count("links"))


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
    list_display = [
        "host",
        BooleanColumn("is_default", label=_("Default")),
        Column("link_count", label=_("Links"), sort_key="link_count"),
        DateColumn("created_at", label=_("Added"), sort_key="created_at"),
    ]
