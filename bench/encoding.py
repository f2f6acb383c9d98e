"""Do we count as the others do? `python -m bench.encoding [--cases FILE] [--texts 10000] [--seed N]`.

Measures random texts, and the texts of the cases, and compares with two oracles: the codec `gsm0338` (which characters
are in the alphabet, and how many septets a text takes) and the splitter `smsutil` (alphabet, units and parts). Cases
are JSON lines `{"text", "encoding": "gsm7"|"ucs2", "units", "parts"}`; without a file they are the vectors of the
tests.
Prints JSON; ends with 1 at the first difference of any kind.
"""

import argparse
import json
import random
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import gsm0338
import smsutil

from integrations.gateways.encoding import EXTENSION, GSM_7, Encoding, measure, split_parts

VECTORS = Path(__file__).resolve().parent.parent / "tests" / "payloads" / "encoding" / "vectors.json"
NAMES = {Encoding.GSM_7: "gsm7", Encoding.UCS_2: "ucs2"}
CODEC = gsm0338.Codec()
SHOWN = 20
PLAIN = sorted(GSM_7 - EXTENSION)
TWO_SEPTETS = sorted(EXTENSION)
TRAPS = ["ê", "ç", "’", "…", "œ", "\u00a0", "\u202f", "😀", "👨‍👩‍👧", "❤️", "€", "é", "Ω", "ﬁ", "e\u0301"]


class Count(NamedTuple):
    encoding: str
    units: int
    parts: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=Path)
    parser.add_argument("--texts", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    cases = list(cases_of_file(asked.cases) if asked.cases else cases_of_vectors())
    told = judge(cases, list(random_texts(asked.texts, asked.seed))) | {"seed": asked.seed}
    print(json.dumps(told, indent=2, ensure_ascii=False))
    sys.exit(1 if told["differences"] or not cases else 0)


def judge(cases: list[dict[str, Any]], texts: list[str]) -> dict[str, Any]:
    differences = [*against_cases(cases), *against_oracles([case["text"] for case in cases] + texts)]
    return {
        "cases": len(cases),
        "random_texts": len(texts),
        "encodings": dict(Counter(ours(text).encoding for text in texts)),
        "most_parts": max((ours(text).parts for text in texts), default=0),
        "differences": len(differences),
        "shown": differences[:SHOWN],
    }


def ours(text: str) -> Count:
    measured = measure(text)
    return Count(NAMES[measured.encoding], measured.units, measured.parts)


def against_cases(cases: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for case in cases:
        expected = Count(case["encoding"], case["units"], case["parts"])
        if ours(case["text"]) != expected:
            yield {"text": case["text"], "expected": expected, "ours": ours(case["text"])}


def against_oracles(texts: list[str]) -> Iterator[dict[str, Any]]:
    for text in texts:
        # An empty text has no alphabet; the escape alone is half a character, and only smsutil takes it for one.
        if not text or "\x1b" in text:
            continue
        if by_smsutil(text) != ours(text):
            yield {"text": text, "smsutil": by_smsutil(text), "ours": ours(text)}
        if smsutil_parts(text) != split_parts(text):
            yield {"text": text, "smsutil": smsutil_parts(text), "ours": split_parts(text)}
        if septets(text) != (ours(text).units if ours(text).encoding == "gsm7" else None):
            yield {"text": text, "gsm0338": septets(text), "ours": ours(text)}


def by_smsutil(text: str) -> Count:
    split = smsutil.split(text)
    is_gsm = split.encoding == "gsm0338"
    return Count("gsm7" if is_gsm else "ucs2", split.total_bytes // (1 if is_gsm else 2), len(smsutil_parts(text)))


def smsutil_parts(text: str) -> list[str]:
    return [part.content for part in smsutil.split(text).parts if part.content]


def septets(text: str) -> int | None:
    """As the codec counts them; None for what the alphabet has not."""
    try:
        return len(CODEC.encode(text)[0])
    except UnicodeError:
        return None


def cases_of_file(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8-sig") as lines:
        yield from (json.loads(line) for line in lines if line.strip())


def cases_of_vectors() -> Iterator[dict[str, Any]]:
    for vector in json.loads(VECTORS.read_text(encoding="utf-8")):
        text = "".join(piece * times for piece, times in vector["text"])
        yield vector | {"text": text, "encoding": NAMES[Encoding(vector["encoding"])]}


def random_texts(count: int, seed: int) -> Iterator[str]:
    """Plain ones, with rare costly characters, and of any script; often as long as a part or a few units beside it."""
    dice = random.Random(seed)
    for _ in range(count):
        kinds = dice.choices([PLAIN, TWO_SEPTETS, TRAPS, None], weights=dice.choice(WEIGHTS), k=dice.choice(LENGTHS))
        yield "".join(dice.choice(kind) if kind else any_character(dice) for kind in kinds)


WEIGHTS = [(1, 0, 0, 0), (20, 1, 0, 0), (100, 3, 1, 0), (10, 1, 3, 0), (3, 1, 1, 3), (0, 1, 0, 0), (0, 0, 1, 1)]
LENGTHS = [*range(1, 40), *range(60, 75), *range(130, 165), *range(300, 312), *range(455, 465), 700]


def any_character(dice: random.Random) -> str:
    """Of any plane; no half of a pair, and no escape."""
    point = dice.choice([dice.randrange(0x1C, 0x3000), dice.randrange(0xE000, 0x110000)])
    return chr(point)


if __name__ == "__main__":
    main()
