"""Writes of short links. Every change takes the domain's next version under its row lock, which is how
redirect processes learn of it (directory.py)."""

import os
import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Sum
from django.utils.translation import gettext as _
from django_scopes import scope, scopes_disabled

from accounts.models import Workspace
from shortlinks.aliases import AliasIsACode, check_alias, first_free
from shortlinks.codes import LONG, SHORT
from shortlinks.models import CodeRange, LinkTarget, ShortDomain, ShortLink
from shortlinks.queries import NoShortDomain, default_domain, numbers_at
from shortlinks.targets import BadTarget, check_target

__all__ = [
    "AliasIsACode",
    "BadHost",
    "BadTarget",
    "HostTaken",
    "NoShortDomain",
    "check_host",
    "create_domain",
    "create_tracked_link",
    "make_default",
    "move_domain",
    "publish_link",
    "reserve_range",
    "set_targets",
]

HOST = re.compile(r"(?=.{1,120}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*(:[1-9][0-9]{0,4})?$")
# Above this many living codes of 7 characters, guessing one gets too easy: new ones have 8.
MOST_SHORT_CODES = 3_500_000


class BadHost(ValueError):
    """Not a host name, with or without a port."""


class HostTaken(Exception):
    """Another workspace, or this one, already has the host."""


@transaction.atomic
def create_domain(*, workspace: Workspace, host: str, is_default: bool = False) -> ShortDomain:
    """A short domain with a permutation key of its own; a workspace's first one is its default.

    Raises BadHost, HostTaken.
    """
    host = host.strip().lower()
    check_host(host)
    with scope(workspace=workspace):
        is_first = not ShortDomain.objects.filter(workspace=workspace).exists()
        domain = ShortDomain.objects.create(workspace=workspace, host=host, key=os.urandom(16))
        return make_default(domain=domain) if is_default or is_first else domain


@transaction.atomic
def make_default(*, domain: ShortDomain) -> ShortDomain:
    """New links of the workspace get this domain from now on."""
    with scope(workspace=domain.workspace):
        ShortDomain.objects.filter(is_default=True).update(is_default=False)
        domain.is_default = True
        domain.save(update_fields=["is_default"])
    return domain


@transaction.atomic
def move_domain(*, domain: ShortDomain, host: str) -> ShortDomain:
    """The domain answers on another host from now on; its codes stay what they are. Raises BadHost, HostTaken."""
    host = host.strip().lower()
    if host == domain.host:
        return domain
    check_host(host)
    domain = _next_version(domain.pk)
    domain.host = host
    domain.save(update_fields=["host"])
    return domain


def create_tracked_link(
    *,
    workspace: Workspace,
    label: str,
    target_url: str,
    carries_visit: bool,
    expires_at: datetime | None = None,
    domain: ShortDomain | None = None,
    is_per_number: bool = False,
) -> ShortLink:
    """A link whose recipients get a code each, from ranges reserved later. Raises NoShortDomain, BadTarget."""
    link = ShortLink(
        workspace=workspace,
        domain=domain or default_domain(workspace=workspace),
        label=label,
        target_url=target_url,
        carries_visit=carries_visit,
        expires_at=expires_at,
        is_per_number=is_per_number,
    )
    return publish_link(link=link)


@transaction.atomic
def publish_link(*, link: ShortLink) -> ShortLink:
    """Write the link as it stands; every redirect process follows within two seconds.

    Raises BadTarget, AliasIsACode.
    """
    check_target(link.target_url)
    with scope(workspace=link.workspace):
        domain = _next_version(link.domain_id)
        # Under the lock that ranges are cut under: neither can get in the other's way.
        check_alias(domain=domain, alias=link.alias)
        link.version = domain.version
        link.save()
    return link


@transaction.atomic
def reserve_range(*, link: ShortLink, size: int, now: datetime) -> CodeRange:
    """The next `size` positions of a link, as consecutive numbers of its domain that nobody else gets."""
    with scope(workspace=link.workspace):
        domain = _next_version(link.domain_id)
        last = CodeRange.objects.filter(link=link).order_by("-first_position").first()
        return CodeRange.objects.create(
            workspace=link.workspace,
            domain=domain,
            link=link,
            start=_cut(domain, size, now),
            size=size,
            first_position=last.first_position + last.size if last else 0,
            expires_at=now + timedelta(days=settings.SHORT_CODE_DAYS),
        )


@transaction.atomic
def set_targets(*, link: ShortLink, targets: Mapping[int, str]) -> None:
    """Targets of their own for some positions of a `per number` link. Raises BadTarget, UnknownPosition."""
    for url in targets.values():
        check_target(url)
    with scope(workspace=link.workspace):
        numbers = numbers_at(link=link, positions=list(targets))
        rows = [
            LinkTarget(workspace=link.workspace, link=link, number=number, url=targets[position])
            for position, number in numbers.items()
        ]
        LinkTarget.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["link", "number"], update_fields=["url"]
        )


def check_host(host: str) -> None:
    if not HOST.match(host):
        raise BadHost(_("Write the host alone, such as go.example.com."))
    with scopes_disabled():
        if ShortDomain.objects.filter(host=host).exists():
            raise HostTaken(host)


def _next_version(domain_id: int) -> ShortDomain:
    """The domain's row, locked until the transaction ends, one version on."""
    ShortDomain.objects.filter(pk=domain_id).update(version=F("version") + 1)
    return ShortDomain.objects.get(pk=domain_id)


def _cut(domain: ShortDomain, size: int, now: datetime) -> int:
    """First of `size` fresh numbers: short codes while few of them live, long ones after that."""
    living = CodeRange.objects.filter(domain=domain, start__lt=SHORT.end, expires_at__gt=now)
    if (living.aggregate(total=Sum("size"))["total"] or 0) + size <= MOST_SHORT_CODES:
        counter, first = "next_number", SHORT.first
    else:
        counter, first = "next_long_number", LONG.first
    start = first_free(domain=domain, start=first + getattr(domain, counter), size=size)
    ShortDomain.objects.filter(pk=domain.pk).update(**{counter: start - first + size})
    return start
