"""The doors that machines call. They read the request, call one service, and answer."""

import json
import uuid
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from integrations.calls import BadCall
from integrations.gateways.base import WebhookCall
from integrations.services import inbox, shops, sources


class TooLarge(Exception):
    """The body is longer than any honest call."""


def read_call(request: HttpRequest, limit: int = inbox.MAX_BODY_BYTES) -> WebhookCall:
    """The request, raw. Raises TooLarge."""
    body = request.read(limit + 1)
    if len(body) > limit:
        raise TooLarge
    return WebhookCall(
        method=request.method or "",
        query=request.GET.dict(),
        headers=_headers(request.META),
        body=body,
    )


def _headers(meta: Mapping[str, Any]) -> dict[str, str]:
    """By their names in small letters; Django's own reading of them takes several times as long."""
    told = {name[5:]: value for name, value in meta.items() if name.startswith("HTTP_")}
    told |= {name: meta[name] for name in ("CONTENT_TYPE", "CONTENT_LENGTH") if name in meta}
    return {name.lower().replace("_", "-"): value for name, value in told.items()}


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


@csrf_exempt
@require_POST
def shop_webhook(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    try:
        call = read_call(request, shops.MAX_BODY_BYTES)
        answer = shops.receive_shop_call(public_id=public_id, call=call, now=timezone.now())
    except TooLarge:
        return HttpResponse(status=413)
    except shops.UnknownConnection:
        return HttpResponse(status=404)
    except inbox.RefusedWebhook:
        return HttpResponse(status=401)
    except shops.Disconnected:
        return HttpResponse(status=410)
    return HttpResponse(json.dumps(answer), content_type="application/json")


@csrf_exempt
@require_POST
def event_webhook(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Whoever writes the program reads these answers: a refusal says why."""
    try:
        call = read_call(request, sources.MAX_BODY_BYTES)
        is_new = sources.receive_call(public_id=public_id, call=call, now=timezone.now())
    except TooLarge:
        return _refused(413, f"The body is longer than {sources.MAX_BODY_BYTES} bytes.")
    except sources.UnknownSource:
        return _refused(404, "There is no source of events at this address.")
    except inbox.RefusedWebhook:
        return _refused(401, "The signature does not match, or is older than five minutes.")
    except sources.SwitchedOff:
        return _refused(410, "This source of events was switched off.")
    except BadCall as error:
        return _refused(422, str(error))
    return JsonResponse({"accepted": True, "repeated": not is_new}, status=202)


def _refused(status: int, why: str) -> JsonResponse:
    return JsonResponse({"accepted": False, "problem": why}, status=status)
