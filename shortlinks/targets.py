"""Where a short link may lead: to the public web, under its true name, and never in a circle."""

import unicodedata
from urllib.parse import SplitResult, quote, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _
from django_scopes import scopes_disabled

from accounts.models import Workspace
from shortlinks.addresses import ascii_address
from shortlinks.blocking import is_blocked
from shortlinks.hosts import address_of, deviates, is_disguised, is_name, is_private
from shortlinks.models import ShortDomain

DEFAULT_PORTS = {"http": 80, "https": 443}
MOST_CHARACTERS = 2_000
# Control characters, invisible ones, surrogates, and every kind of space.
HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"}


class BadTarget(ValueError):
    """The address is not one that a short link may lead to; the message says why."""


def check_target(url: str) -> None:
    """Raises BadTarget with words for the person who typed the address."""
    check_writing(url)
    parts = _parts_of(url)
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
        raise BadTarget(_("Start the address with https:// or http:// and a host name."))
    if "@" in parts.netloc:
        raise BadTarget(_("Leave the user name and the password out of the address."))
    host = parts.hostname.rstrip(".")
    if not _is_our_site(parts):
        check_public(host)
    if is_disguised(host) or deviates(urlsplit(url).netloc):
        text = _("This name mixes alphabets and is not what it looks like; it really is %(host)s.")
        raise BadTarget(text % {"host": host})
    if _is_ours(parts, host):
        raise BadTarget(_("This address is itself a short link; it would lead in a circle."))
    if is_blocked(url):
        raise BadTarget(_("The operator of this installation allows no links to %(host)s.") % {"host": host})


def check_writing(url: str) -> None:
    """Raises BadTarget."""
    if not url:
        raise BadTarget(_("Give an address."))
    # The backslash: browsers read it as a slash.
    if "\\" in url or any(unicodedata.category(character) in HIDDEN for character in url):
        raise BadTarget(_("This address holds spaces, backslashes or hidden characters."))
    # It grows on its way: an accent travels as six characters.
    if len(url) > MOST_CHARACTERS or len(quote(url)) > 4 * MOST_CHARACTERS:
        text = _("This address is too long: %(most)s characters at most.")
        raise BadTarget(text % {"most": MOST_CHARACTERS})


def check_public(host: str) -> None:
    """Raises BadTarget."""
    try:
        private = is_private(host)
        whole = private or address_of(host) is not None or is_name(host)
    except ValueError:
        private = whole = False
    if private:
        raise BadTarget(_("This host belongs to a private network: your readers would not get there."))
    if not whole:
        raise BadTarget(_("“%(host)s” is not the name of a host on the internet.") % {"host": host})


def leads_home(*, workspace: Workspace, url: str) -> bool:
    """Whether the address is a page of our own: on the installation's host, or on the workspace's."""
    homes = [settings.BASE_URL, *([workspace.site.root_url] if workspace.site else [])]
    return any(url == home or url.startswith(f"{home}/") for home in homes)


def _parts_of(url: str) -> SplitResult:
    """The pieces of the address as it will travel."""
    try:
        parts = urlsplit(ascii_address(url))
        _port(parts)
    except (ValueError, KeyError):
        return SplitResult("", "", "", "", "")
    return parts


def _is_our_site(parts: SplitResult) -> bool:
    """On a developer's machine our own pages are on the loopback."""
    home = urlsplit(settings.BASE_URL)
    return (parts.scheme, parts.hostname, _port(parts)) == (home.scheme, home.hostname, _port(home))


def _port(parts: SplitResult) -> int:
    return parts.port or DEFAULT_PORTS[parts.scheme]


def _is_ours(parts: SplitResult, host: str) -> bool:
    """A short domain's own port is its own; without one, every port of the host is taken for it."""
    with scopes_disabled():
        return ShortDomain.objects.filter(host__in={host, f"{host}:{_port(parts)}"}).exists()
