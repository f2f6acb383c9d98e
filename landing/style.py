"""One style sheet per page, written into the page, and the policy that lets this one in and nothing else."""

import base64
import hashlib
import re
from functools import lru_cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.utils.safestring import SafeString, mark_safe

from landing import theme

SHEET = "landing/landing.css"
FONT = "landing/fonts/chappe-display.woff2"
POLICY = (
    "default-src 'none'; img-src 'self'; font-src 'self'; style-src '{style}';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)


def minified(css: str) -> str:
    """Without comments and without the spaces that nothing depends on."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.S)
    css = re.sub(r"\s+", " ", css)
    css = re.sub(r"\s*([{};,>])\s*", r"\1", css)
    # Before a colon a space may mean "inside of": `.hero :focus-visible`.
    return re.sub(r": ", ":", css).replace(";}", "}").strip()


@lru_cache(maxsize=1)
def _sheet() -> str:
    return minified(Path(str(finders.find(SHEET))).read_text())


def style(choices: theme.Choices) -> SafeString:
    """What stands between `<style>` and `</style>`."""
    sheet = _sheet().replace("fonts/chappe-display.woff2", static(FONT))
    # Only our own file and validated choices go in.
    return mark_safe(sheet + theme.css(choices))  # noqa: S308


def hashed(text: str) -> str:
    """How a policy names what stands in the page itself."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def policy(css: str) -> str:
    """The content security policy of a page whose only style is this one."""
    return POLICY.format(style=hashed(css))
