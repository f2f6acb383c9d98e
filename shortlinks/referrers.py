"""Where somebody was when they followed a short link: the host alone, never the page, and never one of ours."""

import re
from functools import lru_cache
from urllib.parse import urlsplit

from django.conf import settings
from wagtail.models import Site

from shortlinks.models import ShortDomain

# Android's apps name themselves in the place of a host.
SCHEME_AND_HOST = len("android-app://") + 100 + len(":65535/")
ADDRESS = re.compile(r"(?:https?|android-app)://([a-z0-9.-]{1,100})(?::\d{1,5})?(?:[/?#].*)?", re.IGNORECASE)


def referring_host(address: str) -> str:
    """The host of a `Referer` header; empty for what is none."""
    # Nobody fills our memory with the rest.
    return _host(address[:SCHEME_AND_HOST]) if address else ""


@lru_cache(maxsize=4096)
def _host(address: str) -> str:
    found = ADDRESS.fullmatch(address)
    return found[1].lower() if found else ""


def own_hosts() -> set[str]:
    """Short hosts, the hosts of our pages, and this installation's own."""
    hosts = {*ShortDomain.objects.values_list("host", flat=True), *Site.objects.values_list("hostname", flat=True)}
    return {host.partition(":")[0] for host in hosts} | {urlsplit(settings.BASE_URL).hostname or ""}
