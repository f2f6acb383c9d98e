"""What somebody meant who wrote to us: STOP, CONTACT, or something for a person to read."""

import re
import unicodedata
from dataclasses import dataclass

from messaging.models import InboundMessage

STOP_WORDS = frozenset(
    {
        *("stop", "arret", "arreter", "desabonner", "desabonnement", "desinscription", "desinscrire"),
        *("unsubscribe", "fin", "resilier"),
        # As people write the same to somebody.
        *("arrete", "arretez", "stopper", "stoppez", "desabonne", "desabonnez"),
        *("desinscris", "desinscrivez", "resiliez"),
    }
)
STOP_TEXTS = frozenset({"sms stop", "me desabonner", "me desinscrire"})
# Inside a sentence `fin` is no wish: "à la fin du mois".
HOLD_WORDS = (STOP_WORDS - {"fin"}) | {"spam", "harcelement", "cnil", "rgpd", "33700", "oppose"}
# An opposition needs no keyword (GDPR, article 21): these are read by a person, and nothing is sent meanwhile.
HOLD_PHRASES = re.compile(
    r"\bplus (recevoir|rien recevoir|etre contacte\w*|jamais|de vos|(de|aucun|aucune) (sms|texto|message|pub)\w*)\b"
    r"|\b(ecrivez|ecrire|envoyez|envoyer|contactez|contacter|recevoir) plus\b"
    r"|\b(retirez|supprimez|enlevez|effacez) (moi|mon|mes)\b"
    r"|\b(laissez|fichez|foutez) moi (tranquille|la paix|en paix)\b"
    r"|\b(remove me|leave me alone|opt out)\b"
)
HOLD_SIGNS = frozenset("🛑⛔🚫")
# HELP is not in the French texts; it is answered like CONTACT.
CONTACT_WORDS = frozenset({"contact", "aide", "help"})
# The answers to "was it you?"; anywhere else they are for a person to read.
YES_TEXTS = frozenset({"oui", "yes", "oui merci", "oui svp", "yes please"})
# Accents once they stand alone, and characters of no width.
UNSEEN = frozenset({"Mn", "Me", "Cf"})
NOT_A_WORD = re.compile(r"[^a-z0-9]+")
LONG_STOP = re.compile(r"\b(s+t+o+p+(\d{5}|sms|pubs?)?|s t o p)\b")


@dataclass(frozen=True)
class Meaning:
    kind: InboundMessage.Kind
    # A wish to stop may be in there: no marketing until somebody has read it.
    holds_marketing: bool = False


def fold(text: str) -> str:
    """Lower-case words without accents, signs, quotes and emoji, a space between them."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(character for character in decomposed if unicodedata.category(character) not in UNSEEN)
    words = NOT_A_WORD.sub(" ", letters).strip()
    return LONG_STOP.sub("stop", words)


def says_yes(text: str) -> bool:
    return fold(text) in YES_TEXTS


def meaning_of(text: str) -> Meaning:
    folded = fold(text)
    words = folded.split()
    if words and (words[0] in STOP_WORDS or folded in STOP_TEXTS):
        return Meaning(InboundMessage.Kind.STOP)
    if folded in CONTACT_WORDS:
        return Meaning(InboundMessage.Kind.CONTACT)
    return Meaning(InboundMessage.Kind.REPLY, holds_marketing=_may_wish_to_stop(text, folded))


def _may_wish_to_stop(text: str, folded: str) -> bool:
    has_word = not HOLD_WORDS.isdisjoint(folded.split())
    return has_word or not HOLD_SIGNS.isdisjoint(text) or HOLD_PHRASES.search(folded) is not None
