"""Who is calling, behind our proxies, and the admin's content security policy."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts.addresses import client_address, is_within, parsed

# Wagtail's editor still writes a few inline styles and scripts (docs/decisions/0006); everything else is ours.
ADMIN_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline';"
    " script-src 'self' 'unsafe-inline'; frame-ancestors 'self'; form-action 'self'; base-uri 'self'; object-src 'none'"
)


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


class ContentSecurityPolicyMiddleware:
    """Sets the admin's policy where a view has not set its own. Landing and opt-out pages bring a stricter one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", ADMIN_POLICY)
        return response
