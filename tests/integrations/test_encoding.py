import json
import os
import shutil
import subprocess
from pathlib import Path

import gsm0338
import pytest
import smsutil
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from integrations.gateways.encoding import (
    EXTENSION,
    GSM_7,
    Encoding,
    Measure,
    Mended,
    drop_emoji,
    measure,
    mend,
    split_parts,
)

GSM_CODEC = gsm0338.Codec()
VECTORS_FILE = settings.ROOT / "tests" / "payloads" / "encoding" / "vectors.json"
EIGHT_MESSAGES = settings.ROOT / "tests" / "files" / "eight_messages.json"
VECTORS = json.loads(VECTORS_FILE.read_text())

gsm_texts = st.text(st.sampled_from(sorted(GSM_7)), max_size=700)
# Mostly plain letters, so that long texts with a rare expensive character come up.
any_texts = st.text(
    st.one_of(st.sampled_from("abé €[~"), st.sampled_from("êç’😀👨"), st.characters(exclude_categories=["Cs"])),
    max_size=400,
)


def text_of(vector: dict) -> str:
    return "".join(piece * times for piece, times in vector["text"])


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: str(vector["text"])[:40])
def test_measure_follows_the_vectors(vector):
    measured = measure(text_of(vector))

    assert (measured.encoding, measured.units, measured.parts) == (
        vector["encoding"],
        vector["units"],
        vector["parts"],
    )
    if "guilty" in vector:
        assert measured.guilty == tuple((index, character) for index, character in vector["guilty"])


def test_measure_says_how_much_a_part_holds_at_this_length():
    assert measure("a" * 160) == Measure(Encoding.GSM_7, units=160, parts=1, per_part=160)
    assert measure("a" * 161) == Measure(Encoding.GSM_7, units=161, parts=2, per_part=153)
    assert measure("ê" * 2).per_part == 70
    assert measure("ê" * 71).per_part == 67


def test_the_alphabet_has_127_characters_and_10_more_behind_an_escape():
    assert len(GSM_7 - EXTENSION) == 127
    assert len(EXTENSION) == 10


@given(st.characters(exclude_categories=["Cs"], exclude_characters="\x1b"))
def test_a_character_is_gsm_exactly_when_the_codec_takes_it(character):
    try:
        GSM_CODEC.encode(character)
    except UnicodeError:
        is_gsm = False
    else:
        is_gsm = True

    assert (measure(character).encoding == Encoding.GSM_7) is is_gsm


@given(gsm_texts)
def test_gsm_units_are_the_bytes_of_the_codec(text):
    encoded, _ = GSM_CODEC.encode(text)

    assert measure(text).units == len(encoded)


@given(st.one_of(gsm_texts, any_texts))
def test_split_agrees_with_smsutil(text):
    split = smsutil.split(text)

    assert split_parts(text) == [part.content for part in split.parts if part.content]
    assert measure(text).units == split.total_bytes // (1 if split.encoding == "gsm0338" else 2)


@given(any_texts)
def test_parts_are_the_text_counted_and_each_fits(text):
    parts = split_parts(text)
    measured = measure(text)

    assert "".join(parts) == text
    assert len(parts) == measured.parts
    if measured.encoding == Encoding.UCS_2:
        assert all(len(part.encode("utf-16-be")) // 2 <= measured.per_part for part in parts)


def test_split_never_separates_an_escape_or_a_surrogate_pair():
    assert split_parts("a" * 152 + "€" + "b" * 20) == ["a" * 152, "€" + "b" * 20]
    assert split_parts("ê" * 66 + "😀" + "ê" * 66) == ["ê" * 66, "😀" + "ê" * 65, "ê"]


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("Hélène paie 12 € à Évreux, où ?", "Hélène paie 12 € à Évreux, où ?"),
        ("L’été d‘Anaïs", "L'été d'Anais"),
        ("«\u00a0Noël\u202f» “ici”", '"Noel" "ici"'),
        ("Sœur, ŒUVRE… – — ‑", "Soeur, OEUVRE... - - -"),
        ("Garçon ÇA", "Garcon ÇA"),
        ("ÀÂÈÊËÎÏÔÙÛ êëâîïôûÿ", "AAEEEIIOUU eeaiiouy"),
        ("20\u00a0h\u202f30", "20 h 30"),
        ("n° 5, 20 °C", "no 5, 20 degC"),
        ("• Chappe™", "- ChappeTM"),
        ("ze\u200bro\ufe0f a\u200db", "zero ab"),
        ("e\u0301te\u0301 e\u0302tre", "été etre"),
        ("Ioniță ﬁn", "Ionita fin"),
        ("Bravo 👨‍👩‍👧 ❤️", "Bravo 👨‍👩‍👧 ❤️"),
        ("Привет 你好", "Привет 你好"),
    ],
)
def test_mend_replaces_only_what_gsm_lacks(text, mended):
    assert mend(text).text == mended


def test_mend_lists_each_replacement_once():
    assert mend("L’été l’œil") == Mended("L'été l'oeil", (("’", "'"), ("œ", "oe")))


@given(any_texts)
def test_mend_is_stable(text):
    mended = mend(text).text

    assert mend(mended) == Mended(mended, ())


@given(gsm_texts)
def test_mend_leaves_gsm_text_alone(text):
    assert mend(text) == Mended(text, ())


@pytest.mark.skipif(
    shutil.which("node") is None and os.environ.get("CI") != "true", reason="Node.js is not on this machine"
)
def test_the_browser_counts_the_same():
    script = Path(settings.ROOT) / "static" / "integrations" / "encoding.js"
    program = f"""
        require({json.dumps(str(script))});
        const vectors = require({json.dumps(str(VECTORS_FILE))});
        const textOf = (vector) => vector.text.map(([piece, times]) => piece.repeat(times)).join("");
        console.log(JSON.stringify(vectors.map((vector) => globalThis.chappeEncoding.measure(textOf(vector)))));
    """

    output = subprocess.run(["node", "-e", program], capture_output=True, text=True, check=True, timeout=30).stdout

    ours = [(measure(text_of(vector)), split_parts(text_of(vector))) for vector in VECTORS]
    assert json.loads(output) == [
        {
            "encoding": measured.encoding.value,
            "units": measured.units,
            "parts": measured.parts,
            "perPart": measured.per_part,
            "guilty": [list(pair) for pair in measured.guilty],
            "pieces": pieces,
        }
        for measured, pieces in ours
    ]


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("Fête 🎉 ce soir", "Fête ce soir"),
        ("Bravo 👨‍👩‍👧 ❤️ !", "Bravo !"),
        ("👍🏽 à 12 €", "à 12 €"),
        ("France 🇫🇷🇫🇷", "France"),
        ("1️⃣ Entrez", "Entrez"),
        ("5 #1 *", "5 #1 *"),
        ("Привет 你好", "Привет 你好"),
        ("deux  espaces", "deux  espaces"),
    ],
)
def test_only_emoji_are_dropped_when_somebody_asks_for_it(text, bare):
    assert drop_emoji(text).text == bare


def test_the_eight_sample_messages_take_13_parts_as_written_and_8_after_the_offered_mends():
    messages = [message["text"] for message in json.loads(EIGHT_MESSAGES.read_text())]
    mended = [drop_emoji(mend(text).text).text for text in messages]

    assert [measure(text).parts for text in messages] == [3, 1, 2, 1, 1, 2, 1, 2]
    assert [measure(text).parts for text in mended] == [1] * 8
