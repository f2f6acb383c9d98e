"""Words that make a text an advertisement: a service message that carries one needs consent that nobody gave."""

import re
import unicodedata

SELLING = re.compile(
    r"\b("
    r"promo(?:s|tion|tions|tionnel|tionnelle)?|code promo|solde[sr]?|remises?|reductions?|rabais|ristournes?|"
    r"bons? d'achat|cadeaux?|offres?|offerte?s?|gratuite?s?|ventes? (?:privees?|flash)|black friday|french days|"
    r"profitez|decouvrez|nouvelle collection|parrainez|"
    r"sale|discount|voucher|coupon|special offer|free gift|deals?"
    r")\b|-\s?\d{1,2}\s?%|\d{1,2}\s?% off"
)


def selling_words(text: str) -> list[str]:
    """The advertising words of a text, as they stand in it, once each."""
    found = (text[match.start() : match.end()] for match in SELLING.finditer(fold(text)))
    return list(dict.fromkeys(found))


def fold(text: str) -> str:
    """Plain lower-case letters at the same places."""
    return "".join(map(_fold, text))


def _fold(character: str) -> str:
    """One plain lower-case letter for each, so that places stay the same."""
    if character in "’‘":
        return "'"
    if character in "–—−":
        return "-"
    if character.isspace():
        return " "
    return unicodedata.normalize("NFKD", character)[0].lower()[:1] or " "
