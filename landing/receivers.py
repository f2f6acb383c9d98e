"""Pages that move, change address or go offline take the links that point at them along."""

import copy
from typing import Any

from django.db import transaction
from django.db.models.signals import post_delete, post_save, pre_delete
from django.dispatch import receiver
from wagtail.images import get_image_model
from wagtail.models import Page, PageViewRestriction
from wagtail.signals import page_published, page_slug_changed, page_unpublished, post_page_move

from accounts.models import Workspace
from landing import services
from landing.keeping import forget_pages
from landing.models import LandingPage, Piece, Theme
from landing.tasks import wake_drawing
from messaging.models import PromoPool


@receiver(page_slug_changed)
def follow_new_slug(instance: Page, instance_before: Page, **kwargs: Any) -> None:
    services.follow_page(page=instance, before=instance_before)


@receiver(post_page_move)
def follow_move(instance: Page, url_path_before: str, **kwargs: Any) -> None:
    before = copy.copy(instance)
    before.url_path = url_path_before
    services.follow_page(page=instance, before=before)


@receiver(page_unpublished, sender=LandingPage)
def lead_links_home(instance: LandingPage, **kwargs: Any) -> None:
    services.lead_links_home(page=instance)


@receiver(pre_delete, sender=LandingPage)
def lead_links_home_for_good(instance: LandingPage, **kwargs: Any) -> None:
    services.lead_links_home(page=instance)


@receiver(page_published, sender=LandingPage)
def draw_pictures(instance: LandingPage, **kwargs: Any) -> None:
    wake_drawing(instance.pk)


@receiver(page_published, sender=LandingPage)
def bring_links_back(instance: LandingPage, **kwargs: Any) -> None:
    services.bring_links_back(page=instance)


def start_generation(**kwargs: Any) -> None:
    """Now for who is in this transaction, and for everybody when it is committed."""
    forget_pages()
    transaction.on_commit(forget_pages, robust=True)


for news in (page_published, page_unpublished, page_slug_changed, post_page_move):
    news.connect(start_generation, dispatch_uid="kept pages")
# All that the page anyone sees is made of; who may see it, too.
for model in (LandingPage, PageViewRestriction, Piece, Theme, Workspace, PromoPool, get_image_model()):
    post_save.connect(start_generation, sender=model, dispatch_uid="kept pages")
    post_delete.connect(start_generation, sender=model, dispatch_uid="kept pages")
# The files of a picture that was replaced go after it was saved.
post_delete.connect(start_generation, sender=get_image_model().get_rendition_model(), dispatch_uid="kept pages")
