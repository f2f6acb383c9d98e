"""The last and smallest picture of a personal page: whoever asks for it has the page before them."""

from base64 import b64decode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.models import Workspace
from shortlinks.services.verdicts import confirm_visit

# One transparent point.
GIF = b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")


@require_GET
def seen(request: HttpRequest, workspace: str, token: str) -> HttpResponse:
    """Always the same answer: it tells a forger nothing."""
    confirm_visit(
        workspace=get_object_or_404(Workspace, slug=workspace),
        token=token,
        address=request.META["REMOTE_ADDR"],
        user_agent=request.headers.get("user-agent", ""),
        now=timezone.now(),
    )
    return HttpResponse(GIF, content_type="image/gif", headers={"Cache-Control": "no-store", "X-Robots-Tag": "noindex"})
