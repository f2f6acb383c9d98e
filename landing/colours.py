"""Colours in OKLCH, where lightness is what the eye sees: hue and chroma can stay while contrast is mended."""

import math
from collections.abc import Sequence
from typing import NamedTuple

WHITE = "#ffffff"
BLACK = "#000000"
STEP = 0.005


class Lch(NamedTuple):
    lightness: float
    chroma: float
    hue: float


def _to_linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _to_gamma(value: float) -> float:
    return 12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055


def channels(colour: str) -> list[float]:
    """Red, green and blue of `#rrggbb`, from 0 to 1."""
    return [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]


def written(rgb: Sequence[float]) -> str:
    """`#rrggbb`."""
    return "#" + "".join(f"{round(min(1.0, max(0.0, value)) * 255):02x}" for value in rgb)


def luminance(colour: str) -> float:
    red, green, blue = (_to_linear(value) for value in channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG 2: from 1 to 21."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def mix(one: str, other: str, share: float) -> str:
    """`one`, moved by `share` towards `other`."""
    return written([a * (1 - share) + b * share for a, b in zip(channels(one), channels(other), strict=True)])


def oklch(colour: str) -> Lch:
    red, green, blue = (_to_linear(value) for value in channels(colour))
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    medium = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    return Lch(lightness, math.hypot(a, b), math.atan2(b, a))


def from_oklch(lightness: float, chroma: float, hue: float) -> str:
    """The colour, with as much of its chroma as sRGB holds."""
    while True:
        rgb = _linear_rgb(lightness, chroma * math.cos(hue), chroma * math.sin(hue))
        if chroma < 0.002 or all(-0.0005 <= value <= 1.0005 for value in rgb):
            return written([_to_gamma(max(0.0, value)) for value in rgb])
        chroma *= 0.96


def _linear_rgb(lightness: float, a: float, b: float) -> tuple[float, float, float]:
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def repair(colour: str, *, grounds: Sequence[str], ratio: float) -> str:
    """Keep hue and chroma; move lightness away from the grounds until the ratio holds on every one of them."""
    lightness, chroma, hue = oklch(colour)
    away = -1 if sum(map(luminance, grounds)) / len(grounds) > 0.18 else 1
    while 0 <= lightness <= 1:
        candidate = from_oklch(lightness, chroma, hue)
        if all(contrast(candidate, ground) >= ratio for ground in grounds):
            return candidate
        lightness += away * STEP
    return BLACK if away < 0 else WHITE


def on_fill(fill: str, *, ink: str, paper: str) -> str:
    """What to write with on a filled surface: the first that reads very well, or one that reads well."""
    for colour in (paper, ink, WHITE, BLACK):
        if contrast(colour, fill) >= 7:
            return colour
    for colour in (paper, ink):
        if contrast(colour, fill) >= 4.5:
            return colour
    # One of the two always reaches 4.5.
    return max((WHITE, BLACK), key=lambda colour: contrast(colour, fill))
