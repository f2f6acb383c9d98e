"""The last and smallest picture of a personal page, and its beacon: whoever sends for them has the page before them."""

from base64 import b64decode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.models import Workspace
from shortlinks.services.verdicts import confirm_visit

# One transparent point.
GIF = b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")


NO_TRACE = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}


@csrf_exempt  # without a session there is nothing to forge
@require_http_methods(["GET", "POST"])
def seen(request: HttpRequest, workspace: str, token: str) -> HttpResponse:
    """By picture (GET) or by beacon (POST), as often as you like. Always the same answer: it tells a forger nothing."""
    confirm_visit(
        workspace=get_object_or_404(Workspace, slug=workspace),
        token=token,
        address=request.META["REMOTE_ADDR"],
        user_agent=request.headers.get("user-agent", ""),
        now=timezone.now(),
    )
    if request.method == "POST":
        return HttpResponse(status=204, headers=NO_TRACE)
    return HttpResponse(GIF, content_type="image/gif", headers=NO_TRACE)
