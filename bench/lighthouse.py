"""Lighthouse's marks for pages, as the median of several runs, with its preset for phones (a slow phone on slow 4G).

`python -m bench.lighthouse http://127.0.0.1:8000/lambert/winter/ …` prints JSON. Needs Node with Lighthouse 12
(`npm install lighthouse@12`, then `--lighthouse node_modules/.bin/lighthouse`) and a Chromium, on a quiet machine.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.machine import facts

CATEGORIES = ("performance", "accessibility", "best-practices")
AUDITS = {
    "fcp_ms": "first-contentful-paint",
    "lcp_ms": "largest-contentful-paint",
    "tbt_ms": "total-blocking-time",
    "cls": "cumulative-layout-shift",
    "bytes": "total-byte-weight",
}
CHROME = "--headless=new --no-sandbox --disable-gpu --disable-background-networking --disable-component-update"


# On a busy machine, Chromium now and then begins without being heard (NO_NAVSTART): such a run has no marks at all.
ATTEMPTS = 4


def measured(lighthouse: str, address: str) -> dict[str, float]:
    """One run: marks from 0 to 100, milliseconds, bytes."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return _marks_of(lighthouse, address)
        except subprocess.CalledProcessError:
            if attempt == ATTEMPTS:
                raise
    raise AssertionError(address)


def _marks_of(lighthouse: str, address: str) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "report.json"
        subprocess.run(
            [
                lighthouse,
                address,
                "--quiet",
                "--output=json",
                f"--output-path={target}",
                f"--only-categories={','.join(CATEGORIES)}",
                f"--chrome-flags={CHROME}",
            ],
            check=True,
            capture_output=True,
        )
        report = json.loads(target.read_text())
    marks = {name: 100 * report["categories"][name]["score"] for name in CATEGORIES}
    return marks | {name: report["audits"][audit]["numericValue"] for name, audit in AUDITS.items()}


def middle(runs: list[dict[str, float]]) -> dict[str, float]:
    return {name: round(statistics.median(run[name] for run in runs), 3) for name in runs[0]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("addresses", nargs="+")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--lighthouse", default=shutil.which("lighthouse") or "lighthouse")
    options = parser.parse_args()
    pages: dict[str, Any] = {}
    for address in options.addresses:
        pages[address] = middle([measured(options.lighthouse, address) for _ in range(options.runs)])
        print(f"{address} {pages[address]}", file=sys.stderr)
    print(json.dumps({"runs": options.runs, "pages": pages, "machine": facts()}, indent=2))


if __name__ == "__main__":
    main()
