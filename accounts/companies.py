"""The number of a French company: SIREN (nine digits) or, with five more for one of its places, SIRET.

The last digit of each checks the others (Luhn, sirene.fr); La Poste's many places are the known exception.
"""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

NUMBER = re.compile(r"[0-9]{9}(?:[0-9]{5})?")


def compact(written: str) -> str:
    """As it is kept: 732 829 320 and 732829320 are the same."""
    return re.sub(r"[\s.]", "", written)


def in_words(number: str) -> str:
    """SIREN 732 829 320, SIRET 732 829 320 00074; nothing for none."""
    if not number:
        return ""
    parts = [number[:3], number[3:6], number[6:9], number[9:]]
    return "\N{NO-BREAK SPACE}".join(["SIRET" if parts[3] else "SIREN", *filter(None, parts)])


def check_company_number(number: str) -> None:
    if not NUMBER.fullmatch(number) or _remainder(number[:9]):
        raise ValidationError(_("Enter a SIREN (9 digits) or a SIRET (14 digits)."), code="company_number")


def _remainder(digits: str) -> int:
    """Every second digit from the right counts double; nothing is left of a right number."""
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(sum(divmod(value, 10)) for value in doubled) % 10
