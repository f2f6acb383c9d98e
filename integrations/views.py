"""The doors that machines call. They read the request, call one service, and answer."""

import uuid

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from integrations.gateways.base import WebhookCall
from integrations.services import inbox


class TooLarge(Exception):
    """The body is longer than any honest call."""


def read_call(request: HttpRequest) -> WebhookCall:
    """The request, raw. Raises TooLarge."""
    body = request.read(inbox.MAX_BODY_BYTES + 1)
    if len(body) > inbox.MAX_BODY_BYTES:
        raise TooLarge
    return WebhookCall(
        method=request.method or "",
        query=request.GET.dict(),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=body,
    )


@csrf_exempt
@require_http_methods(["GET", "POST"])  # Some providers report by GET.
def gateway_webhook(request: HttpRequest, public_id: uuid.UUID, secret: str, kind: str) -> HttpResponse:
    try:
        call = read_call(request)
        inbox.receive_gateway_call(public_id=public_id, secret=secret, kind=kind, call=call, now=timezone.now())
    except TooLarge:
        return HttpResponse(status=413)
    except inbox.RefusedWebhook:
        return HttpResponse(status=401)
    except inbox.UnknownWebhook:
        return HttpResponse(status=404)
    return HttpResponse(status=200)
