"""Short domains: each a host with a permutation key of its own, and a version that moves on with every change."""

import os
import re
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _
from django_scopes import scope, scopes_disabled

from accounts.models import Workspace
from shortlinks.answering import trouble_of
from shortlinks.models import ShortDomain

HOST = re.compile(r"(?=.{1,120}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*(:[1-9][0-9]{0,4})?$")


# How often a host is asked whether it answers, and how often while it does not.
EVERY, SOON = timedelta(hours=1), timedelta(minutes=10)
MOST_AT_ONCE = 20


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
    domain = next_version(domain.pk)
    domain.host = host
    domain.save(update_fields=["host"])
    return domain


def check_answering(*, domain: ShortDomain, now: datetime) -> ShortDomain:
    """Ask the host whether it is we who answer there, and keep what it says. It takes some seconds at worst."""
    domain.trouble, domain.checked_at = trouble_of(domain), now
    with scope(workspace=domain.workspace):
        # Its other fields may have changed while we asked.
        ShortDomain.objects.filter(pk=domain.pk).update(trouble=domain.trouble, checked_at=now)
    return domain


def check_due_domains(*, now: datetime) -> int:
    """Ask the hosts that were not asked for long, those in trouble more often; how many were asked."""
    long_ago = Q(checked_at=None) | Q(checked_at__lt=now - EVERY) | ~Q(trouble="") & Q(checked_at__lt=now - SOON)
    with scopes_disabled():
        due = list(
            ShortDomain.objects.filter(long_ago).select_related("workspace").order_by("checked_at")[:MOST_AT_ONCE]
        )
    for domain in due:
        check_answering(domain=domain, now=now)
    return len(due)


def check_host(host: str) -> None:
    if not HOST.match(host):
        raise BadHost(_("Write the host alone, such as go.example.com."))
    with scopes_disabled():
        if ShortDomain.objects.filter(host=host).exists():
            raise HostTaken(host)


def next_version(domain_id: int) -> ShortDomain:
    """The domain's row, locked until the transaction ends, one version on."""
    ShortDomain.objects.filter(pk=domain_id).update(version=F("version") + 1)
    return ShortDomain.objects.get(pk=domain_id)
