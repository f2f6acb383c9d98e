"""What the worker does for pages. Receivers import this module, so tasks import services where they run."""

from celery import shared_task
from django.db import transaction

from landing.models import LandingPage


@shared_task
def draw_pictures(page_id: int) -> None:
    from landing.services import draw_pictures as draw  # services stand above tasks

    if page := LandingPage.objects.live().filter(pk=page_id).first():
        draw(page=page)


def wake_drawing(page_id: int) -> None:
    """Once the page is published; without a broker its first visitor's browser waits a little longer."""
    transaction.on_commit(lambda: draw_pictures.apply_async((page_id,), retry=False), robust=True)
