"""Numbers are given out: each link gets ranges of its domain's, and nobody else those."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django_scopes import scope

from shortlinks.aliases import first_free
from shortlinks.codes import LONG, SHORT
from shortlinks.models import CodeRange, ShortDomain, ShortLink
from shortlinks.services.domains import next_version

# Above this many living codes of 7 characters, guessing one gets too easy: new ones have 8.
MOST_SHORT_CODES = 3_500_000


@transaction.atomic
def reserve_range(
    *, link: ShortLink, size: int, now: datetime, is_followed: bool = True, has_agreed: bool = False
) -> CodeRange:
    """The next `size` positions of a link, as consecutive numbers of its domain that nobody else gets.

    Of a range that is not followed no click ever says whose it was, and no visit token is given. One whose recipients
    have not agreed themselves is followed as long as the workspace follows by default.
    """
    with scope(workspace=link.workspace):
        domain = next_version(link.domain_id)
        last = CodeRange.objects.filter(link=link).order_by("-first_position").first()
        return CodeRange.objects.create(
            workspace=link.workspace,
            domain=domain,
            link=link,
            start=_cut(domain, size, now),
            size=size,
            first_position=last.first_position + last.size if last else 0,
            is_followed=is_followed,
            has_agreed=is_followed and has_agreed,
            expires_at=now + timedelta(days=settings.SHORT_CODE_DAYS),
        )


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
