"""A recipient tapped a button, a number, a map or a code.

The page's script tells it (beacon.py, and scripts/copy.js for a code); with scripts off, the link's own `ping` does,
where the browser has one: then only Firefox is silent. By POST only, and always answered alike: it tells a forger
nothing.
"""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from landing.answers.tokens import is_foreign
from landing.models import Conversion, LandingPage
from landing.seen import NO_TRACE
from landing.services import record_tap

TAPS = frozenset({Conversion.Goal.CALL, Conversion.Goal.DIRECTIONS, Conversion.Goal.BUTTON, Conversion.Goal.CODE})


@csrf_exempt  # without a session there is nothing to forge
@require_POST
def tapped(request: HttpRequest, page: int, goal: str, token: str) -> HttpResponse:
    if goal not in TAPS:
        raise Http404(goal)
    if not is_foreign(request):
        record_tap(
            page=get_object_or_404(LandingPage.objects.live(), pk=page), goal=goal, token=token, now=timezone.now()
        )
    return HttpResponse(status=204, headers=NO_TRACE)
