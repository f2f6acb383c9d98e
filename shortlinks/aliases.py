"""An alias and a code of the same spelling would be one address: whichever comes second gives way.

Aliases of seven and eight letters look like codes, and each decodes to a number of its domain. One that was given out
already is in somebody's messages: the alias is refused. One that was not is skipped when ranges are cut.
"""

from bisect import bisect_left

from django.db.models.functions import Length
from django.utils.translation import gettext as _
from django_scopes import scope

from shortlinks.codes import SPACES, NotACode, codes_for
from shortlinks.models import CodeRange, ShortDomain, ShortLink


class AliasIsACode(ValueError):
    """Somebody has this very code in a message."""


def check_alias(*, domain: ShortDomain, alias: str) -> None:
    """Raises AliasIsACode, with words for the person who typed it."""
    number = number_of(domain, alias)
    if number is None:
        return
    with scope(workspace=domain.workspace):
        below = CodeRange.objects.filter(domain=domain, start__lte=number).order_by("-start").first()
    if below and number < below.start + below.size:
        raise AliasIsACode(_("This is a code in messages that were sent. Add a letter or a hyphen."))


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
