"""The drawn picture of a page's link, for messengers that fetch it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe
from django_scopes import scope

from landing.models import LandingPage
from landing.sharing import card_of, drawn


@require_safe
def card(request: HttpRequest, page: int, version: str) -> HttpResponse:
    """As the page is now; its version only makes an address that is new when it has changed."""
    found = get_object_or_404(LandingPage.objects.live().public(), pk=page)
    with scope(workspace=found.workspace):
        picture = drawn(card_of(found))
    return HttpResponse(picture, content_type="image/png", headers={"Cache-Control": "public, max-age=86400"})
