"""How often "human" is right: labelled hits, judged on the request alone.

    python -m bench.clicks [--corpus FILE]

A corpus has a JSON object a line: `{"label": "human"|"bot", "method": "GET", "headers": {…}}`, optionally with its
`source`. Prints JSON: precision and recall of "human" with their Wilson 95 % intervals, the share that is unsure, who
was taken for what, and what was judged worst. Without FILE, all of tests/corpora/clicks.
"""

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "site"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chappe.settings")
from tests import environment  # noqa: F401  (before Django reads its settings)

import django  # isort: skip

django.setup()

from accounts.figures import Rate  # noqa: E402
from shortlinks.bots import Judgement, judge  # noqa: E402
from shortlinks.signs import signs_of  # noqa: E402

CORPUS = Path(__file__).resolve().parent.parent / "tests" / "corpora" / "clicks"
WORST = 12


def read(files: Iterable[Path]) -> Iterator[dict[str, Any]]:
    for file in files:
        yield from (json.loads(line) for line in file.read_text().splitlines() if line.strip())


def judged(hit: dict[str, Any]) -> Judgement:
    """The verdict on one hit, through the same two calls as on the redirect's way."""
    headers = {name.lower(): str(value) for name, value in hit["headers"].items()}
    return judge(signs_of(str(hit.get("method", "GET")).upper(), headers.get), headers.get("user-agent", "")[:400])


def measure(hits: Iterable[dict[str, Any]]) -> dict[str, Any]:
    confusion: Counter[tuple[str, str]] = Counter()
    wrong: Counter[tuple[str, str, str, str]] = Counter()
    for hit in hits:
        verdict, reason, _ = judged(hit)
        confusion[hit["label"], verdict] += 1
        if hit["label"] != verdict and not (hit["label"] == "bot" and verdict == "unsure"):
            wrong[hit["label"], verdict, reason, str(hit.get("source", "?"))[:80]] += 1
    people = sum(count for (label, _), count in confusion.items() if label == "human")
    called = sum(count for (_, verdict), count in confusion.items() if verdict == "human")
    unsure = sum(count for (_, verdict), count in confusion.items() if verdict == "unsure")
    right = confusion["human", "human"]
    return {
        "hits": confusion.total(),
        "precision": _rate(right, called),
        "recall": _rate(right, people),
        "unsure": _rate(unsure, confusion.total()),
        "confusion": {f"{label} taken for {verdict}": count for (label, verdict), count in sorted(confusion.items())},
        "worst": [[*kind, count] for kind, count in wrong.most_common(WORST)],
    }


def _rate(count: int, total: int) -> dict[str, Any]:
    rate = Rate(count, total)
    return {"share": rate.share, "interval": [rate.low, rate.high], "count": count, "of": total}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--corpus", type=Path)
    options = parser.parse_args()
    hits = read([options.corpus] if options.corpus else sorted(CORPUS.glob("*.jsonl")))
    print(json.dumps(measure(hits), indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
