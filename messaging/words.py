"""What somebody meant who wrote to us: STOP, CONTACT, or something for a person to read."""

import re
import unicodedata
from dataclasses import dataclass

from messaging.models import InboundMessage

STOP_WORDS = frozenset(
    {
        *("stop", "arret", "arreter", "desabonner", "desabonnement", "desinscription", "desinscrire"),
        *("arretez", "stopper", "stoppez", "desabonnez", "desinscrivez", "unsubscribe", "fin", "resilier"),
    }
)
STOP_TEXTS = frozenset({"sms stop", "s t o p", "me desabonner", "me desinscrire"})
# Inside a sentence `fin` is no wish: "à la fin du mois".
HOLD_WORDS = STOP_WORDS - {"fin"}
# HELP is not in the French texts; it is answered like CONTACT.
CONTACT_WORDS = frozenset({"contact", "aide", "help"})
# The answers to "was it you?"; anywhere else they are for a person to read.
YES_TEXTS = frozenset({"oui", "yes", "oui merci", "oui svp", "yes please"})
NOT_A_WORD = re.compile(r"[^a-z0-9]+")
LONG_STOP = re.compile(r"\bs+t+o+p+(\d{5})?\b")


@dataclass(frozen=True)
class Meaning:
    kind: InboundMessage.Kind
    # A wish to stop may be in there: no marketing until somebody has read it.
    holds_marketing: bool = False


def fold(text: str) -> str:
    """Lower-case words without accents, signs, quotes and emoji, a space between them."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(character for character in decomposed if not unicodedata.combining(character))
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
    return Meaning(InboundMessage.Kind.REPLY, holds_marketing=not HOLD_WORDS.isdisjoint(words))
