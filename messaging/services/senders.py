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
# Names that fraud borrows most, and that operators keep for their owners (af2m, protection of sensitive senders):
# a list for a warning, as of November 2026, since the owner may well be the one who sends.
PROTECTED = frozenset(
    {
        *("ameli", "antai", "caf", "cpam", "dgfip", "edf", "enedis", "engie", "franceco", "impots", "police", "urssaf"),
        *("chronopost", "colissimo", "dhl", "dpd", "fedex", "laposte", "mondialrelay", "ups", "vinted"),
        *("bnp", "boursorama", "cic", "creditagri", "lcl", "paypal", "visa", "amazon", "apple", "google", "netflix"),
        *("bouygues", "free", "orange", "sfr", "sosh"),
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
    if name.lower().strip("0123456789") in GENERIC:
        raise BadSender(_("Operators replace generic words: use the name of your brand."))


def is_protected(name: str) -> bool:
    """Operators ask who uses this name for a proof that it is theirs."""
    return name.lower().strip("0123456789") in PROTECTED
