"""An alias and a code of the same spelling would be one address: whichever comes second gives way.

Aliases of seven and eight letters look like codes, and each decodes to a number of its domain. One that was given out
already is in somebody's messages: the alias is refused. One that was not is skipped when ranges are cut.
"""

import re
from bisect import bisect_left

from django.db.models.functions import Length
from django.utils.translation import gettext as _
from django_scopes import scope

from shortlinks.codes import SPACES, NotACode, codes_for
from shortlinks.models import CodeRange, ShortDomain, ShortLink

ALIAS = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


class BadAlias(ValueError):
    """Not an alias, or not a free one; the message says why."""


class AliasIsACode(BadAlias):
    """Somebody has this very code in a message."""


def check_alias(*, domain: ShortDomain, alias: str, link: ShortLink | None = None) -> None:
    """Whether `link`, or a new one, may have the alias. Raises BadAlias, with words for the person who typed it."""
    if not ALIAS.fullmatch(alias):
        raise BadAlias(_("Use letters without accents, digits and hyphens only: summer-sale."))
    with scope(workspace=domain.workspace):
        others = ShortLink.objects.filter(domain=domain, alias=alias).exclude(pk=link.pk if link and link.pk else 0)
        if other := others.first():
            raise BadAlias(_("“%(label)s” has this alias already.") % {"label": other.label})
        if _is_given_out(domain, number_of(domain, alias)):
            raise AliasIsACode(_("This is a code in messages that were sent. Add a letter or a hyphen."))


def _is_given_out(domain: ShortDomain, number: int | None) -> bool:
    if number is None:
        return False
    below = CodeRange.objects.filter(domain=domain, start__lte=number).order_by("-start").first()
    return below is not None and number < below.start + below.size


def first_free(*, domain: ShortDomain, start: int, size: int) -> int:
    """The first number from `start` on of which `size` in a row spell no alias."""
    taken = numbers_of_aliases(domain)
    while (place := bisect_left(taken, start)) < len(taken) and taken[place] < start + size:
        start = taken[place] + 1
    return start


def numbers_of_aliases(domain: ShortDomain) -> list[int]:
    aliases = ShortLink.objects.filter(domain=domain).exclude(alias="").alias(letters=Length("alias"))
    spelled = aliases.filter(letters__in=SPACES).values_list("alias", flat=True)
    return sorted(number for alias in spelled if (number := number_of(domain, alias)) is not None)


def number_of(domain: ShortDomain, alias: str) -> int | None:
    """The number whose code is spelled like the alias, if it could be one."""
    try:
        return codes_for(domain.key).decode(alias)
    except NotACode:
        return None
