"""Addresses as they travel: ASCII alone, whatever somebody typed."""

from urllib.parse import urlsplit

from django.utils.encoding import iri_to_uri

# What a QR code adds to the address it draws: `host/code/q`.
QR = "q"


def ascii_address(url: str) -> str:
    """The address as a Location header may carry it: host in punycode, the rest percent-encoded."""
    parts = urlsplit(url)
    host = parts.netloc if parts.netloc.isascii() else parts.netloc.encode("idna").decode()
    return iri_to_uri(parts._replace(netloc=host).geturl())
