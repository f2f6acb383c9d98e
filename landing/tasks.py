"""What the worker does for pages. Receivers import this module, so tasks import services where they run."""

from threading import Lock

from celery import shared_task
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone
from django_scopes import scopes_disabled

from accounts.models import Workspace
from landing.models import LandingPage

# An encoder takes a core and some 40 MB: one at a time in a process, and nobody's thread waits for it.
_drawing = Lock()
LOOK_AGAIN_SECONDS = 3


@shared_task
def draw_pictures(page_id: int) -> None:
    from landing.services import draw_pictures as draw  # services stand above tasks

    if not _drawing.acquire(blocking=False):
        draw_pictures.apply_async((page_id,), countdown=LOOK_AGAIN_SECONDS, retry=False)
        return
    try:
        if page := LandingPage.objects.live().filter(pk=page_id).first():
            draw(page=page)
    finally:
        _drawing.release()


@shared_task
def publish_scheduled() -> None:
    """What is due goes online or offline; the minute of an expiry is kept by the page itself."""
    with scopes_disabled():
        call_command("publish_scheduled")


@shared_task
def forget_old_answers() -> None:
    from landing.answers.retention import forget_old_answers as forget  # services stand above tasks

    for workspace in Workspace.objects.order_by("pk"):
        forget(workspace=workspace, now=timezone.now())


@shared_task
def try_links(page_id: int) -> None:
    from landing.services import try_links as try_all  # services stand above tasks

    if page := LandingPage.objects.filter(pk=page_id).first():
        try_all(page=page, now=timezone.now())


def wake_trying(page_id: int) -> None:
    """Once asked for on the screen of checks; without a broker nothing new is known of the links."""
    transaction.on_commit(lambda: try_links.apply_async((page_id,), retry=False), robust=True)


def wake_drawing(page_id: int) -> None:
    """Once the page is published; without a broker its first visitor's browser waits a little longer."""
    transaction.on_commit(lambda: draw_pictures.apply_async((page_id,), retry=False), robust=True)
