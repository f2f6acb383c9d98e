"""The style sheet of a page, written into the page, and the policy that lets this one in and nothing else."""

import base64
import hashlib
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.utils.safestring import SafeString, mark_safe

from landing import theme

# What differs by device comes last.
SHEETS = ("landing/landing.css", "landing/blocks.css", "landing/devices.css")
POLICY = (
    "default-src 'none'; img-src 'self'; font-src 'self'; style-src {styles};"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)


def minified(css: str) -> str:
    """Without comments and without the spaces that nothing depends on."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.S)
    css = re.sub(r"\s+", " ", css)
    css = re.sub(r"\s*([{};,>])\s*", r"\1", css)
    # Before a colon a space may mean "inside of": `.hero :focus-visible`.
    return re.sub(r": ", ":", css).replace(";}", "}").strip()


def _read(name: str) -> str:
    return Path(str(finders.find(name))).read_text()


@lru_cache(maxsize=1)
def _sheet() -> str:
    return "".join(minified(_read(name)) for name in SHEETS)


@lru_cache(maxsize=256)
def style(choices: theme.Choices, scheme: str = "") -> SafeString:
    """What stands between `<style>` and `</style>`; `scheme` forces `light` or `dark`, for previews."""
    face = theme.FONTS[choices.font].face(static(choices.font)) if choices.font else ""
    sheet = _sheet()
    if scheme:
        sheet = sheet.replace("(prefers-color-scheme:dark)", "all" if scheme == "dark" else "not all")
    # Only our own files and validated choices go in.
    return mark_safe(face + sheet + theme.css(choices, scheme))  # noqa: S308


@lru_cache(maxsize=16)
def script(name: str) -> SafeString:
    """A small script of blocks, as it is written into the page."""
    lines = (line.strip() for line in _read(f"landing/scripts/{name}.js").splitlines())
    # Our own file.
    return mark_safe("".join(line for line in lines if not line.startswith("//")))  # noqa: S308


def hashed(text: str) -> str:
    """How a policy names what stands in the page itself."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def policy(
    css: str, scripts: Sequence[str] = (), may_connect: bool = False, sources: Sequence[tuple[str, str]] = ()
) -> str:
    """The content security policy of a page whose only style and scripts are these, and `sources` what it lets in."""
    parts = [POLICY.format(styles=f"'{hashed(css)}'")]
    if scripts:
        parts.append("script-src " + " ".join(f"'{hashed(text)}'" for text in scripts))
    if may_connect:
        parts.append("connect-src 'self'")
    allowed: dict[str, list[str]] = {}
    for directive, origin in sources:
        allowed.setdefault(directive, []).append(origin)
    parts += [f"{directive} {' '.join(origins)}" for directive, origins in allowed.items()]
    return "; ".join(parts)
