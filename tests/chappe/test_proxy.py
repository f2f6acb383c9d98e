"""The site behind a front server: who calls, and over what, is what our own proxies say."""

from ipaddress import ip_network

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from chappe.middleware import ProxyMiddleware


def seen(peer, **headers):
    """The address and the scheme that the rest of the site sees."""
    seen = []
    request = RequestFactory().get("/", REMOTE_ADDR=peer, headers=headers)
    ProxyMiddleware(lambda request: seen.extend([request.META["REMOTE_ADDR"], request.scheme]) or HttpResponse())(
        request
    )
    return seen


@pytest.fixture(autouse=True)
def behind_a_proxy(settings):
    settings.TRUSTED_PROXIES = [ip_network("10.0.0.0/8")]
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")


def test_what_a_proxy_says_is_believed():
    said = {"X-Forwarded-For": "198.51.100.66, 203.0.113.9", "X-Forwarded-Proto": "https"}

    assert seen("10.0.0.1", **said) == ["203.0.113.9", "https"]


def test_what_a_stranger_says_is_forgotten():
    said = {"X-Forwarded-For": "198.51.100.66", "X-Forwarded-Proto": "https"}

    assert seen("203.0.113.9", **said) == ["203.0.113.9", "http"]


def test_a_caller_without_an_address_is_nobody():
    assert seen("", **{"X-Forwarded-For": "198.51.100.66"}) == ["", "http"]
