"""What a picture weighs in each format, and how far it is from the original.

`python -m bench.pictures [PICTURE …]` writes the pictures of the page templates, as wide as a page shows them, as WebP
and AVIF of several qualities. It chose `WAGTAILIMAGES_AVIF_QUALITY`: the best at which every picture weighs less than
its WebP and no step is seen (above 40 dB).
"""

import json
import math
import sys
import time
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image, ImageChops, ImageStat

from bench.machine import facts

ROOT = Path(__file__).resolve().parent.parent
WIDEST = 1170
QUALITIES = {"WEBP": (80,), "AVIF": (45, 50, 55, 60, 80)}


def noise_ratio(one: Image.Image, other: Image.Image) -> float:
    """Peak signal to noise, in decibels: above 40, eyes see no difference."""
    squares = ImageStat.Stat(ImageChops.difference(one, other)).sum2
    mean = sum(squares) / (len(squares) * one.width * one.height)
    return round(10 * math.log10(255**2 / mean), 1) if mean else math.inf


def written(picture: Image.Image, kind: str, quality: int) -> dict[str, Any]:
    file, started = BytesIO(), time.perf_counter()
    picture.save(file, kind, quality=quality)
    seconds = time.perf_counter() - started
    with Image.open(file) as again:
        decibels = noise_ratio(picture, again.convert("RGB"))
    return {"bytes": file.tell(), "decibels": decibels, "seconds": round(seconds, 2)}


def measured(path: Path) -> dict[str, Any]:
    with Image.open(path) as source:
        picture = source.convert("RGB")
    picture.thumbnail((WIDEST, 4 * WIDEST))
    figures = {
        f"{kind.lower()} {quality}": written(picture, kind, quality)
        for kind, qualities in QUALITIES.items()
        for quality in qualities
    }
    return {"width": picture.width, **figures}


def main(arguments: Sequence[str]) -> int:
    paths = [Path(each) for each in arguments] or sorted((ROOT / "landing").rglob("*.webp"))
    print(json.dumps({"pictures": {path.name: measured(path) for path in paths}, "machine": facts()}, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
