"""Where links lead: every change is kept, and known to every redirect process within two seconds."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.crypto import get_random_string
from django_scopes import scope

from accounts.models import User, Workspace
from shortlinks.aliases import check_alias
from shortlinks.models import LinkTarget, ShortDomain, ShortLink, TargetChange, UtmTemplate
from shortlinks.queries import default_domain, numbers_at
from shortlinks.registry import leads_to_shop, shop_hosts
from shortlinks.rules import rules_of, words_of
from shortlinks.services.domains import next_version
from shortlinks.targets import check_target

Part = TargetChange.Part
# Nothing that looks like something else when it is typed from a poster.
ALIAS_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


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
def publish_link(*, link: ShortLink, by: User | None = None) -> ShortLink:
    """Write the link as it stands; every redirect process follows within two seconds.

    `by` is whoever leads it elsewhere, nobody when a page has moved. Raises BadTarget, BadRule, BadAlias.
    """
    with scope(workspace=link.workspace):
        before = ShortLink.objects.filter(pk=link.pk).first()
        _check_addresses(link, before)
        domain = next_version(link.domain_id)
        link.carries_click_id = wants_click_id(link, shop_hosts(link.workspace))
        if link.alias:
            # Under the lock that ranges are cut under: neither can get in the other's way.
            check_alias(domain=domain, alias=link.alias, link=link)
        link.version = domain.version
        link.save()
        if before:
            _keep_history(before, link, str(by or ""))
    return link


def wants_click_id(link: ShortLink, hosts: frozenset[str]) -> bool:
    """A visit token and a click id never travel together: one is for our pages, the other for a shop."""
    return not link.carries_visit and leads_to_shop(link.target_url, hosts)


@transaction.atomic
def follow_shops(*, workspace: Workspace) -> int:
    """Shops have come, gone or moved: links that lead there say from now on who comes; how many links have changed."""
    with scope(workspace=workspace):
        hosts = shop_hosts(workspace)
        changed = [
            link.pk for link in ShortLink.objects.iterator() if link.carries_click_id != wants_click_id(link, hosts)
        ]
        domains = ShortLink.objects.filter(pk__among=set(changed)).values_list("domain", flat=True)
        for domain_id in sorted(set(domains)):
            ShortLink.objects.filter(pk__among=set(changed), domain=domain_id).update(
                version=next_version(domain_id).version, carries_click_id=~F("carries_click_id")
            )
    return len(changed)


@transaction.atomic
def give_poster_alias(*, link: ShortLink, by: User | None = None) -> ShortLink:
    """An address for everybody, beside the codes of the recipients; a link that has an alias keeps it."""
    if link.alias:
        return link
    # The hyphen keeps it apart from every code.
    link.alias = f"qr-{get_random_string(6, ALIAS_LETTERS)}"
    return publish_link(link=link, by=by)


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


@transaction.atomic
def save_utm(*, workspace: Workspace, source: str, medium: str, campaign: str) -> UtmTemplate:
    """What the workspace's links add to their addresses from now on, where they add anything."""
    values = {"source": source, "medium": medium, "campaign": campaign}
    with scope(workspace=workspace):
        template, _created = UtmTemplate.objects.update_or_create(workspace=workspace, defaults=values)
        for domain_id in ShortDomain.objects.order_by("pk").values_list("pk", flat=True):
            version = next_version(domain_id).version
            ShortLink.objects.filter(domain=domain_id, has_utm=True).update(version=version)
    return template


def _check_addresses(link: ShortLink, before: ShortLink | None) -> None:
    """The new ones: a link whose host was blocked since can still be renamed, or switched off."""
    rules_of(link)
    for url in set(link.addresses) - set(before.addresses if before else []):
        check_target(url)


def _keep_history(before: ShortLink, link: ShortLink, author: str) -> None:
    changes = {
        Part.TARGET: (before.target_url, link.target_url),
        Part.FALLBACK: (before.fallback_url, link.fallback_url),
        Part.RULES: (words_of(before), words_of(link)),
    }
    TargetChange.objects.bulk_create(
        TargetChange(workspace=link.workspace, link=link, part=part, before=old, after=new, author=author[:150])
        for part, (old, new) in changes.items()
        if old != new
    )
