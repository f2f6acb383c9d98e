"""How a text travels: GSM-7 or UCS-2, how many units it takes, and where an operator cuts it into parts.

The browser's counter (`static/integrations/encoding.js`) follows the same rules and the same test vectors.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from itertools import pairwise

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# Each of these travels as an escape and a letter: two units that no cut may separate.
EXTENSION = frozenset("^{}\\[~]|€\f")
GSM_7 = BASIC | EXTENSION


class Encoding(StrEnum):
    GSM_7 = "gsm-7"
    UCS_2 = "ucs-2"


# Units that fit into a text of one part, and into each part of a longer one.
ONE_PART = {Encoding.GSM_7: 160, Encoding.UCS_2: 70}
EACH_PART = {Encoding.GSM_7: 153, Encoding.UCS_2: 67}


@dataclass(frozen=True)
class Measure:
    """What a text costs. `per_part` is how many units a part holds at this length; an empty text has no part.

    `guilty` names the characters that force UCS-2, with their index in the text (counted in characters).
    """

    encoding: Encoding
    units: int
    parts: int
    per_part: int
    guilty: tuple[tuple[int, str], ...] = ()


def measure(text: str) -> Measure:
    guilty = tuple((index, character) for index, character in enumerate(text) if character not in GSM_7)
    encoding, cost_of = _rules(is_gsm=not guilty)
    units = sum(map(cost_of, text))
    is_long = units > ONE_PART[encoding]
    return Measure(
        encoding=encoding,
        units=units,
        parts=sum(1 for _ in _cuts(text, cost_of, EACH_PART[encoding])) + 1 if is_long else min(units, 1),
        per_part=EACH_PART[encoding] if is_long else ONE_PART[encoding],
        guilty=guilty,
    )


def split_parts(text: str) -> list[str]:
    """The text as the operator cuts it; together the parts are the text. An empty text has none."""
    encoding, cost_of = _rules(is_gsm=GSM_7.issuperset(text))
    if sum(map(cost_of, text)) <= ONE_PART[encoding]:
        return [text] if text else []
    edges = [0, *_cuts(text, cost_of, EACH_PART[encoding]), len(text)]
    return [text[start:end] for start, end in pairwise(edges)]


def _rules(*, is_gsm: bool) -> tuple[Encoding, Callable[[str], int]]:
    return (Encoding.GSM_7, _septets) if is_gsm else (Encoding.UCS_2, _utf_16_units)


def _septets(character: str) -> int:
    return 2 if character in EXTENSION else 1


def _utf_16_units(character: str) -> int:
    return 2 if ord(character) > 0xFFFF else 1


def _cuts(text: str, cost_of: Callable[[str], int], room: int) -> Iterable[int]:
    """Where the next part begins: a character that takes two units moves over as a whole."""
    used = 0
    for index, character in enumerate(text):
        cost = cost_of(character)
        if used + cost > room:
            yield index
            used = 0
        used += cost


# What a French keyboard or word processor writes, and what GSM-7 offers instead. The letters that GSM-7
# has (é è à ù ì ò É Ç …) and the euro are never touched: a blanket transliteration would ruin them.
FRENCH = str.maketrans(
    {
        **dict.fromkeys("’‘ʼ‚", "'"),
        **dict.fromkeys("“”„«»", '"'),
        **dict.fromkeys("–—‑", "-"),
        **dict.fromkeys("\u00a0\u202f\u2009", " "),
        **dict.fromkeys("\u200b\u2060\ufeff\u00ad", ""),
        "…": "...",
        "œ": "oe",
        "Œ": "OE",
        "ç": "c",
        **dict.fromkeys("êë", "e"),
        "â": "a",
        **dict.fromkeys("îï", "i"),
        "ô": "o",
        "û": "u",
        "ÿ": "y",
        **dict.fromkeys("ÀÂ", "A"),
        **dict.fromkeys("ÈÊË", "E"),
        **dict.fromkeys("ÎÏ", "I"),
        "Ô": "O",
        **dict.fromkeys("ÙÛ", "U"),
        "•": "-",
        "™": "TM",
        "°": "deg",
    }
)
# Longer than a character, so ahead of the map: « inner space », n°, and what joins or colours an emoji
# that is not there (joiners between real emoji stay: those are the writer's to remove).
PHRASES = (
    (re.compile("«[\u00a0\u202f\u2009]?"), '"'),
    (re.compile("[\u00a0\u202f\u2009]?»"), '"'),
    (re.compile("(?<=[nN])°"), "o"),
    (re.compile(f"(?<=[{re.escape(''.join(sorted(GSM_7)))}])[\u200d\ufe0e\ufe0f]"), ""),
)


@dataclass(frozen=True)
class Mended:
    """A text closer to GSM-7, and what was replaced by what, each pair once, in order of appearance."""

    text: str
    replacements: tuple[tuple[str, str], ...]


def mend(text: str) -> Mended:
    """Replace what GSM-7 lacks by its French equivalent. Emoji and foreign scripts stay: those are a person's call."""
    seen: dict[str, str] = {}

    def note(after: str, before: str) -> str:
        if before != after:
            seen.setdefault(before, after)
        return after

    def note_match(after: str, match: re.Match[str]) -> str:
        return note(after, match[0])

    text = unicodedata.normalize("NFC", text)
    for pattern, after in PHRASES:
        text = pattern.sub(partial(note_match, after), text)
    return Mended("".join(note(_mended_character(each), each) for each in text), tuple(seen.items()))


def _mended_character(character: str) -> str:
    if character in GSM_7:
        return character
    mapped = character.translate(FRENCH)
    if mapped != character:
        return mapped
    plain = "".join(part for part in unicodedata.normalize("NFKD", character) if not unicodedata.combining(part))
    return plain if plain and GSM_7.issuperset(plain) else character


def drop_emoji(text: str) -> Mended:
    """The text without the pictures that GSM-7 lacks, and without the space each leaves behind."""
    pictures = tuple(dict.fromkeys(PICTURE.findall(text)))
    bare = PICTURE.sub("", text)
    return Mended(re.sub(" {2,}", " ", bare).strip() if pictures else text, tuple((each, "") for each in pictures))


def _picture() -> re.Pattern[str]:
    """Whole emoji: flags of two letters, families joined into one, skin tones, keycaps."""
    one = r"(?:[\u2190-\u21ff\u2300-\u27bf\u2900-\u297f\u2b00-\u2bff\U0001f000-\U0001faff]|[0-9#*](?=\ufe0f?\u20e3))"
    tail = r"[\ufe0e\ufe0f\u20e3\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]*"
    return re.compile(f"{one}{tail}(?:\u200d{one}{tail})*")


PICTURE = _picture()
