"""Words for what has no word of its own: characters and moments."""

import unicodedata
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.days import in_words

CHARACTERS = {
    "’": gettext_lazy("“’” (curly apostrophe)"),
    "‘": gettext_lazy("“‘” (curly apostrophe)"),
    "…": gettext_lazy("“…” (ellipsis in one character)"),
    "«": gettext_lazy("“«” (quotation mark)"),
    "»": gettext_lazy("“»” (quotation mark)"),
    "–": gettext_lazy("“–” (long dash)"),
    "—": gettext_lazy("“—” (long dash)"),
    "\u00a0": gettext_lazy("a no-break space"),
    "\u202f": gettext_lazy("a narrow no-break space"),
    "\u200d": gettext_lazy("an invisible joiner"),
    "œ": gettext_lazy("“œ” (letters in one)"),
}


def name_of_character(character: str) -> str:
    """A character as a reader can find it in a text."""
    if character in CHARACTERS:
        return str(CHARACTERS[character])
    if character.isprintable():
        return _("“%(character)s”") % {"character": character}
    return _("an invisible character (%(name)s)") % {"name": unicodedata.name(character, f"U+{ord(character):04X}")}


def words_of_moment(moment: datetime) -> str:
    """Tuesday 24 November, 10:30 — in the reader's words and time zone."""
    local = timezone.localtime(moment)
    return _("%(day)s at %(time)s") % {"day": in_words(local, "l j F"), "time": date_format(local, "H:i")}
