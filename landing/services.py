"""Writes of landing pages."""

import json
from datetime import datetime
from zoneinfo import ZoneInfo

from django.core.files import File
from django.db import transaction
from django.http import HttpRequest
from django_scopes import scope
from wagtail.images import get_image_model
from wagtail.images.models import AbstractImage
from wagtail.models import Page

from accounts.models import Workspace
from audience.services import note_activity
from landing.demo import sale
from landing.models import Conversion, LandingPage, Theme
from landing.queries import public_url, workspace_of
from messaging.models import PromoPool
from shortlinks.models import ShortLink
from shortlinks.services import publish_link


def record_conversion(
    *, workspace: Workspace, goal: str, dedup_key: str, now: datetime, **details: object
) -> Conversion:
    """Somebody reached a goal; the details are page, link, position, contact, value, currency.

    The same key again is the same conversion.
    """
    conversion, _created = Conversion.objects.get_or_create(
        workspace=workspace, dedup_key=dedup_key, defaults={"goal": goal, "occurred_at": now, **details}
    )
    if conversion.contact_id:
        note_activity(moments={conversion.contact_id: conversion.occurred_at})
    return conversion


@transaction.atomic
def create_sale_page(
    *,
    workspace: Workspace,
    title: str,
    slug: str,
    shop_url: str,
    ends_at: datetime,
    pool: PromoPool | None = None,
    phone: str = "06 39 98 00 00",
) -> LandingPage:
    """A finished private sale in the workspace's language, published under its root page."""
    content = sale.sale_in(
        workspace.language,
        ends_at=ends_at.astimezone(ZoneInfo(workspace.time_zone)),
        pictures={name: _picture(workspace, name).pk for name in sale.PICTURES},
        pool=str(pool.pk) if pool else "",
        phone=phone,
    )
    page = LandingPage(
        title=title,
        slug=slug,
        search_description=content.description,
        hero=json.dumps(content.hero),
        body=json.dumps(content.body),
        action_label=content.text.enter,
        action_target=shop_url,
    )
    workspace.root_page.add_child(instance=page)
    page.save_revision().publish()
    return page


def draw_pictures(*, page: LandingPage) -> None:
    """Make every size of the page's pictures now: who taps a link must not wait for them."""
    page.serve(HttpRequest())


@transaction.atomic
def save_theme(*, workspace: Workspace, **choices: str) -> Theme:
    """The look of all pages of the workspace: brand, accent, paper, ink, voice, corners, air, text_size."""
    theme, _created = Theme.objects.update_or_create(workspace=workspace, defaults=choices)
    return theme


def follow_page(*, page: Page, before: Page) -> int:
    """Links to the page, and to pages below it, lead to where it stands now."""
    return _retarget(page, public_url(before), public_url(page))


def lead_links_home(*, page: LandingPage) -> int:
    """The page went offline: its links lead to the brand's neutral page, and remember where they led."""
    return _retarget(page, public_url(page), _home_of(page))


def bring_links_back(*, page: LandingPage) -> int:
    """The page is online: links that had to leave it lead to it again."""
    return _retarget(page, _home_of(page), public_url(page))


def _home_of(page: LandingPage) -> str:
    """The neutral page, with a mark behind it that is the page's own and survives a change of address."""
    return f"{public_url(page.workspace.root_page)}#page-{page.pk}-"


@transaction.atomic
def _retarget(page: Page, old_url: str, new_url: str) -> int:
    """Rewrite the beginning of the workspace's link targets; the number of links."""
    workspace = workspace_of(page)
    if workspace is None or old_url == new_url:
        return 0
    with scope(workspace=workspace):
        links = list(ShortLink.objects.filter(workspace=workspace, target_url__startswith=old_url))
        for link in links:
            link.target_url = new_url + link.target_url[len(old_url) :]
            publish_link(link=link)
    return len(links)


def _picture(workspace: Workspace, name: str) -> AbstractImage:
    """A picture of the demo in the workspace's collection, brought in once."""
    images = get_image_model().objects
    found = images.filter(collection=workspace.collection, title=name).first()
    if found:
        return found
    path = sale.FOLDER / f"{name}.webp"
    with path.open("rb") as file:
        return images.create(collection=workspace.collection, title=name, file=File(file, name=path.name))
