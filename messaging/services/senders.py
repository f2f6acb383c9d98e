"""What may stand where a phone shows the sender."""

import re

from django.utils.translation import gettext as _

NAME = re.compile(r"[A-Za-z0-9]{3,11}")
# Blocked or replaced by French operators since 10 March 2025: a generic word is the mark of a fraud.
GENERIC = frozenset(
    {
        *("alert", "alerte", "bank", "banque", "colis", "compte", "delivery", "info", "infos", "infosms"),
        *("livraison", "message", "offre", "promo", "rdv", "service", "sms"),
    }
)


class BadSender(Exception):
    """Operators refuse or replace this name."""


def check_sender_name(name: str) -> None:
    """Raises BadSender, saying what to change."""
    if not NAME.fullmatch(name):
        raise BadSender(_("A sender has 3 to 11 letters and digits: no spaces, accents or signs."))
    if name.isdigit():
        raise BadSender(_("A sender of digits only is refused by operators: add letters."))
    if name.lower() in GENERIC:
        raise BadSender(_("Operators replace generic words: use the name of your brand."))
