"""New pages: finished ones of a trade, and copies of one's own."""

import json
from dataclasses import asdict
from datetime import datetime
from itertools import count
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.core.files import File
from django.db import transaction
from django.utils import translation
from django.utils.text import slugify
from django_scopes import scope
from wagtail.images import get_image_model
from wagtail.images.models import AbstractImage

from accounts.models import Workspace
from landing.models import LandingPage, Theme
from landing.services.looks import save_theme
from landing.trades import TRADES, Draft, Setting, Trade
from landing.trades.base import FICTIONAL_PHONE, PICTURES
from messaging.models import PromoPool


@transaction.atomic
def create_page(*, workspace: Workspace, trade: str, now: datetime) -> LandingPage:
    """A draft from a page template, in the workspace's language; UnknownTrade is a KeyError.

    A workspace that has chosen no look yet takes the template's.
    """
    template = TRADES[trade]
    with scope(workspace=workspace):
        if not Theme.objects.filter(workspace=workspace).exists():
            save_theme(workspace=workspace, **asdict(template.look))
        pool = PromoPool.objects.filter(workspace=workspace).order_by("-created_at").first()
    return _add(workspace, _drafted(workspace, template, now=now, pool=pool))


@transaction.atomic
def copy_page(*, page: LandingPage) -> LandingPage:
    """A draft that begins as a copy; neither its dates nor its address come along."""
    title, slug = page.title, _free_slug(page.workspace, page.slug)
    copy: LandingPage = page.copy(
        update_attrs={"title": title, "slug": slug, "go_live_at": None, "expire_at": None, "is_template": False},
        copy_revisions=False,
        keep_live=False,
    )
    return copy


@transaction.atomic
def create_sale_page(
    *,
    workspace: Workspace,
    title: str,
    slug: str,
    shop_url: str,
    ends_at: datetime,
    pool: PromoPool | None = None,
    phone: str = FICTIONAL_PHONE,
) -> LandingPage:
    """A finished private sale in the workspace's language, published under its root page."""
    local = ends_at.astimezone(ZoneInfo(workspace.time_zone))
    draft = _drafted(workspace, TRADES["fashion"], now=local, pool=pool, shop_url=shop_url, phone=phone, ends_at=local)
    page = _add(workspace, draft, title=title, slug=slug, expire_at=None)
    page.save_revision().publish()
    page.refresh_from_db()
    return page


@transaction.atomic
def create_order_page(*, workspace: Workspace, title: str, shop_url: str, now: datetime) -> LandingPage:
    """A finished page about an order, without advertising, in the workspace's language; not yet published."""
    draft = _drafted(workspace, TRADES["order"], now=now, pool=None, shop_url=shop_url)
    return _add(workspace, draft, title=title, slug=_free_slug(workspace, slugify(title)))


def _drafted(workspace: Workspace, trade: Trade, *, now: datetime, pool: PromoPool | None, **setting: object) -> Draft:
    pictures = {name: _picture(workspace, name).pk for name in trade.pictures}
    local, chosen = now.astimezone(ZoneInfo(workspace.time_zone)), str(pool.pk) if pool else ""
    with translation.override(workspace.language):
        return trade.draft(
            Setting(now=local, pictures=pictures, brand=workspace.name, pool=chosen, **setting)  # type: ignore[arg-type]
        )


def _add(workspace: Workspace, draft: Draft, **fields: object) -> LandingPage:
    """Under the workspace's root page, unpublished."""
    page = LandingPage(
        **{
            "title": draft.title,
            "slug": _free_slug(workspace, slugify(draft.title)),
            "search_description": draft.description,
            "hero": json.dumps([{"type": "hero", "value": draft.hero}]),
            "body": json.dumps([{"type": name, "value": value, "id": str(uuid4())} for name, value in draft.body]),
            "action_label": draft.action_label,
            "action_kind": draft.action_kind,
            "action_target": draft.action_target,
            "side_kind": draft.side_kind,
            "side_target": draft.side_target,
            "expire_at": draft.expire_at,
            "live": False,
        }
        | fields
    )
    workspace.root_page.add_child(instance=page)
    page.save_revision()
    return page


def _free_slug(workspace: Workspace, wished: str) -> str:
    """`sale`, or `sale-2` where there is one."""
    taken = set(workspace.root_page.get_children().values_list("slug", flat=True))
    names = (wished if number == 1 else f"{wished}-{number}" for number in count(1))
    return next(name for name in names if name not in taken)


def _picture(workspace: Workspace, name: str) -> AbstractImage:
    """A picture of the templates in the workspace's collection, brought in once."""
    images = get_image_model().objects
    found = images.filter(collection=workspace.collection, title=name).first()
    if found:
        return found
    path = PICTURES / f"{name}.webp"
    with path.open("rb") as file:
        return images.create(collection=workspace.collection, title=name, file=File(file, name=path.name))
