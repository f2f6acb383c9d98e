"""The file that puts an event of a page into the visitor's diary."""

from datetime import timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.text import slugify
from django_scopes import scope

from landing.blocks import all_blocks
from landing.calendar import Event, written
from landing.models import LandingPage
from landing.queries import public_url


def diary(request: HttpRequest, page: int, block: str) -> HttpResponse:
    """Of a page that is published; whoever can read the page may have it."""
    shown = get_object_or_404(LandingPage.objects.live(), pk=page)
    with scope(workspace=shown.workspace):
        event = event_of(shown, block)
    return HttpResponse(
        written(event, now=timezone.now()),
        content_type="text/calendar; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{slugify(event.title) or "event"}.ics"',
            "X-Robots-Tag": "noindex",
        },
    )


def event_of(page: LandingPage, block: str) -> Event:
    """The event block with that id; none is a 404."""
    for child in all_blocks(page.body):
        if child.block_type == "event" and child.id == block:
            value = child.value
            return Event(
                uid=f"{block}@{page.pk}.chappe",
                title=value["title"],
                starts_at=value["starts_at"],
                ends_at=value["ends_at"] or value["starts_at"] + timedelta(hours=1),
                place=value["place"],
                url=public_url(page),
            )
    raise Http404(block)
