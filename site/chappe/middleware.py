"""Who is calling, behind our proxies, a short way for machines, and the admin's content security policy."""

import threading
import time
from collections.abc import Callable

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils import translation

from accounts.addresses import client_address, is_within, parsed

# Wagtail's editor still writes a few inline styles and scripts (docs/decisions/0006); everything else is ours.
ADMIN_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline';"
    " script-src 'self' 'unsafe-inline'; frame-ancestors 'self'; form-action 'self'; base-uri 'self'; object-src 'none'"
)

# As in chappe.urls.
MACHINES = "/hooks/"
TRUSTED_SECONDS = 1.0


class ProxyMiddleware:
    """`REMOTE_ADDR` is the visitor's from here on, and what a stranger forwards is forgotten."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        meta, proxies = request.META, settings.TRUSTED_PROXIES
        peer = parsed(meta.get("REMOTE_ADDR", ""))
        if peer is None or not is_within(peer, proxies):
            for name in [name for name in meta if name.startswith("HTTP_X_FORWARDED_")]:
                del meta[name]
        meta["REMOTE_ADDR"] = client_address(str(peer or ""), meta.get("HTTP_X_FORWARDED_FOR", ""), proxies)
        return self.get_response(request)


class MachineDoorMiddleware:
    """Webhooks go straight to their views: no session, language or person. Those took a quarter of a call's time.

    Nor is a database connection that served this thread within the last second asked first whether it still works:
    where it does not, one call fails, and machines call again.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.thread = threading.local()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(MACHINES):
            return self.get_response(request)
        try:
            door = resolve(request.path_info)
        except Resolver404:
            return self.get_response(request)
        if time.monotonic() < getattr(self.thread, "trusts_until", 0):
            connection.health_check_done = True  # type: ignore[attr-defined]
        # The thread's last visitor may have had another language.
        with translation.override(settings.LANGUAGE_CODE):
            response: HttpResponse = door.func(request, *door.args, **door.kwargs)
        if response.status_code < 300:
            self.thread.trusts_until = time.monotonic() + TRUSTED_SECONDS
        response.headers["Content-Length"] = str(len(response.content))
        return response


class ContentSecurityPolicyMiddleware:
    """Sets the admin's policy where a view has not set its own. Landing and opt-out pages bring a stricter one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", ADMIN_POLICY)
        return response
