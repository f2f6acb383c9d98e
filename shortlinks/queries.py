"""Reads of short links that other rooms share."""

from bisect import bisect_right
from collections.abc import Iterable

from django.conf import settings
from django.utils.translation import gettext as _
from django_scopes import scope

from accounts.models import Workspace
from shortlinks.addresses import QR
from shortlinks.codes import codes_for
from shortlinks.models import CodeRange, ShortDomain, ShortLink


class NoShortDomain(Exception):
    """The workspace has no short domain yet."""


class UnknownPosition(LookupError):
    """The link has reserved no range that holds this position."""


def default_domain(*, workspace: Workspace) -> ShortDomain:
    """The domain that new links of the workspace get. Raises NoShortDomain."""
    with scope(workspace=workspace):
        domain = ShortDomain.objects.filter(workspace=workspace).order_by("-is_default", "pk").first()
    if domain is None:
        raise NoShortDomain(_("Add a short domain first."))
    return domain


def numbers_at(*, link: ShortLink, positions: Iterable[int]) -> dict[int, int]:
    """The domain's number of each position. Raises UnknownPosition."""
    with scope(workspace=link.workspace):
        ranges = list(CodeRange.objects.filter(link=link).order_by("first_position"))
    firsts = [code_range.first_position for code_range in ranges]
    numbers = {}
    for position in positions:
        place = bisect_right(firsts, position) - 1
        offset = position - firsts[place] if place >= 0 else -1
        if not 0 <= offset < (ranges[place].size if place >= 0 else 0):
            raise UnknownPosition(f"{link.pk}/{position}")
        numbers[position] = ranges[place].start + offset
    return numbers


def codes_at(*, link: ShortLink, positions: Iterable[int]) -> dict[int, str]:
    """The code of each position, in bulk: about a microsecond apiece. Raises UnknownPosition."""
    numbers = numbers_at(link=link, positions=positions)
    codes = codes_for(link.domain.key).encode_many(list(numbers.values()))
    return dict(zip(numbers, codes, strict=True))


def short_url(*, link: ShortLink, position: int) -> str:
    """`host/code`, as written in a text."""
    return f"{link.domain.host}/{codes_at(link=link, positions=[position])[position]}"


def alias_url(*, link: ShortLink) -> str:
    return f"{link.domain.host}/{link.alias}"


def poster_url(*, link: ShortLink) -> str:
    """The whole address that a link's QR code holds: a hit on it is told from one on the address in a text."""
    return f"{whole_url(link=link)}/{QR}"


def whole_url(*, link: ShortLink) -> str:
    """What a browser or a profile page wants: the alias with its scheme."""
    return f"{settings.SHORT_LINK_SCHEME}://{alias_url(link=link)}"
