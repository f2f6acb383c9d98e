"""Where a short link may lead."""

import re
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.utils.encoding import iri_to_uri
from django.utils.translation import gettext as _
from django_scopes import scopes_disabled

from accounts.models import Workspace
from shortlinks.models import ShortDomain

DEFAULT_PORTS = {"http": 80, "https": 443}
# Control characters, spaces and the backslash, which browsers read as a slash.
UNSAFE = re.compile(r"[\x00-\x20\x7f\\]")


class BadTarget(ValueError):
    """The address is not one that a short link may lead to; the message says why."""


def check_target(url: str) -> None:
    """Raises BadTarget with words for the person who typed the address."""
    if not url or len(url) > 2000 or UNSAFE.search(url):
        raise BadTarget(_("This is not a web address: it is empty, too long, or holds spaces or hidden characters."))
    parts = _parts_of(url)
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
        raise BadTarget(_("Start the address with https:// or http:// and a host name."))
    if parts.username is not None or parts.password is not None:
        raise BadTarget(_("Leave the user name and the password out of the address."))
    if _is_ours(parts):
        raise BadTarget(_("This address is itself a short link; it would lead in a circle."))


def leads_home(*, workspace: Workspace, url: str) -> bool:
    """Whether the address is a page of our own: on the installation's host, or on the workspace's."""
    homes = [settings.BASE_URL, *([workspace.site.root_url] if workspace.site else [])]
    return any(url == home or url.startswith(f"{home}/") for home in homes)


def ascii_address(url: str) -> str:
    """The address as a Location header may carry it: host in punycode, the rest percent-encoded."""
    parts = urlsplit(url)
    host = parts.netloc if parts.netloc.isascii() else parts.netloc.encode("idna").decode()
    return iri_to_uri(parts._replace(netloc=host).geturl())


def _parts_of(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
        ascii_address(url)
    except ValueError:
        return SplitResult("", "", "", "", "")
    return parts


def _is_ours(parts: SplitResult) -> bool:
    port = parts.port or DEFAULT_PORTS[parts.scheme]
    names = {parts.hostname, f"{parts.hostname}:{port}"}
    with scopes_disabled():
        return ShortDomain.objects.filter(host__in=names).exists()
