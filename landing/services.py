"""Writes of landing pages."""

import json
from datetime import datetime
from zoneinfo import ZoneInfo

from django.core.files import File
from django.db import transaction
from wagtail.images import get_image_model
from wagtail.images.models import AbstractImage

from accounts.models import Workspace
from landing.demo import sale
from landing.models import Conversion, LandingPage
from messaging.models import PromoPool


def record_conversion(
    *, workspace: Workspace, goal: str, dedup_key: str, now: datetime, **details: object
) -> Conversion:
    """Somebody reached a goal; the details are page, link, position, contact, value, currency.

    The same key again is the same conversion.
    """
    conversion, _created = Conversion.objects.get_or_create(
        workspace=workspace, dedup_key=dedup_key, defaults={"goal": goal, "occurred_at": now, **details}
    )
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


def _picture(workspace: Workspace, name: str) -> AbstractImage:
    """A picture of the demo in the workspace's collection, brought in once."""
    images = get_image_model().objects
    found = images.filter(collection=workspace.collection, title=name).first()
    if found:
        return found
    path = sale.FOLDER / f"{name}.webp"
    with path.open("rb") as file:
        return images.create(collection=workspace.collection, title=name, file=File(file, name=path.name))
