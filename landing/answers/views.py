"""Where the forms of pages are sent: no cookie, no log-in. A GET only leads back to the page."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods
from django_scopes import scope

from landing.answers import tokens
from landing.answers.form import form_for
from landing.answers.services import Sender, accept_answer
from landing.blocks import all_blocks
from landing.blocks.form import FormBlock, is_closed
from landing.models import LandingPage
from landing.visitors import Visitor, visitor_of

# Twelve long answers fill less.
MOST_BYTES = 65_536
FORM_TYPE = "application/x-www-form-urlencoded"
# People do not see it, programs fill it in.
TRAP = "website"
PRIVATE = {"Cache-Control": "private, no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}


@csrf_exempt  # without a session there is nothing to forge; tokens.py keeps out what is not from our pages
@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, page: int, block: UUID) -> HttpResponse:
    """Cheapest refusals first: a flood is turned away before the database is asked anything."""
    now, is_post = timezone.now(), request.method == "POST"
    if is_post and (status := _refusal(request)):
        return HttpResponse(status=status, headers=PRIVATE)
    is_flood = is_post and (tokens.line_sent_too_much(request, now) or tokens.page_got_too_much(page, now))
    if is_flood and not request.POST.get("v"):
        return _slow_down()
    shown = get_object_or_404(LandingPage.objects.live(), pk=page)
    with scope(workspace=shown.workspace), translation.override(shown.workspace.language):
        visitor = visitor_of(workspace=shown.workspace, token=request.POST.get("v", "")[:64], now=now)
        if is_flood and (not visitor.token or tokens.visit_sent_too_much(visitor.token, now)):
            return _slow_down()
        value = form_block(shown, str(block))
        if not is_post or is_closed(value):
            return _back(request, shown, visitor)
        return _answered(request, shown, str(block), value, visitor)


def _refusal(request: HttpRequest) -> int:
    """The status of an answer that is not even read; 0 for one that is."""
    if tokens.is_foreign(request):
        return 403
    if request.content_type != FORM_TYPE:
        return 415
    length = request.headers.get("Content-Length") or "0"
    if not length.isdecimal():
        return 400
    return 413 if int(length) > MOST_BYTES else 0


def _answered(request: HttpRequest, page: LandingPage, block: str, value: Any, visitor: Visitor) -> HttpResponse:
    now = timezone.now()
    if request.POST.get(TRAP):
        return _back(request, page, visitor, sent=block)
    form = form_for(value, workspace=page.workspace, block=block, data=request.POST)
    is_fresh = tokens.is_form_token(request.POST.get("t", ""), page=page.pk, block=block, now=now)
    if not (form.is_valid() and is_fresh):
        again = page.response(visitor, is_private=True, bound_forms={block: form}, is_stale=not is_fresh)
        again.status_code = 422
        return again
    sender = Sender(visitor, request.META["REMOTE_ADDR"], request.headers.get("User-Agent", "")[:300])
    accept_answer(page=page, block=block, form=form, sender=sender, now=now)
    return _back(request, page, visitor, sent=block, has_agreed=bool(form.offers))


def form_block(page: LandingPage, block: str) -> Any:
    """The data of that form of the page; 404 without one."""
    for child in all_blocks(page.body):
        if child.id == block and isinstance(child.block, FormBlock):
            return child.value
    raise Http404(block)


def _back(
    request: HttpRequest, page: LandingPage, visitor: Visitor, *, sent: str = "", has_agreed: bool = False
) -> HttpResponse:
    """To the page, which thanks; still the visitor's own, if it was.

    What it says depends on the boxes alone (`has_agreed`): whose number is known stays ours.
    """
    told = {"v": visitor.token, "sent": sent, "agreed": "1" if has_agreed else ""}
    query = urlencode({name: text for name, text in told.items() if text})
    where = f"{page.get_url(request)}?{query}#form-{sent}" if sent else page.get_url(request)
    return HttpResponseRedirect(where, status=303, headers=PRIVATE)


def _slow_down() -> HttpResponse:
    html = render_to_string("landing/answers/slow_down.html", {"language": get_language()})
    return HttpResponse(html, status=429, headers=PRIVATE | {"Retry-After": str(tokens.PERIOD_SECONDS)})
